"""The data that is measured with: made in blocks, in processes of their own."""

from __future__ import annotations

import io
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from tests.benchmarks.timing import MeasurementError

MIB = 2**20
GIB = 2**30
CAFFE = ("-c", "caffe:local_size=5,alpha=5e-4,beta=0.75")
ANY_BETA = ("-c", "caffe:local_size=5,alpha=5e-4,beta=0.6")
TF = ("-c", "tf:depth_radius=2,alpha=1e-4,beta=0.75")

Shape = tuple[int, ...]


def apart(function: Callable[..., None], *arguments: object) -> None:
    """Call a function in a process of its own, so that its memory does not count as that of commands run later."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    process.start()
    try:
        process.join()
    finally:  # when we are interrupted, it must not go on making data in a folder that is being removed
        process.kill()
        process.join()
    if process.exitcode:
        raise MeasurementError(f"the data could not be made: {function.__name__}{arguments}")


def samples(nbytes: int, tail: Shape, dtype: str) -> Shape:
    """The shape with as many samples of shape `tail` as come nearest to `nbytes`.

    >>> samples(1000, (4, 5), "float32")
    (12, 4, 5)
    """
    return (max(nbytes // (int(np.prod(tail)) * np.dtype(dtype).itemsize), 1), *tail)


def header(shape: Shape, dtype: str) -> bytes:
    """The header of an .npy file."""
    buffer = io.BytesIO()
    npy.write_array_header_1_0(
        buffer, {"shape": shape, "fortran_order": False, "descr": npy.dtype_to_descr(np.dtype(dtype))}
    )
    return buffer.getvalue()


def write_npy(path: Path, shape: Shape, dtype: str = "float32") -> None:
    """Write normally distributed numbers, the same ones again after each 8 MiB: what they are changes no time."""
    block = _numbers(8 * MIB // np.dtype(dtype).itemsize, dtype).view(np.uint8)
    left = int(np.prod(shape)) * np.dtype(dtype).itemsize
    with path.open("wb") as file:
        file.write(header(shape, dtype))
        while left:
            left -= file.write(block[:left].data)


def write_hdf5(source: Path, target: Path, chunks: Shape | bool | None) -> None:
    """Write the tensor of an .npy file as the only dataset of an HDF5 file.

    Args:
        source: The .npy file.
        target: The HDF5 file.
        chunks: Their shape; True for those that h5py would choose, None for none.
    """
    import h5py

    x = np.load(source, mmap_mode="r")
    with h5py.File(target, "w") as file:
        dataset = file.create_dataset("x", x.shape, x.dtype, chunks=chunks)
        # Whole chunks at a time: otherwise each would be read and written again for each of its parts.
        step = dataset.chunks[0] if dataset.chunks else 8
        for start in range(0, len(x), step):
            dataset[start : start + step] = x[start : start + step]


def write_tree(folder: Path, files: int, shape: Shape) -> None:
    """Write many .npy files of one shape, a hundred to a folder."""
    numbers = _numbers(int(np.prod(shape)), "float32").reshape(shape)
    for index in range(files):
        inner = folder / f"{index // 100:03}"
        inner.mkdir(parents=True, exist_ok=True)
        np.save(inner / f"{index:05}.npy", numbers)


def reshape(path: Path, shape: Shape, dtype: str = "float32") -> None:
    """Give the numbers of an .npy file another shape of the same size, in place."""
    new = header(shape, dtype)
    with path.open("r+b") as file:
        if len(new) != len(header(np.load(path, mmap_mode="r").shape, dtype)):
            raise ValueError(f"the header of {path} has no room for the shape {shape}")
        file.write(new)


def in_page_cache(path: Path) -> None:
    """Read a file and wait until it is on the disk, so that it is in the page cache and nothing is to be written."""
    os.sync()
    with path.open("rb", buffering=0) as file:
        while file.read(MIB):
            pass


def _numbers(count: int, dtype: str) -> NDArray[Any]:
    return np.random.default_rng(0).standard_normal(count, dtype=np.float32).astype(dtype)
