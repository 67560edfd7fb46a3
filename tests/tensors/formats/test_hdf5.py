"""HDF5 files, as h5py writes and reads them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from lrn_cli.dtypes import Array
from tests.tensors.formats.battery import Battery, Example, random

MEMBER = "/block/features"


def make(path: Path, values: Array, options: dict[str, Any]) -> None:
    """A file of two datasets, with attributes, a scale and a link."""
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset(MEMBER, data=values, **options)
        dataset.attrs.update({"units": "mV", "levels": np.arange(3)})
        file["batch"] = np.arange(len(values))
        file["batch"].make_scale("batch")
        dataset.dims[0].attach_scale(file["batch"])
        file.attrs["title"], file["soft"] = "a title", h5py.SoftLink(MEMBER)


def load(path: Path) -> Array:
    """The dataset."""
    with h5py.File(path) as file:
        values: Array = file[MEMBER][...]
        return values


def tell(path: Path) -> dict[str, object]:
    """What the file says beside the values."""
    with h5py.File(path) as file:
        dataset = file[MEMBER]
        return {
            "storage": (dataset.chunks, dataset.compression, dataset.compression_opts, dataset.shuffle),
            "type": (dataset.dtype.str, dataset.maxshape, dataset.fletcher32),
            "attributes": (dataset.attrs["units"], dataset.attrs["levels"].tolist(), file.attrs["title"]),
            "scale": (dataset.dims[0].keys(), file["batch"][...].tolist(), file["soft"] == dataset),
        }


def hdf5(name: str, values: Array, **options: Any) -> Example:
    """A dataset made with these options of `h5py.Group.create_dataset`."""
    return Example(name, "h5", ".h5", values, partial(make, values=values, options=options), load, MEMBER, tell)


class TestHdf5(Battery):
    """Contiguous and chunked, with and without filters, in both orders of bytes."""

    EXAMPLES = (
        hdf5("contiguous", random((3, 5, 4, 6))),
        hdf5("big-endian", random((7, 9), ">f8")),
        hdf5("whole numbers", random((5, 6, 7), "i2")),
        hdf5("a chunk for each sample", random((3, 5, 4, 6)), chunks=(1, 5, 4, 6)),
        hdf5("chunks that stick out", random((7, 9), "f2"), chunks=(4, 5), maxshape=(None, 9)),
        hdf5("packed", random((3, 5, 4, 6)), chunks=(2, 2, 4, 6), compression="gzip", shuffle=True, fletcher32=True),
    )
