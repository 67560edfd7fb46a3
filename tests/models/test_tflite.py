"""TensorFlow Lite: tables of a flatbuffer that is made by hand, and offsets that lead outside."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from contextlib import suppress

import pytest

from lrn_cli.errors import LrnError
from tests.models.reading import only, read


class Flatbuffer:
    """A flatbuffer, written from its end to its beginning as such libraries do; places count from the end."""

    def __init__(self) -> None:
        self.data = b""

    def put(self, data: bytes) -> int:
        """Put bytes in front, so that they begin at a multiple of four."""
        self.data = data + bytes(-(len(data) + len(self.data)) % 4) + self.data
        return len(self.data)

    def string(self, text: str) -> int:
        """A string."""
        return self.put(struct.pack("<I", len(text)) + text.encode() + b"\0")

    def integers(self, *values: int) -> int:
        """A vector of ints."""
        return self.put(struct.pack(f"<{1 + len(values)}i", len(values), *values))

    def tables(self, *places: int) -> int:
        """A vector of tables."""
        at = len(self.data) + 4 * len(places)
        offsets = [at - 4 * number - place for number, place in enumerate(places)]
        return self.put(struct.pack(f"<{1 + len(places)}I", len(places), *offsets))

    def table(self, fields: Mapping[int, bytes | int]) -> int:
        """A table whose fields are four bytes each, or places."""
        count = max(fields, default=-1) + 1
        size = 4 + 4 * len(fields)
        entries, body = [0] * count, b""
        for number, (index, field) in enumerate(sorted(fields.items())):
            entries[index] = 4 + 4 * number
            at = len(self.data) + size - entries[index]
            body += struct.pack("<I", at - field) if isinstance(field, int) else field
        virtual = struct.pack(f"<{2 + count}H", 4 + 2 * count, size, *entries)
        virtual = bytes(-len(virtual) % 4) + virtual
        begin = len(virtual) - (4 + 2 * count)
        self.put(virtual + struct.pack("<i", len(virtual) - begin) + body)
        return len(self.data) - len(virtual)

    def finish(self, root: int) -> bytes:
        """The file."""
        size = len(self.data) + 8
        return struct.pack("<I", size - root) + b"TFL3" + self.data


REAL = struct.Struct("<f").pack
WHOLE = struct.Struct("<i").pack
# schema.fbs, BuiltinOperator: LOCAL_RESPONSE_NORMALIZATION
LRN = 13


def model(options: Mapping[int, bytes | int], code: int = LRN) -> bytes:
    """A model with one operator, whose output is called norm1."""
    made = Flatbuffer()
    tensors = made.tables(made.table({3: made.string("x")}), made.table({3: made.string("norm1")}))
    operator = made.table({0: WHOLE(0), 2: made.integers(1), 4: made.table(options)})
    graph = made.table({0: tensors, 3: made.tables(operator)})
    return made.finish(made.table({1: made.tables(made.table({3: WHOLE(code)})), 2: made.tables(graph)}))


ALL = {0: WHOLE(2), 1: REAL(2), 2: REAL(1e-4), 3: REAL(0.75)}


def test_the_options_of_an_operator_are_read_and_its_output_is_its_name() -> None:
    layer = only(model(ALL))
    assert (layer.name, layer.written) == ("norm1", {"radius": 2, "bias": 2, "alpha": 1e-4, "beta": 0.75})
    assert layer.bound is not None
    assert (layer.bound.norm.window["C"], layer.bound.norm.scale) == ((2, 2), 1e-4)


def test_an_option_that_is_absent_is_0_and_not_tensorflows_default() -> None:
    layer = only(model({1: REAL(1)}))
    assert layer.filled == {"radius": 0, "bias": 1, "alpha": 0, "beta": 0}
    assert layer.defaults == ("radius", "alpha", "beta")


def test_another_operator_is_none() -> None:
    assert read(model(ALL, code=3)).layers == ()


@pytest.mark.parametrize("offset", [0, 2**31, 2**32 - 1, 10_000])
def test_an_offset_outside_of_the_file_is_damage(offset: int) -> None:
    data = struct.pack("<I", offset) + model(ALL)[4:]
    with pytest.raises(LrnError, match="damaged"):
        list(read(data).layers)


def test_a_cut_file_gives_the_whole_list_or_none() -> None:
    data, found = model(ALL), []
    for size in range(8, len(data)):
        with suppress(LrnError):
            found.append(only(data[:size]).name)
    assert set(found) <= {"norm1"}
    assert 0 < len(found) < 40  # what is cut off of them is never looked at: the tensor that is no output


def test_few_bytes_that_are_many_tables_end() -> None:
    made = Flatbuffer()
    operator = made.table({0: WHOLE(0)})
    graph = made.table({3: made.tables(*[operator] * 1000)})
    codes = made.tables(made.table({3: WHOLE(LRN)}))
    data = made.finish(made.table({1: codes, 2: made.tables(*[graph] * 1000)}))
    with pytest.raises(LrnError, match=r"more than [\d,]+ (tables|LRN layers)"):
        read(data)
