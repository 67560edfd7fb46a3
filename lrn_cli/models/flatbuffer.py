"""Flatbuffers: tables whose fields are found by offsets, which are compared with the file before they are followed."""

from __future__ import annotations

from collections.abc import Iterator
from struct import calcsize, unpack

from lrn_cli.errors import LrnError
from lrn_cli.models.content import STRING, Content
from lrn_cli.models.decimals import from_float32

_FIRST = 8
"""The first byte behind where the first table is, and what schema it has."""
_MOST = 200_000
"""Tables that are looked at, and elements of a vector: tables may be shared, so that few bytes could be many."""


class Table:
    """A table.

    Args:
        content: The file.
        at: Where the table begins.
        others: How many more may be looked at.
    """

    def __init__(self, content: Content, at: int, others: Iterator[int]) -> None:
        self._content, self._at, self._others = content, at, others
        if next(others, None) is None:
            raise LrnError(f"{content.path}: more than {_MOST:,} tables", "a smaller model")
        self._fields = at - self._number("<i", at)
        self._size = self._number("<H", self._fields)

    @classmethod
    def root(cls, content: Content) -> Table:
        """The table that a file is."""
        at = int.from_bytes(content.read(0, 4), "little")
        if at < _FIRST:
            raise content.damaged(f"its first table is said to begin at byte {at}")
        return cls(content, at, iter(range(_MOST)))

    def has(self, index: int) -> bool:
        """Whether a field is there."""
        return self._where(index) is not None

    def int8(self, index: int) -> int:
        """The value of a byte; 0 where it is not there."""
        return self._scalar("<b", index)

    def int32(self, index: int) -> int:
        """The value of an int; 0 where it is not there."""
        return self._scalar("<i", index)

    def uint32(self, index: int) -> int:
        """The value of a uint; 0 where it is not there."""
        return self._scalar("<I", index)

    def float32(self, index: int) -> float:
        """The value of a float, as the shortest decimal; 0 where it is not there."""
        at = self._where(index)
        return 0.0 if at is None else from_float32(unpack("<f", self._content.read(at, 4))[0])

    def string(self, index: int) -> str:
        """The value of a string; empty where it is not there."""
        begin, count = self._vector(index, 1)
        if count > STRING:
            raise self._content.damaged(f"a name of {count:,} bytes, at byte {begin}")
        return self._content.read(begin, count).decode("utf-8", "replace")

    def table(self, index: int) -> Table | None:
        """The table that a field points to; None where it is not there."""
        at = self._where(index)
        return None if at is None else self._follow(at)

    def tables(self, index: int) -> Iterator[Table]:
        """The tables of a vector."""
        begin, count = self._vector(index, 4)
        return (self._follow(begin + 4 * number) for number in range(count))

    def item(self, index: int, number: int) -> Table | None:
        """One table of a vector; None where it has fewer."""
        begin, count = self._vector(index, 4)
        return self._follow(begin + 4 * number) if 0 <= number < count else None

    def integers(self, index: int) -> list[int]:
        """The numbers of a vector of ints."""
        begin, count = self._vector(index, 4)
        return list(unpack(f"<{count}i", self._content.read(begin, 4 * count)))

    def _follow(self, at: int) -> Table:
        return Table(self._content, at + self._number("<I", at), self._others)

    def _vector(self, index: int, size: int) -> tuple[int, int]:
        """Where the elements of a vector begin, and how many there are, all of them in the file."""
        at = self._where(index)
        if at is None:
            return 0, 0
        begin = at + self._number("<I", at)
        count = self._number("<I", begin)
        if count > _MOST or count * size > self._content.size - begin:
            raise self._content.damaged(f"a vector of {count:,} elements, at byte {begin}")
        return begin + 4, count

    def _where(self, index: int) -> int | None:
        """Where a field is; None where it is not there, and has the default of the schema, which is 0."""
        entry = 4 + 2 * index
        offset = self._number("<H", self._fields + entry) if entry + 2 <= self._size else 0
        return self._at + offset if offset else None

    def _scalar(self, code: str, index: int) -> int:
        at = self._where(index)
        return 0 if at is None else self._number(code, at)

    def _number(self, code: str, at: int) -> int:
        return int(unpack(code, self._content.read(at, calcsize(code)))[0])
