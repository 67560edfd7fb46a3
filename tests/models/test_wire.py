"""Fields of protocol buffers are found without a look at the others, and damage is an error that names the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrn_cli.errors import LrnError
from lrn_cli.models.content import DEPTH, Content
from lrn_cli.models.protobuf.wire import BYTES, VARINT, Message, outline
from tests.models.proto_bytes import inner, integer, real, varint

GROUP = varint(9 << 3 | 3) + integer(1, 5) + varint(9 << 3 | 4)


def content(data: bytes) -> Content:
    return Content.of_bytes(Path("x.pb"), data)


def message(data: bytes) -> Message:
    return Message.whole(content(data))


def test_each_field_has_its_number_and_kind_and_those_in_groups_are_passed_over() -> None:
    data = integer(1, 300) + inner(2, "abc") + GROUP + real(3, 0.1) + varint(4 << 3 | 1) + bytes(8)
    assert [(field.number, field.kind) for field in message(data)] == [(1, 0), (2, 2), (3, 5), (4, 1)]


@pytest.mark.parametrize(
    ("number", "read"), [(0, 0), (300, 300), (-1, -1), (2**63 - 1, 2**63 - 1), (-(2**63), -(2**63))]
)
def test_integers_have_their_sign(number: int, read: int) -> None:
    (field,) = message(integer(1, number))
    assert field.integer == read


def test_a_float_is_the_shortest_decimal_that_reads_as_it() -> None:
    assert [field.float32 for field in message(real(1, 1e-4) + real(1, 2e-5) + real(1, 0.75))] == [1e-4, 2e-5, 0.75]


def test_of_a_field_that_is_there_twice_the_last_one_counts_and_one_of_another_kind_is_unknown() -> None:
    found = message(inner(1, "old") + inner(1, "new") + integer(1, 5))
    assert found.string(1) == "new"
    assert [field.value for field in found.of(1, VARINT)] == [5]


def test_packed_and_unpacked_numbers_are_the_same() -> None:
    packed, unpacked = inner(1, varint(3), varint(-1)), integer(1, 3) + integer(1, -1)
    assert [n for field in message(packed) for n in field.varints()] == [3, -1]
    assert [n for field in message(unpacked) for n in field.varints()] == [3, -1]


def test_megabytes_of_weights_cost_a_few_reads(tmp_path: Path) -> None:
    weights = 500_000_000
    path = tmp_path / "x.pb"
    with path.open("wb") as file:
        file.write(varint(7 << 3 | BYTES) + varint(weights))
        file.seek(weights, 1)
        file.write(inner(1, "name"))
    asked = []
    with path.open("rb", buffering=0) as opened:
        whole = Content.of_file(path, opened)
        read = whole.read
        whole.read = lambda at, count: asked.append(count) or read(at, count)  # type: ignore[method-assign,func-returns-value]
        assert Message.whole(whole).string(1) == "name"
    assert sum(asked) < 100_000


# (bytes, what the error says)
DAMAGED = [
    (inner(1, "abc")[:-1], "it ends early, at byte 4: field 1 at byte 0 announces 3 bytes, 2 are left"),
    (varint(7 << 3 | 2) + varint(2**62), "announces 4,611,686,018,427,387,904 bytes, 0 are left"),
    (b"\x08" + b"\xff" * 20, "a number of more than 10 bytes"),
    (b"\x08\xff", "it ends in a number"),
    (b"\x0d\0\0", "announces 4 bytes, 2 are left"),
    (b"\x09" + bytes(7), "announces 8 bytes, 7 are left"),
    (b"\x00\x00", "no field has the number 0"),
    (b"\x0f", "no field has the number 1 and the kind 7"),
    (varint(9 << 3 | 3), "a group without an end"),
    (varint(9 << 3 | 4), "groups that do not fit"),
    (varint(9 << 3 | 3) * (DEPTH + 1), "groups that do not fit"),
]


@pytest.mark.parametrize(("data", "said"), DAMAGED)
def test_damage_is_an_error_before_anything_is_taken(data: bytes, said: str) -> None:
    with pytest.raises(LrnError, match="damaged") as refused:
        list(message(data))
    assert said in str(refused.value)


def test_an_inner_message_ends_within_its_outer_one() -> None:
    outer = message(inner(1, varint(2 << 3 | 2), varint(50), "abc") + bytes(100))
    with pytest.raises(LrnError, match="announces 50 bytes, 3 are left"):
        list(next(iter(outer)).message())


def test_messages_lie_at_most_so_deep_in_each_other() -> None:
    data = b""
    for _ in range(DEPTH + 2):
        data = inner(1, data)
    found = message(data)
    for _ in range(DEPTH):
        found = next(iter(found)).message()
    last = next(iter(found))
    with pytest.raises(LrnError, match=f"more than {DEPTH} deep"):
        last.message()


def test_a_string_is_bounded() -> None:
    (field,) = message(inner(1, b"x" * 70_000))
    with pytest.raises(LrnError, match="70,000 bytes where at most"):
        _ = field.text


@pytest.mark.parametrize(
    ("data", "numbers"), [(integer(1, 1) + inner(2, "abc")[:-2], [1, 2]), (b"\x0f", []), (b"", [])]
)
def test_a_format_is_recognised_by_the_fields_before_the_damage(data: bytes, numbers: list[int]) -> None:
    assert [field.number for field in outline(content(data))] == numbers
