"""What the tests of HDF5 share: a tensor without a file, and one way from a source to a sink."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.formats.hdf5 import FORMATS
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo, Writing

(FORMAT,) = FORMATS
ALLOWED = Reading(allow_external=True)
F4 = np.dtype("f4")


class InMemory(Source):
    """A tensor from no file; `stored` is given in storage order."""

    def __init__(
        self, stored: Array, *, fortran_order: bool = False, path: Path | None = None, member: str = ""
    ) -> None:
        self.stored, self.path = stored, path
        shape = stored.shape[::-1] if fortran_order else stored.shape
        self.info = TensorInfo(shape, stored.dtype, member, fortran_order)

    def read(self, box: Box, out: Array) -> None:
        out[...] = self.stored[box]


@dataclass
class Journey:
    """Carries a tensor from a source into an HDF5 file, and keeps what was said on the way."""

    notices: list[str] = field(default_factory=list)

    def carry(self, source: Source, target: Path, member: str = "", times: float = 1, **asked: Any) -> None:
        """Write the source's numbers, multiplied, in two blocks along the first axis in storage order."""
        dtype = np.dtype(asked.pop("dtype", source.info.dtype))
        writing = Writing(target, member, source.info.shape, dtype, source, notice=self.notices.append, **asked)
        with FORMAT.create(writing) as sink:
            for box in _halves(source.storage_shape):
                block = np.empty([part.stop - part.start for part in box], source.info.dtype)
                source.read(box, block)
                sink.write(box, np.asarray(block * times, dtype))

    def carry_dataset(self, path: Path, name: str, target: Path, member: str = "", **asked: Any) -> None:
        """The same for a dataset of an HDF5 file."""
        with open_dataset(path, name) as source:
            self.carry(source, target, member, **asked)


def open_dataset(path: Path, member: str, reading: Reading | None = None) -> Source:
    """Open a dataset by its path alone."""
    return FORMAT.open(path, TensorInfo((), F4, member), reading or Reading())


def read_all(path: Path, member: str, reading: Reading | None = None) -> Array:
    """All numbers of a dataset, through its source."""
    with open_dataset(path, member, reading) as source:
        out = np.empty(source.storage_shape, source.info.dtype)
        source.read(tuple(slice(0, length) for length in out.shape), out)
    return out


def refusal(error: LrnError) -> str:
    """Message and hint, after a look at their form: one line each."""
    assert "\n" not in error.message + error.hint
    return f"{error.message} | {error.hint}"


def leftovers(folder: Path) -> list[str]:
    """Names of unfinished files."""
    return [entry.name for entry in folder.iterdir() if "lrn-partial" in entry.name]


def _halves(shape: tuple[int, ...]) -> list[Box]:
    if not shape:
        return [()]
    rest = tuple(slice(0, length) for length in shape[1:])
    middle = shape[0] // 2
    return [(slice(0, middle), *rest), (slice(middle, shape[0]), *rest)]
