"""netCDF-4 files, as netCDF4, xarray and h5netcdf write them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tests.files.made import Made, Seen, X, shown

_DIMENSIONS = ("n", "c", "y", "x")


def _begin(path: Path) -> Any:
    import netCDF4

    file = netCDF4.Dataset(path, "w")
    for name, length in zip(_DIMENSIONS, X.shape, strict=True):
        file.createDimension(name, length)
    return file


def _add_tensor(group: Any, dtype: str = "f4", **settings: Any) -> None:
    made = group.createVariable("feats", dtype, _DIMENSIONS, **settings)
    made[:] = X
    made.units, made.long_name, made.names = "K", "features", ["a", "bc", ""]


def with_texts(path: Path) -> None:
    """Coordinates of strings, which get a fill value of variable length, some of them never written."""
    with _begin(path) as file:
        _add_tensor(file)
        file.createVariable("c", str, ("c",))[:] = np.array(["red", "grün", ""], object)
        file.createVariable("y", str, ("y",), fill_value="none")[1:3] = np.array(["a", "b"], object)
        file.createVariable("label", str, ())[...] = "one"
        file.createDimension("letters", 6)
        file.createVariable("char", "S1", ("c", "letters"))[:] = np.array([list("double")] * 3, "S1")
        file.title, file.history = "of strings", "K"


def with_types(path: Path) -> None:
    """Types of the user's: compound, nested, variable length, enumerations."""
    with _begin(path) as file:
        _add_tensor(file)
        point = np.dtype([("x", "f4"), ("y", "f8")], align=True)
        made = file.createCompoundType(point, "point")
        nested = file.createCompoundType(np.dtype([("p", made.dtype), ("name", "S4")], align=True), "named point")
        file.createVariable("points", made, ("c",))[:] = np.array([(1, 2), (3, 4), (5, 6)], point)
        file.createVariable("named", nested, ("c",))[:2] = np.zeros(2, nested.dtype)
        rows = file.createVLType(np.int16, "row")
        ragged = np.empty(3, object)
        ragged[:] = [np.arange(at, dtype="i2") for at in (2, 0, 5)]
        file.createVariable("ragged", rows, ("c",))[:] = ragged
        file.createVariable("unwritten", rows, ("y",))
        clouds = file.createEnumType(np.uint8, "cloud", {"clear": 0, "stratus": 2, "missing": 255})
        file.createVariable("clouds", clouds, ("y",), fill_value=255)[:2] = [0, 2]
        file["feats"].setncattr("origin", np.array((1, 2), point))


def with_attributes(path: Path) -> None:
    """Attributes of every type, alone and in arrays, of the file, a group, a variable and the tensor."""
    with _begin(path) as file:
        _add_tensor(file, fill_value=np.nan)
        other = file.createVariable("c", "i4", ("c",), fill_value=-1)
        for holder in (file, file.createGroup("inner"), other, file["feats"]):
            for code in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"):
                holder.setncattr(code, np.dtype(code).type(3))
                holder.setncattr(f"{code}s", np.arange(3, dtype=code))
            holder.setncattr("text", "K")
            holder.setncattr("empty", "")
            holder.setncattr("umlaut", "größer")
            holder.setncattr_string("string", "one")
            holder.setncattr_string("strings", ["one", "", "zwölf"])


def with_groups(path: Path) -> None:
    """Groups in groups, dimensions without end, variables that share a dimension of a group above."""
    with _begin(path) as file:
        file.createDimension("time", None)
        file.createVariable("time", "f8", ("time",))[:] = np.arange(4)
        file["time"].units = "days since 2000-01-01"
        inner = file.createGroup("a/b")
        _add_tensor(inner, zlib=True, chunksizes=(1, 3, 4, 5))
        inner.createVariable("series", "f4", ("time", "c"))[:] = np.ones((4, 3))
        inner.createDimension("more", None)
        inner.createVariable("more", "i2", ("more", "y"))
        inner.createVariable("c", str, ("c",))[:] = np.array(["p", "q", "r"], object)


def stored(path: Path, **settings: Any) -> None:
    """The tensor and others stored in some way."""
    with _begin(path) as file:
        _add_tensor(file, **settings)
        file.createVariable("other", settings.pop("dtype", "f8"), _DIMENSIONS, **settings)[:] = 1
        file.createVariable("c", str, ("c",))[:] = np.array(["p", "q", "r"], object)


def of_integers(path: Path) -> None:
    """A tensor whose dtype changes."""
    with _begin(path) as file:
        made = file.createVariable("feats", "i2", _DIMENSIONS, zlib=True, shuffle=True)
        made[:] = np.round(X * 10)
        made.units = "K"
        file.createVariable("c", str, ("c",))[:] = np.array(["p", "q", "r"], object)


def seen_by_netcdf(path: Path, member: str = "/feats") -> Seen:
    """Everything that netCDF4 has a word for."""
    import netCDF4

    rest: dict[str, str] = {}
    with netCDF4.Dataset(path) as file:
        _look(file, member, rest)
        tensor = file[member]
        tensor.set_auto_maskandscale(False)
        return Seen(rest, tensor[...])


def _look(group: Any, member: str, rest: dict[str, str]) -> None:
    where = group.path.rstrip("/")
    _look_at_attributes(group, f"{where}/", rest)
    for name, dimension in group.dimensions.items():
        rest[f"{where}/{name} (dimension)"] = f"{dimension.size} {dimension.isunlimited()}"
    for kinds in (group.cmptypes, group.vltypes, group.enumtypes):
        rest.update({f"{where}/{name} (type)": repr(kind) for name, kind in kinds.items()})
    for name, variable in group.variables.items():
        here = f"{where}/{name}"
        _look_at_attributes(variable, here, rest)
        rest[f"{here} (stored)"] = repr((variable.dimensions, variable.filters(), variable.chunking()))
        if here != member:
            variable.set_auto_maskandscale(False)
            rest[here] = f"{variable.dtype} {variable.endian()} {shown(variable[...])}"
    for inner in group.groups.values():
        _look(inner, member, rest)


def _look_at_attributes(holder: Any, where: str, rest: dict[str, str]) -> None:
    rest.update({f"{where}@{key}": shown(holder.getncattr(key)) for key in holder.ncattrs() if key[:4] != "lrn_"})


def by_xarray(path: Path, *, engine: Literal["netcdf4", "h5netcdf"]) -> None:
    """Coordinates of strings, dates and truth values, attributes of all kinds, compression."""
    import xarray

    data = xarray.Dataset(
        {
            "feats": (_DIMENSIONS, X, {"units": "K", "levels": [1, 2], "names": ["a", "bc"]}),
            "good": ("c", [True, False, True]),
            "weights": (("n", "c"), np.ones((2, 3)), {"note": "größer"}),
        },
        {
            "c": ["red", "grün", ""],
            "n": np.array(["2000-01-01", "2001-05-06T07:08"], "M8[ns]"),
            "step": ("y", np.arange(4).astype("m8[h]").astype("m8[ns]")),
            "station": ("y", np.array(["a", "bc", "", "d"], object)),
        },
        {"title": "x", "list": [1.5, 2.5], "flag": np.int8(1)},
    )
    data.to_netcdf(
        path, engine=engine, unlimited_dims=["n"], encoding={"weights": {"zlib": True}, "feats": {"zlib": True}}
    )


def by_xarray_as_a_tree(path: Path) -> None:
    """Groups as xarray writes them."""
    import xarray

    tensor = xarray.Dataset({"feats": (_DIMENSIONS, X)}, {"c": ["p", "q", "r"]}, {"level": "inner"})
    tree = xarray.DataTree.from_dict({"/": xarray.Dataset(attrs={"title": "K"}), "/a/b": tensor})
    tree.to_netcdf(path, engine="netcdf4")


def seen_by_xarray(path: Path, *, group: str | None = None) -> Seen:
    """What xarray makes of it, decoded, with both of its engines."""
    import xarray

    rest: dict[str, str] = {}
    for engine in ("netcdf4", "h5netcdf"):
        with xarray.open_dataset(path, engine=engine, group=group) as opened:
            data = opened.load()
        rest[f"{engine} file"] = f"{data.attrs!r} {data.sizes!r} {sorted(opened.encoding.items(), key=str)[1:]}"
        for name, variable in data.variables.items():
            attributes = {key: value for key, value in variable.attrs.items() if not str(key).startswith("lrn_")}
            values = "" if name == "feats" else shown(variable.values)
            rest[f"{engine} {name}"] = f"{variable.dims} {attributes!r} {values}"
    return Seen(rest, data["feats"].values)


def _netcdf(name: str, write: Any, member: str = "/feats", **settings: Any) -> Made:
    read = partial(seen_by_netcdf, member=member)
    return Made(f"netCDF4, {name}", ".nc", member, partial(write, **settings), read, ("netCDF4",))


_XARRAY = ("netCDF4", "xarray", "h5netcdf")
_CHUNKS = (1, 3, 4, 5)
KINDS = [
    _netcdf("texts", with_texts),
    _netcdf("types", with_types),
    _netcdf("attributes", with_attributes),
    _netcdf("groups", with_groups, "/a/b/feats"),
    _netcdf("zlib", stored, zlib=True, shuffle=True, fletcher32=True, chunksizes=_CHUNKS),
    _netcdf("szip", stored, compression="szip", chunksizes=_CHUNKS),
    _netcdf("big-endian", stored, dtype=">f4", endian="big", contiguous=True),
    _netcdf("rounded", stored, zlib=True, least_significant_digit=2),
    _netcdf("integers", of_integers),
    *(
        Made(f"xarray, {engine}", ".nc", "/feats", partial(by_xarray, engine=engine), seen_by_xarray, _XARRAY)
        for engine in ("netcdf4", "h5netcdf")
    ),
    Made("xarray, tree", ".nc", "/a/b/feats", by_xarray_as_a_tree, partial(seen_by_xarray, group="a/b"), _XARRAY),
]
