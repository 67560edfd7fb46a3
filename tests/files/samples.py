"""One value of every kind that HDF5 has."""

from __future__ import annotations

import io
import struct

import h5py
from h5py import h5t

from tests.files.by_hand import Memory, Sample, record, reference, region, string

_TEXT = h5t.VARIABLE


def samples(file: h5py.File, memory: Memory) -> list[Sample]:
    """The values, of which some refer to `/target`, a dataset of 3 x 4 numbers, and to the root group."""
    return [*_strings(memory), *_numbers(), *_sequences(memory), *_references(file, memory), *_records(file, memory)]


def sample_names() -> list[str]:
    """What `samples` gives, by name."""
    with h5py.File(io.BytesIO(), "w") as file:
        file["target"] = [[0] * 4] * 3
        return [sample.name for sample in samples(file, Memory())]


def _strings(memory: Memory) -> list[Sample]:
    words = memory.text(b"one") + bytes(8) + memory.text(b"") + memory.text("zwölf".encode())
    return [
        Sample("texts, one missing, one empty", string(_TEXT, h5t.STR_NULLTERM, h5t.CSET_UTF8), (4,), words),
        Sample("texts in ASCII", string(_TEXT, h5t.STR_NULLTERM), (1, 2), words[:16]),
        Sample("texts, padded with NUL", string(_TEXT, h5t.STR_NULLPAD), (), words[:8]),
        Sample("texts, padded with blanks", string(_TEXT, h5t.STR_SPACEPAD, h5t.CSET_UTF8), (4,), words),
        Sample("no texts", string(_TEXT, h5t.STR_NULLTERM), None, b""),
        Sample("full to the end", string(6, h5t.STR_NULLTERM), (), b"double"),
        Sample("one letter", string(1, h5t.STR_NULLTERM, h5t.CSET_UTF8), (), b"K"),
        Sample("full, several", string(3, h5t.STR_NULLTERM), (2, 2), b"abcxyz\0\0\0a\0b"),
        Sample("padded with NUL", string(4, h5t.STR_NULLPAD), (3,), b"abcdab\0\0\0\0\0\0"),
        Sample("padded with blanks", string(4, h5t.STR_SPACEPAD, h5t.CSET_UTF8), (2,), b"ab  \xc3\xa4  "),
        Sample("nothing in it", string(1, h5t.STR_NULLTERM), None, b""),
        Sample("of length nought", string(2, h5t.STR_NULLPAD), (0, 3), b""),
    ]


def _numbers() -> list[Sample]:
    odd = h5t.STD_I16LE.copy()
    odd.set_precision(11)
    odd.set_offset(3)
    brain = h5t.IEEE_F32LE.copy()
    brain.set_fields(15, 7, 8, 0, 7)
    brain.set_precision(16)
    brain.set_size(2)
    brain.set_ebias(127)
    choice = h5t.enum_create(h5t.STD_U8LE)
    for name, value in ((b"FALSE", 0), (b"TRUE", 1), ("größer".encode(), 200)):
        choice.enum_insert(name, value)
    tagged = h5t.create(h5t.OPAQUE, 5)
    tagged.set_tag(b"numpy void")
    return [
        Sample("big-endian", h5t.IEEE_F64BE, (2,), struct.pack(">2d", 1.5, float("nan"))),
        Sample("eleven bits", odd, (2,), struct.pack("<2h", 8, -16)),
        Sample("bfloat16", brain, (2,), struct.pack("<2H", 0x3F80, 0x7FC1)),
        Sample("long double", h5t.NATIVE_LDOUBLE, (), bytes(range(8)) + b"\xff\x3f" + bytes(6)),
        Sample("half", h5t.IEEE_F16LE, (1,), b"\x00\x3c"),
        Sample("enumeration", choice, (3,), b"\x00\xc8\x01"),
        Sample("opaque", tagged, (2,), b"abcde\0\0xyz"),
        Sample("bits", h5t.STD_B8LE, (3,), b"\x01\x80\xff"),
        Sample("bits, big-endian", h5t.STD_B32BE, (), b"\x01\x02\x03\x04"),
        Sample("time", h5t.UNIX_D32LE, (2,), struct.pack("<2i", 0, 1_700_000_000)),
        Sample("array", h5t.array_create(h5t.STD_I16BE, (2, 3)), (2,), struct.pack(">12h", *range(12))),
        Sample("no number", h5t.IEEE_F32LE, None, b""),
    ]


def _sequences(memory: Memory) -> list[Sample]:
    ints = h5t.vlen_create(h5t.STD_I32LE)
    three = memory.sequence(3, struct.pack("<3i", 1, 2, 3))
    none = memory.sequence(0, b"")
    pair = record(8, ("a", 0, h5t.STD_I8LE), ("b", 4, h5t.IEEE_F32LE))
    two = struct.pack("<bxxxfbxxxf", 1, 1.5, 2, 2.5)
    words = string(_TEXT, h5t.STR_NULLTERM)
    return [
        Sample("sequences", ints, (3,), three + none + memory.sequence(1, struct.pack("<i", -1))),
        Sample("sequences of sequences", h5t.vlen_create(ints), (2,), memory.sequence(2, three + none) + none),
        Sample("sequences of records", h5t.vlen_create(pair), (2,), memory.sequence(2, two) + none),
        Sample(
            "sequences of texts",
            h5t.vlen_create(words),
            (2,),
            memory.sequence(3, memory.text(b"a") + bytes(8) + memory.text(b"")) + none,
        ),
        Sample(
            "sequences of full strings",
            h5t.vlen_create(string(2, h5t.STR_NULLTERM)),
            (),
            memory.sequence(2, b"abcd"),
        ),
        Sample("arrays of sequences", h5t.array_create(ints, (2,)), (2,), three + none + none + three),
        Sample("no sequences", ints, None, b""),
    ]


def _references(file: h5py.File, memory: Memory) -> list[Sample]:
    target = file["target"]
    objects = reference(target) + bytes(8) + reference(file)
    part = region(target, (1, 1), (2, 2))
    return [
        Sample("references", h5t.STD_REF_OBJ, (3,), objects),
        Sample("a reference", h5t.STD_REF_OBJ, (), objects[:8]),
        Sample("regions", h5t.STD_REF_DSETREG, (2,), part + bytes(12)),
        Sample(
            "sequences of references",
            h5t.vlen_create(h5t.STD_REF_OBJ),
            (2,),
            memory.sequence(3, objects) + memory.sequence(0, b""),
        ),
        Sample("arrays of references", h5t.array_create(h5t.STD_REF_OBJ, (3,)), (1,), objects),
    ]


def _records(file: h5py.File, memory: Memory) -> list[Sample]:
    words = string(_TEXT, h5t.STR_NULLTERM, h5t.CSET_UTF8)
    plain = record(16, ("b", 8, h5t.STD_I16BE), ("a", 0, string(3, h5t.STR_NULLTERM)))
    inner = record(16, ("text", 0, words), ("full", 8, string(2, h5t.STR_NULLTERM)))
    mixed = record(
        56,
        ("many", 0, h5t.vlen_create(h5t.STD_U8LE)),
        ("where", 16, h5t.STD_REF_OBJ),
        ("full", 24, string(5, h5t.STR_NULLTERM)),
        ("inner", 32, inner),
        ("n", 48, h5t.STD_I32BE),
    )
    one = memory.sequence(2, b"\x01\x02") + reference(file["target"]) + b"fives\0\0\0"
    one += memory.text(b"t") + b"ab".ljust(8, b"\0") + b"\0\0\0\x07\0\0\0\0"
    empty = bytes(24) + b"x".ljust(8, b"\0") + bytes(24)
    return [
        Sample("records with a gap", plain, (2,), b"abc\0\0\0\0\0\x01\x02".ljust(16, b"\0") * 2),
        Sample("records of all", mixed, (2,), one + empty),
        Sample("one record of all", mixed, (), one),
    ]
