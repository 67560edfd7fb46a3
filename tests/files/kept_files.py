"""The files in tests/data/files, which other tools wrote."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.files import matlab_files, netcdf_files, plain_files, pytables_files
from tests.files.made import Made, Seen

FOLDER = Path(__file__).parents[1] / "data" / "files"


def _copy(path: Path, *, name: str) -> None:
    shutil.copy(FOLDER / name, path)


def seen_by_pandas(path: Path) -> Seen:
    """What pandas makes of it, and PyTables."""
    import pandas

    rest, tensor = pytables_files.seen(path, "/df/block0_values")
    frame = pandas.read_hdf(path)
    return Seen({**rest, "frame": f"{frame.index!r} {frame.columns!r} {frame.dtypes!r}"}, tensor)


def _kind(name: str, member: str, read: Callable[[Path], Seen] | None, *needs: str) -> Made:
    read = read or partial(plain_files.seen_by_h5py, member=member)
    return Made(f"kept, {name}", Path(name).suffix, f"/{member}", partial(_copy, name=name), read, needs)


KINDS = [
    _kind("xr_str.nc", "feats", netcdf_files.seen_by_xarray, "netCDF4", "xarray", "h5netcdf"),
    _kind("vlen_fill.h5", "data", None),
    _kind("t_pandas_fixed.h5", "df/block0_values", seen_by_pandas, "pandas", "tables"),
    _kind("nullterm.h5", "data", None),
    _kind("t_mat73_one.mat", "feats", matlab_files.seen_by_hdf5storage, "hdf5storage", "scipy"),
    _kind("userblock4096.h5", "data", None),
    _kind("vds_same.h5", "data", None),
]
