"""Variables of MATLAB files as tensors: read where they lie in the file, or unpacked and converted by SciPy."""

from __future__ import annotations

import os
import zlib
from io import BytesIO, FileIO
from pathlib import Path
from threading import Lock

import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.by_scipy.library import AGAIN, in_words, need_scipy
from lrn_cli.tensors.by_scipy.variables import HEADER_5, Variable, order_of_4, variables
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.npy.files import FlatSource
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo

_BESIDES = 1 << 12
"""Bytes of a variable's element besides its numbers."""
_PIECE = 1 << 20


def describe(path: Path) -> list[TensorInfo]:
    """All variables of a file, in its order.

    Raises:
        LrnError: It is damaged, or SciPy is missing.
    """
    with path.open("rb", buffering=0) as file:
        version = 4 if order_of_4(file.read(HEADER_5)) else 5
        need_scipy(path, f"a MATLAB file of version {version}")
        return [variable.info for variable in variables(path, file)]


def open_variable(path: Path, info: TensorInfo, reading: Reading) -> Source:
    """A variable, by its description.

    Raises:
        LrnError: The file is damaged, or is another one by now.
    """
    file = path.open("rb", buffering=0)
    try:
        there = variables(path, file)
        found = next((variable for variable in there if variable.info == info), None)
        if found is None:
            raise LrnError(f"{path}: the file was changed since it was looked at", "try again")
        plain = FlatSource(path, info, file, found.flat) if found.flat else None
        source = plain or PackedSource(path, found, file, reading)
        source.left_behind = "its other variables" if len(there) > 1 else ""
        return source
    except BaseException:
        file.close()
        raise


class PackedSource(Source):
    """A variable that is compressed, or stored in another type than its own: read as a whole with the first block.

    Args:
        path: The file's name.
        variable: What is known of it.
        file: The file, open; closed with the source.
        reading: How to read.
    """

    path: Path

    def __init__(self, path: Path, variable: Variable, file: FileIO, reading: Reading) -> None:
        self.path, self.info, self._variable, self._file = path, variable.info, variable, file
        self._long_call = reading.long_call
        self._unchanged = Unchanged(path, file.fileno())
        self._values: Array | None = None
        self._loading = Lock()

    def read(self, box: Box, out: Array) -> None:
        """Read a block, loading the variable first if nobody has."""
        if not out.size:
            return
        with self._loading:
            if self._values is None:
                with self._long_call(), in_words(f"{self.path}::{self.info.member}"):
                    self._values = self._load()
        out[...] = self._values.T[box]

    def _load(self) -> Array:
        """The variable as SciPy reads it from a file that holds no other."""
        from scipy.io import loadmat

        alone = BytesIO()
        alone.write(os.pread(self._file.fileno(), HEADER_5, 0))
        self._unpack(alone)
        alone.seek(0)
        values: Array = loadmat(alone, variable_names=[self.info.member])[self.info.member]
        if not isinstance(values, np.ndarray) or values.shape != self.info.shape:
            raise LrnError(f"{self.path}::{self.info.member}: the variable is damaged", AGAIN)
        return values

    def _unpack(self, into: BytesIO) -> None:
        """Write the variable's element as it is without compression, unless that is more than its shape takes."""
        _, begin, end, _ = self._variable
        if not self.info.filters:
            into.write(os.pread(self._file.fileno(), end - begin, begin))
            return
        unpacking, most = zlib.decompressobj(), self.info.nbytes + _BESIDES
        for at in range(begin, end, _PIECE):
            piece = os.pread(self._file.fileno(), min(_PIECE, end - at), at)
            while piece and most:
                unpacked = unpacking.decompress(piece, min(_PIECE, most))
                most -= into.write(unpacked)
                piece = unpacking.unconsumed_tail
        shown = f"{self.path}::{self.info.member}"
        if not most:
            raise LrnError(f"{shown}: unpacks to more than the {self.info.nbytes:,} bytes of its shape", AGAIN)
        if not unpacking.eof:  # there a checksum stands, too
            raise LrnError(f"{shown}: is cut short or damaged", AGAIN)

    def finish(self) -> None:
        """Check that nobody has written to the file meanwhile."""
        self._unchanged.check()

    def close(self) -> None:
        """Let go of the numbers and the file."""
        self._values = None
        self._file.close()
