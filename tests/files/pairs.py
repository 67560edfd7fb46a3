"""Pairs of files that differ in one thing each: what the comparison has to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5g, h5o, h5p, h5s, h5t

from tests.files.by_hand import Memory, Sample, add_attribute, add_dataset, reference, region, set_fill, string

Write = Callable[[h5py.File], object]
_TEXT = string(h5t.VARIABLE, h5t.STR_NULLTERM)


def attribute(kind: h5t.TypeID, shape: tuple[int, ...] | None, memory: bytes) -> Write:
    return lambda file: add_attribute(file["x"], "a", Sample("", kind, shape, memory))


def text(value: bytes | None, kind: h5t.TypeID = _TEXT) -> Write:
    def write(file: h5py.File) -> None:
        memory = Memory()
        add_attribute(file["x"], "a", Sample("", kind, (1,), bytes(8) if value is None else memory.text(value)))

    return write


def sequences(*lengths: int) -> Write:
    def write(file: h5py.File) -> None:
        memory = Memory()
        data = b"".join(memory.sequence(length, bytes(range(length))) for length in lengths)
        add_dataset(file, "d", Sample("", h5t.vlen_create(h5t.STD_U8LE), (len(lengths),), data))

    return write


def stored(change: Callable[[h5p.PropDCID], object]) -> Write:
    def write(file: h5py.File) -> None:
        storage = h5p.create(h5p.DATASET_CREATE)
        storage.set_layout(h5d.CHUNKED)
        storage.set_chunk((2,))
        change(storage)
        h5d.create(file.id, b"d", h5t.STD_I32LE, h5s.create_simple((4,)), storage)

    return write


def text_fill(value: bytes | None) -> Write:
    def write(file: h5py.File) -> None:
        memory, storage = Memory(), h5p.create(h5p.DATASET_CREATE)
        set_fill(storage, _TEXT, bytes(8) if value is None else memory.text(value))
        h5d.create(file.id, b"d", _TEXT, h5s.create_simple((4,)), storage)

    return write


def group(change: Callable[[h5p.PropGCID], object]) -> Write:
    def write(file: h5py.File) -> None:
        made = h5p.create(h5p.GROUP_CREATE)
        change(made)
        h5g.create(file.id, b"g", None, made)

    return write


def link(name: bytes, cset: int) -> Write:
    def write(file: h5py.File) -> None:
        names = h5p.create(h5p.LINK_CREATE)
        names.set_char_encoding(cset)
        h5o.link(file["x"].id, file.id, name, names)

    return write


def committed(*names: str, used: str = "") -> Write:
    def write(file: h5py.File) -> None:
        for name in names:
            file[name] = np.dtype("i2")
        kind = file[used].id if used else h5t.STD_I16LE
        add_dataset(file, "d", Sample("", h5t.STD_I16LE, (1,), b"\1\0"), kind)

    return write


def virtual(name: str) -> Write:
    def write(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((2, 3), "f4")
        layout[0] = h5py.VirtualSource("other.h5", name, (3,))
        file.create_virtual_dataset("d", layout)

    return write


def ordered(*names: str) -> Write:
    def write(file: h5py.File) -> None:
        made = file.create_group("g", track_order=True)
        for name in names:
            made.create_group(name)
            made.attrs[name] = 1

    return write


def pointing(of: Callable[[h5py.File], bytes], kind: h5t.TypeID = h5t.STD_REF_OBJ) -> Write:
    return lambda file: add_attribute(file["x"], "a", Sample("", kind, (), of(file)))


def enumeration(**values: int) -> Write:
    kind = h5t.enum_create(h5t.STD_U8LE)
    for name, value in values.items():
        kind.enum_insert(name.encode(), value)
    return attribute(kind, (), b"\1")


def opaque(tag: bytes) -> Write:
    kind = h5t.create(h5t.OPAQUE, 2)
    kind.set_tag(tag)
    return attribute(kind, (), b"ab")


def record(offset: int, gap: bytes = b"\0") -> Write:
    kind = h5t.create(h5t.COMPOUND, 8)
    kind.insert(b"a", 0, h5t.STD_U8LE)
    kind.insert(b"b", offset, h5t.STD_U8LE)
    return lambda file: add_dataset(file, "d", Sample("", kind, (1,), b"\1\2\2\2\2" + gap * 3))


def assigned(name: str, value: Any) -> Write:
    return lambda file: file.__setitem__(name, value)


def dataset(**settings: Any) -> Write:
    return lambda file: file.create_dataset("d", **settings)


INTS = {"data": np.arange(4)}
FULL, PADDED = (string(3, padding) for padding in (h5t.STR_NULLTERM, h5t.STR_NULLPAD))
UTF8 = string(3, h5t.STR_NULLTERM, h5t.CSET_UTF8)
LATE, IFSET = h5d.ALLOC_TIME_LATE, h5d.FILL_TIME_IFSET

# (what differs, the old, the new, what the line must say)
PAIRS: list[tuple[str, Write, Write, str]] = [
    ("a value", dataset(data=[1]), dataset(data=[2]), "/d: values"),
    ("a missing dataset", dataset(data=[1]), lambda file: None, "/d: values: only in the old"),
    ("a new dataset", lambda file: None, dataset(data=[1]), "/d: values: only in the new"),
    ("byte order", dataset(data=[1], dtype="<i4"), dataset(data=[1], dtype=">i4"), "/d: datatype"),
    ("the last byte", attribute(FULL, (), b"abc"), attribute(FULL, (), b"ab\0"), "/x: attribute a"),
    ("what is behind the end", attribute(FULL, (), b"a\0c"), attribute(FULL, (), b"a\0\0"), "/x: attribute a"),
    ("string padding", attribute(FULL, (), b"abc"), attribute(PADDED, (), b"abc"), "/x: attribute a"),
    ("character set", attribute(FULL, (), b"abc"), attribute(UTF8, (), b"abc"), "/x: attribute a"),
    ("length of string", attribute(string(4, 0), (), b"abc\0"), attribute(FULL, (), b"abc"), "/x: attribute a"),
    ("scalar or array", attribute(FULL, (), b"abc"), attribute(FULL, (1,), b"abc"), "/x: attribute a"),
    ("null or empty", attribute(FULL, None, b""), attribute(FULL, (0,), b""), "/x: attribute a"),
    ("missing or empty text", text(None), text(b""), "/x: attribute a"),
    ("text", text(b"abc"), text(b"abd"), "/x: attribute a"),
    ("text's character set", text(b"a"), text(b"a", string(h5t.VARIABLE, 0, h5t.CSET_UTF8)), "/x: attribute a"),
    ("length of a sequence", sequences(1, 3), sequences(1, 2), "/d: values"),
    ("tag", opaque(b"one"), opaque(b"two"), "/x: attribute a"),
    ("name in an enumeration", enumeration(A=1), enumeration(B=1), "/x: attribute a"),
    ("number in an enumeration", enumeration(A=1, B=2), enumeration(A=1, B=3), "/x: attribute a"),
    ("offset in a record", record(1), record(2), "/d: datatype"),
    ("gap in a record", record(1), record(1, b"\1"), "/d: values"),
    ("precision", attribute(h5t.STD_B8LE, (), b"\1"), attribute(h5t.STD_U8LE, (), b"\1"), "/x: attribute a"),
    (
        "largest shape",
        dataset(maxshape=(4,), chunks=(2,), **INTS),
        dataset(maxshape=(None,), chunks=(2,), **INTS),
        "/d: dataspace",
    ),
    ("chunk", dataset(chunks=(2,), **INTS), dataset(chunks=(4,), **INTS), "/d: chunk"),
    ("layout", dataset(**INTS), dataset(chunks=(4,), **INTS), "/d: layout"),
    ("a filter", dataset(chunks=(2,), shuffle=True, **INTS), dataset(chunks=(2,), **INTS), "/d: filters"),
    (
        "a filter's value",
        stored(lambda made: made.set_deflate(4)),
        stored(lambda made: made.set_deflate(5)),
        "/d: filter values",
    ),
    ("fill value", dataset(fillvalue=1, **INTS), dataset(fillvalue=2, **INTS), "/d: fill value"),
    ("fill value or none", dataset(fillvalue=0, **INTS), dataset(**INTS), "/d: fill value"),
    ("text's fill value", text_fill(b"a"), text_fill(b"b"), "/d: fill value"),
    ("missing or empty fill value", text_fill(None), text_fill(b""), "/d: fill value"),
    (
        "allocation time",
        stored(lambda made: None),
        stored(lambda made: made.set_alloc_time(LATE)),
        "/d: allocation and fill time",
    ),
    (
        "fill time",
        stored(lambda made: made.set_fill_time(IFSET)),
        stored(lambda made: made.set_fill_time(0)),
        "/d: allocation and fill time",
    ),
    (
        "phases",
        stored(lambda made: None),
        stored(lambda made: made.set_attr_phase_change(9, 2)),
        "/d: attribute storage",
    ),
    (
        "attributes' order",
        group(lambda made: None),
        group(lambda made: made.set_attr_creation_order(1)),
        "/g: attribute storage",
    ),
    ("times", dataset(track_times=True, **INTS), dataset(**INTS), "/d: track times"),
    (
        "links' order",
        group(lambda made: None),
        group(lambda made: made.set_link_creation_order(1)),
        "/g: link creation order",
    ),
    ("order", ordered("a", "b"), ordered("b", "a"), "/g: order of links"),
    ("order of attributes", ordered("a", "b"), ordered("b", "a"), "/g: order of attributes"),
    ("a name's character set", link(b"y", h5t.CSET_ASCII), link(b"y", h5t.CSET_UTF8), "/: link y"),
    (
        "a symbol table",
        group(lambda made: None),
        lambda file: (file.create_group("g"), link(b"g/y", 1)(file)),
        "/g: symbol table",
    ),
    ("one object or two", lambda file: assigned("d", file["x"])(file), lambda file: file.copy("x", "d"), "/: link x"),
    ("kind of link", assigned("s", h5py.SoftLink("/x")), lambda file: assigned("s", file["x"])(file), "/: link s"),
    ("target of a link", assigned("s", h5py.SoftLink("/x")), assigned("s", h5py.SoftLink("/y")), "/: link s"),
    (
        "target outside",
        assigned("s", h5py.ExternalLink("a", "/x")),
        assigned("s", h5py.ExternalLink("b", "/x")),
        "/: link s",
    ),
    ("target of a reference", pointing(lambda file: reference(file["x"])), pointing(reference), "/x: attribute a"),
    ("empty reference", pointing(lambda file: reference(file["x"])), pointing(lambda _: bytes(8)), "/x: attribute a"),
    (
        "region",
        pointing(lambda file: region(file["x"], (0,), (2,)), h5t.STD_REF_DSETREG),
        pointing(lambda file: region(file["x"], (1,), (2,)), h5t.STD_REF_DSETREG),
        "/x: attribute a",
    ),
    ("committed or not", committed("t", used="t"), committed("t"), "/d: datatype"),
    ("which committed type", committed("t", "u", used="t"), committed("t", "u", used="u"), "/d: datatype"),
    ("virtual source", virtual("a"), virtual("b"), "/d: layout"),
    ("group or dataset", dataset(**INTS), lambda file: file.create_group("d"), "/d: kind of object"),
]
