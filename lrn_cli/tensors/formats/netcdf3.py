"""NetCDF files of version 3, with 32- and 64-bit offsets. SciPy reads what is in them."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.tensors.format import Format
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo


class Netcdf3(Format):
    """Variables with dimensions, read only: outputs called .nc are HDF5, as netCDF-4 files are."""

    name = "netcdf3"
    suffixes = (".nc", ".cdf")
    holds = "variables"
    may_crash = True
    in_python = "scipy.io.netcdf_file({file}, mmap=False).variables[{member}][...]"

    def matches(self, head: bytes) -> bool:
        """Whether it begins as such files do; SciPy does not read those of 64-bit data, which have a 5 there."""
        return head.startswith((b"CDF\1", b"CDF\2"))

    def describe(self, path: Path, _reading: Reading) -> list[TensorInfo]:
        """All variables, in the file's order."""
        from lrn_cli.tensors.by_scipy.netcdf3 import variables

        return [variable.info for variable in variables(path)]

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The variable of that name."""
        from lrn_cli.tensors.by_scipy.netcdf3 import Netcdf3Source

        return Netcdf3Source(path, info, reading)


FORMATS = (Netcdf3(),)
