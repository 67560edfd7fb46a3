"""Files of PyTables."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.made import Made, Seen, X, shown

TENSOR = "/group/feats"


def _begin(path: Path) -> Any:
    import tables

    file = tables.open_file(path, "w", title="of PyTables")
    file.create_group("/", "group", "K")
    return file


def _describe(node: Any) -> None:
    """Attributes of every kind that PyTables knows: its own text, NumPy's, and whatever can be pickled."""
    attributes = node._v_attrs
    attributes.text, attributes.data = "double", b"K"
    attributes.number, attributes.numbers = np.float32(1.5), np.arange(3)
    attributes.nothing, attributes.mixed = None, {"a": [1, 2], "b": (None, "x")}
    attributes.words, attributes.empty = np.array([b"abc", b"xyz"]), ""
    attributes.truth, attributes.wide = True, np.array("größer")


def with_arrays(path: Path) -> None:
    """Arrays of every kind, and attributes of every kind."""
    import tables

    with _begin(path) as file:
        _describe(file.create_array("/group", "feats", X, "the tensor"))
        _describe(file.root)
        _describe(file.root.group)
        for name, value in {
            "scalar": np.float64(3),
            "texts": [b"abc", b"de"],
            "bools": np.array([True, False]),
            "complex": np.array([1j, 2]),
            "times": np.arange(3),
            "unicode": "größer".encode(),
        }.items():
            _describe(file.create_array("/group", name, value, name))
        file.create_carray("/group", "choice", tables.EnumAtom(["red", "blue"], "red", base="uint8"), (3,))
        file.create_earray("/group", "growing", tables.Time64Atom(), (0, 2)).append(np.ones((5, 2)))


def with_ragged_rows(path: Path) -> None:
    """Rows of variable length: numbers, text, pickled objects."""
    import tables

    with _begin(path) as file:
        _describe(file.create_array("/group", "feats", X, "the tensor"))
        rows = file.create_vlarray("/", "rows", tables.Int32Atom(), "ragged")
        for length in (3, 0, 5):
            rows.append(np.arange(length))
        words = file.create_vlarray("/", "words", tables.VLUnicodeAtom())
        things = file.create_vlarray("/", "things", tables.ObjectAtom(), filters=tables.Filters(5, "zlib"))
        for value in ("a", "", "größer"):
            words.append(value)
            things.append({"of": value})
        pairs = file.create_vlarray("/", "pairs", tables.StringAtom(3, shape=(2,)))
        pairs.append([[b"abc", b"x"]])


def with_a_table(path: Path) -> None:
    """A table with nested columns, an index and text, links, and a copy of the tensor's name."""
    import tables

    class Row(tables.IsDescription):  # type: ignore[misc]  # PyTables has no types
        name = tables.StringCol(4, dflt=b"full", pos=0)
        number = tables.Float64Col(dflt=np.nan, pos=1)
        matrix = tables.Int16Col(shape=(2, 2), pos=2)
        when = tables.Time32Col(pos=3)

        class inner(tables.IsDescription):  # type: ignore[misc]  # noqa: N801 - the name of a column
            _v_pos = 4
            deep = tables.UInt8Col(pos=0)
            truth = tables.BoolCol(pos=1)

    with _begin(path) as file:
        _describe(file.create_array("/group", "feats", X, "the tensor"))
        table = file.create_table("/", "table", Row, "rows", tables.Filters(3, "zlib", shuffle=True, fletcher32=True))
        table.append([(b"abcd", 1.5, np.ones((2, 2)), 7, (3, True)), (b"", -1, np.zeros((2, 2)), 0, (0, False))])
        table.flush()
        table.cols.name.create_index()
        _describe(table)
        file.create_soft_link("/", "soft", TENSOR)
        file.create_hard_link("/group", "again", "/table")
        file.create_external_link("/", "outside", "other.h5:/x")


def stored(path: Path, *, library: str, growing: bool = False) -> None:
    """The tensor in chunks, packed."""
    import tables

    filters = tables.Filters(5, library, shuffle=True)
    with _begin(path) as file:
        if growing:
            made = file.create_earray("/group", "feats", tables.Float32Atom(), (0, *X.shape[1:]), filters=filters)
            made.append(X)
        else:
            made = file.create_carray("/group", "feats", obj=X, filters=filters, chunkshape=(1, 3, 4, 5))
        _describe(made)
        file.create_carray("/", "other", obj=np.arange(12).reshape(3, 4), filters=filters)


def seen(path: Path, member: str = TENSOR) -> Seen:
    """Every node with its class, attributes, filters and values."""
    import tables

    rest: dict[str, str] = {}
    with tables.open_file(path) as file:
        for node in file.walk_nodes("/"):
            where = node._v_pathname
            rest[f"{where} (class)"] = type(node).__name__
            if isinstance(node, tables.link.Link):
                rest[where] = node.target
                continue
            names = [name for name in node._v_attrs._v_attrnames if not name.startswith("lrn_")]
            rest.update({f"{where}@{name}": shown(node._v_attrs[name]) for name in names})
            if isinstance(node, tables.Leaf):
                rest[f"{where} (stored)"] = f"{node.filters!r} {node.chunkshape} {node.byteorder} {node.maindim}"
                if where != member:
                    rest[where] = shown(node.read())
        return Seen(rest, file.get_node(member).read())


def _kind(name: str, write: Any, *more: str, **settings: Any) -> Made:
    return Made(f"PyTables, {name}", ".h5", TENSOR, partial(write, **settings), seen, ("tables", *more))


KINDS = [
    _kind("arrays", with_arrays),
    _kind("ragged rows", with_ragged_rows),
    _kind("table", with_a_table),
    _kind("zlib", stored, library="zlib"),
    _kind("bzip2", stored, "hdf5plugin", library="bzip2"),
    _kind("blosc", stored, "hdf5plugin", library="blosc:lz4"),
    _kind("blosc2", stored, "hdf5plugin", library="blosc2:zstd"),
    _kind("growing", stored, library="zlib", growing=True),
]
