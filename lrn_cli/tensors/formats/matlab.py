"""MATLAB's files of version 5, which `save` writes unless it is told -v7.3, and of version 4. SciPy reads them."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.tensors.format import Format
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo

_VERSION_5 = (b"\x00\x01IM", b"\x01\x00MI")  # little-endian, big-endian; 7.3, which is HDF5, has a 2 for the 1
_VERSION_AT = 124


class Matlab(Format):
    """Variables of MATLAB's, read only: outputs called .mat are HDF5, as MATLAB's own of version 7.3 are."""

    name = "mat"
    suffixes = (".mat",)
    holds = "variables"
    may_crash = True
    in_python = "scipy.io.loadmat({file})[{member}]"

    def matches(self, head: bytes) -> bool:
        """Whether it begins as files of version 5 do, or with a variable of version 4."""
        from lrn_cli.tensors.by_scipy.variables import order_of_4

        version = head[_VERSION_AT : _VERSION_AT + 4]
        named = head.startswith(b"MATLAB 5.0 MAT-file") or (version in _VERSION_5 and b"\0" not in head[:4])
        return named or order_of_4(head) != ""

    def describe(self, path: Path, _reading: Reading) -> list[TensorInfo]:
        """All variables, in the file's order."""
        from lrn_cli.tensors.by_scipy.matlab import describe

        return describe(path)

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The variable of that name."""
        from lrn_cli.tensors.by_scipy.matlab import open_variable

        return open_variable(path, info, reading)


FORMATS = (Matlab(),)
