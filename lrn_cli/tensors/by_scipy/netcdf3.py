"""Variables of NetCDF-3 files as tensors: SciPy tells where their elements lie, which are read there block by block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from io import FileIO
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.boxes import Box, runs
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.by_scipy.library import AGAIN, in_words, need_scipy
from lrn_cli.tensors.meaning import NAMES, Meaning
from lrn_cli.tensors.npy.files import FlatSource
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo

_STREAMED = b"\xff\xff\xff\xff"
"""In place of the number of records, where a writer did not know it; SciPy takes it for -1."""


class Variable(NamedTuple):
    """A variable of a file.

    Attributes:
        info: Its description.
        offset: Where its first element is in the file.
        record: Bytes from one index of its first axis to the next: those of other variables may lie between.
        attributes: Those that say something of its numbers.
    """

    info: TensorInfo
    offset: int
    record: int
    attributes: dict[str, Array]


def variables(path: Path) -> list[Variable]:
    """All variables of a file, in its order.

    Raises:
        LrnError: It is cut short or damaged, or SciPy is missing.
    """
    need_scipy(path, "a NetCDF-3 file")
    from scipy.io import netcdf_file

    with path.open("rb") as raw:
        if raw.read(8)[4:] == _STREAMED:
            raise LrnError(f"{path}: does not tell how many records it has, it was not written to its end", AGAIN)
    with in_words(path), closing(netcdf_file(path, "r", mmap=True)) as file:
        return [_variable(name, variable) for name, variable in file.variables.items()]


def _variable(name: str, variable: Any) -> Variable:
    data: Array = variable.data
    whole = data
    while isinstance(whole.base, np.ndarray):
        whole = whole.base  # until the file as it is mapped into memory
    member = name.encode("latin-1").decode("utf-8", "replace")  # SciPy takes each byte for a letter
    scale = variable.dimensions == (name,)
    attributes = {key: _value(getattr(variable, key)) for key in NAMES if hasattr(variable, key)}
    return Variable(
        TensorInfo(data.shape, data.dtype, member, auxiliary=scale),
        data.__array_interface__["data"][0] - whole.__array_interface__["data"][0],
        data.strides[0] if data.shape else 0,
        {key: value for key, value in attributes.items() if value.size},
    )


def _value(value: Any) -> Array:
    return np.asarray(value.decode("utf-8", "replace") if isinstance(value, bytes) else value)


class Netcdf3Source(Source):
    """A variable.

    Args:
        path: The file.
        info: The variable's description.
        reading: How to read.

    Raises:
        LrnError: The file is damaged, or is another one by now.
    """

    path: Path

    def __init__(self, path: Path, info: TensorInfo, reading: Reading) -> None:
        self.path = path
        file = path.open("rb", buffering=0)
        try:
            there = variables(path)
            found = next((variable for variable in there if variable.info == info), None)
            if found is None:
                raise LrnError(f"{path}: the file was changed since it was looked at", "try again")
            self._meaning = Meaning(info, found.attributes, reading.cf)
            self._stored = _Records(path, found, file)
            self.left_behind = "its attributes, dimensions" + " and other variables" * (len(there) > 1)
        except BaseException:
            file.close()
            raise
        self.info = info if self._meaning.decoding is None else info._replace(dtype=self._meaning.decoding.dtype)

    def survey(self) -> tuple[str, ...]:
        """Look at what the attributes say of the numbers; see `Source`."""
        return tuple(self._meaning.survey(f"{self.path}::{self.info.member}", self._stored.read))

    def read(self, box: Box, out: Array) -> None:
        """Read a block."""
        self._meaning.read(self._stored.read, box, out)

    def finish(self) -> None:
        """Check that nobody has written to the file meanwhile."""
        self._stored.finish()

    def close(self) -> None:
        """Let go of the file."""
        self._stored.close()


class _Records(FlatSource):
    """A variable as it is stored: without gaps, or in records that hold those of other variables, too."""

    def __init__(self, path: Path, variable: Variable, file: FileIO) -> None:
        super().__init__(path, variable.info, file, variable.offset)
        itemsize, self._inner = variable.info.dtype.itemsize, variable.info.shape[1:]
        self._record = 0 if variable.record == prod(self._inner) * itemsize else variable.record

    def places(self, box: Box) -> Iterator[tuple[int, int]]:
        """Where the pieces of a block lie in the file, and how many bytes each has."""
        if not self._record:
            yield from super().places(box)
            return
        itemsize = self.info.dtype.itemsize
        for record in range(box[0].start, box[0].stop):
            for start, count in runs(box[1:], self._inner):
                yield self._offset + record * self._record + start * itemsize, count * itemsize
