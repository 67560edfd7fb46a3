"""Make feats.npy and feats.h5 from astronaut.png: `python samples/make_samples.py [FOLDER]`.

The feature maps are those of a first convolutional layer, with filters that are computed rather than learned: Gabor
filters of eight orientations and two sizes on the luminance, stride 2, then a ReLU. Neighbouring channels are
neighbouring orientations, so that normalization across channels has something to compete over.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image

PHOTOGRAPH = Path(__file__).with_name("astronaut.png")
WAVELENGTHS = (4.0, 8.0)  # pixels
ORIENTATIONS = 8  # over half a turn
STRIDE = 2
GAIN = 30.0  # brings the largest responses to about 7, as in trained networks
DESCRIPTION = "16 Gabor filters on luminance (wavelengths 4 and 8 pixels, 8 orientations each), stride 2, ReLU"

Array = NDArray[np.float32]


def filters() -> NDArray[np.float64]:
    """The filter bank, (16, 17, 17): the small wavelength first, each in its orientations; every filter sums to 0."""
    row, column = np.mgrid[-8:9, -8:9].astype(np.float64)
    bank = []
    for wavelength in WAVELENGTHS:
        for turn in range(ORIENTATIONS):
            angle = np.pi * turn / ORIENTATIONS
            across = column * np.cos(angle) + row * np.sin(angle)
            envelope = np.exp(-(row**2 + column**2) / (2 * (0.4 * wavelength) ** 2))
            wave = envelope * np.cos(2 * np.pi * across / wavelength)
            wave -= envelope * (wave.sum() / envelope.sum())
            bank.append(wave / np.abs(wave).sum())
    return np.stack(bank)


def feature_maps() -> Array:
    """The feature maps of the photograph, NHWC, (1, 96, 96, 16), float32."""
    with Image.open(PHOTOGRAPH) as image:
        red, green, blue = np.moveaxis(np.asarray(image, np.float64) / 255, 2, 0)
    luminance = 0.299 * red + 0.587 * green + 0.114 * blue
    padded = np.pad(luminance, 8, mode="reflect")
    # One shifted sum for each filter element: additions in a fixed order, which a BLAS would choose by the machine.
    rows, columns = (length // STRIDE for length in luminance.shape)
    maps = np.zeros((rows, columns, len(WAVELENGTHS) * ORIENTATIONS))
    for (row, column), weights in zip(np.ndindex(17, 17), filters().reshape(-1, 17 * 17).T, strict=True):
        shifted = padded[row : row + STRIDE * rows : STRIDE, column : column + STRIDE * columns : STRIDE]
        maps += shifted[:, :, None] * weights
    return np.maximum(GAIN * maps, 0).astype(np.float32)[None]


def write_hdf5(path: Path, maps: Array) -> None:
    """The same maps as NCHW in /features/conv1, the orientations as a dimension scale on its channels."""
    with h5py.File(path, "w", track_order=True) as file:
        options: dict[str, Any] = {
            "chunks": (1, 4, 96, 96),
            "compression": "gzip",
            "shuffle": True,
            "track_times": False,
        }
        dataset = file.create_dataset("features/conv1", data=maps.transpose(0, 3, 1, 2), **options)
        dataset.attrs["layout"] = "NCHW"
        dataset.attrs["source"] = PHOTOGRAPH.name
        dataset.attrs["filters"] = DESCRIPTION
        dataset.attrs["wavelengths"] = json.dumps(WAVELENGTHS)
        degrees = np.tile(np.arange(ORIENTATIONS) * 180 / ORIENTATIONS, len(WAVELENGTHS))
        scale = file.create_dataset("features/orientation", data=degrees.astype(np.float32), track_times=False)
        scale.attrs["units"] = "degrees"
        scale.make_scale("orientation")
        for axis, label in enumerate("NCHW"):
            dataset.dims[axis].label = label
        dataset.dims[1].attach_scale(scale)


def main(folder: Path) -> None:
    """Write both files into the folder."""
    maps = feature_maps()
    np.save(folder / "feats.npy", maps)
    write_hdf5(folder / "feats.h5", maps)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PHOTOGRAPH.parent)
