"""The bytes of protocol buffers: fields one after the other, past whose contents a reader goes unless it wants them.

A field begins with a varint of its number and its kind. Those of kind BYTES say how long they are, so that 500 MB of
weights cost one read of a few bytes. The lengths are compared with what is left of the message before anything is
taken, and messages are only looked into where a reader goes, so that no depth of others matters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from struct import unpack, unpack_from

from lrn_cli.errors import LrnError
from lrn_cli.models.content import DEPTH, STRING, Content
from lrn_cli.models.decimals import from_float32
from lrn_cli.models.model import Written

VARINT, FIXED64, BYTES, GROUP, END_GROUP, FIXED32 = range(6)
"""The kinds of fields."""

Table = Mapping[tuple[int, int], tuple[str, Callable[["Field"], Written]]]
"""Scalar fields that are wanted: name and value by number and kind."""

_BLOCK = 8192
_FIELDS = 3_000_000
"""Fields that a reader goes through, seconds of work: those of 500 MB of weights are thousands."""
_VARINT_BYTES = 10
_SIZES = {FIXED64: 8, FIXED32: 4}
_GROUPS = {GROUP: 1, END_GROUP: -1}
"""How many more are open after one of these."""


class _Window:
    """A piece of the file in memory, moved to where something is read.

    Args:
        content: The file.
    """

    def __init__(self, content: Content) -> None:
        self.content = content
        self.start, self.block = 0, content.head
        self.fields = 0

    def take(self, at: int, count: int) -> bytes:
        """A few bytes, of which the caller knows that they are there."""
        offset = at - self.start
        if offset < 0 or offset + count > len(self.block):
            self.start, self.block = at, self.content.read(at, min(max(_BLOCK, count), self.content.size - at))
            offset = 0
        return self.block[offset : offset + count]


class Field:
    """One field of a message.

    Attributes:
        number: As in the .proto file.
        kind: VARINT, FIXED64, BYTES, GROUP or FIXED32.
        value: A varint, without sign.
        start, end: The bytes of its contents.
    """

    __slots__ = ("_message", "end", "kind", "number", "start", "value")

    def __init__(self, message: Message, tag: int, value: int, start: int, end: int) -> None:
        self._message = message
        self.number, self.kind, self.value, self.start, self.end = tag >> 3, tag & 7, value, start, end

    @property
    def integer(self) -> int:
        """The value of an int32 or int64."""
        return self.value - (1 << 64) if self.value >> 63 else self.value

    @property
    def float32(self) -> float:
        """The value of a float, as the shortest decimal."""
        return from_float32(unpack("<f", self.bytes())[0])

    @property
    def text(self) -> str:
        """The value of a string, what is not UTF-8 replaced."""
        return self.bytes().decode("utf-8", "replace")

    def bytes(self, limit: int = STRING) -> bytes:
        """Its contents.

        Raises:
            LrnError: They are longer than what is wanted ever is.
        """
        if self.end - self.start > limit:
            size = self.end - self.start
            raise self._message.damaged(self.start, f"{size:,} bytes where at most {limit:,} make sense")
        return self._message.window.take(self.start, self.end - self.start)

    def message(self) -> Message:
        """Its contents as a message.

        Raises:
            LrnError: It lies too deep.
        """
        return self._message.inner(self.start, self.end)

    def varints(self, limit: int = STRING) -> list[int]:
        """The numbers of a packed repeated field, or the one number of a field that is not packed."""
        if self.kind == VARINT:
            return [self.integer]
        self.bytes(limit)
        found, at = [], self.start
        while at < self.end:
            value, at = self._message.varint(at, self.end)
            found.append(value - (1 << 64) if value >> 63 else value)
        return found

    def floats(self, limit: int = STRING) -> list[float]:
        """The numbers of a packed repeated field of floats, or the one of a field that is not packed."""
        data = self.bytes(limit)
        return [from_float32(unpack_from("<f", data, at)[0]) for at in range(0, len(data) - 3, 4)]


class Message:
    """A message: iterating over it gives its fields.

    Args:
        window: Where it is read.
        start, end: Its bytes.
        depth: In how many others it lies.
    """

    def __init__(self, window: _Window, start: int, end: int, depth: int = 0) -> None:
        self.window, self.start, self.end, self._depth = window, start, end, depth

    @classmethod
    def whole(cls, content: Content, start: int = 0) -> Message:
        """The message that a file is."""
        return cls(_Window(content), start, content.size)

    def __iter__(self) -> Iterator[Field]:
        """Each field; those in groups are passed over.

        Raises:
            LrnError: It is damaged, from that field on.
        """
        at, open_groups = self.start, 0
        while at < self.end:
            begin, (tag, value, start, at) = at, self.field_at(at)
            kind = tag & 7
            if at > self.end:
                raise self._too_long(begin, tag >> 3, at - start, self.end - start)
            if kind in _GROUPS:
                open_groups += _GROUPS[kind]
                if not 0 <= open_groups <= DEPTH:
                    raise self.damaged(begin, "groups that do not fit into each other")
            elif not open_groups:
                yield Field(self, tag, value, start, at)
        if open_groups:
            raise self.damaged(self.end, "a group without an end")

    def field_at(self, at: int) -> tuple[int, int, int, int]:
        """The tag of a field, its varint, and where its contents begin and should end, which may be beyond the message.

        Raises:
            LrnError: There is no such field.
        """
        begin, window = at, self.window
        window.fields += 1
        if window.fields > _FIELDS:
            raise LrnError(f"{window.content.path}: more than {_FIELDS:,} fields", "a simpler model")
        tag, at = self.varint(at, self.end)
        kind = tag & 7
        if not 0 < tag >> 3 < 1 << 29 or kind > FIXED32:
            raise self.damaged(begin, f"no field has the number {tag >> 3} and the kind {kind}")
        if kind in (VARINT, BYTES):
            value, start = self.varint(at, self.end)
            return (tag, value, at, start) if kind == VARINT else (tag, 0, start, start + value)
        return tag, 0, at, at + _SIZES.get(kind, 0)

    def pick(self, table: Table) -> dict[str, Written]:
        """The values of those scalar fields that are there, by the names that a table gives them, the last ones."""
        return {table[key][0]: table[key][1](field) for field in self if (key := (field.number, field.kind)) in table}

    def of(self, number: int, kind: int = BYTES) -> Iterator[Field]:
        """The fields of that number and kind; of another kind they are unknown, as to the library."""
        return (field for field in self if field.number == number and field.kind == kind)

    def last(self, number: int, kind: int = BYTES) -> Field | None:
        """The last field of that number, which is the one that counts; None where there is none."""
        return next(iter(deque(self.of(number, kind), maxlen=1)), None)

    def string(self, number: int) -> str:
        """The string that has that number; empty where there is none."""
        field = self.last(number)
        return field.text if field else ""

    def inner(self, start: int, end: int) -> Message:
        """A message in this one.

        Raises:
            LrnError: It lies too deep.
        """
        if self._depth >= DEPTH:
            raise LrnError(
                f"{self.window.content.path}: messages lie more than {DEPTH} deep in each other", "a simpler model"
            )
        self.window.fields += 2  # which it costs even when it is empty
        return Message(self.window, start, end, self._depth + 1)

    def varint(self, at: int, end: int) -> tuple[int, int]:
        """The varint that begins there, and where it ends.

        Raises:
            LrnError: It ends beyond `end`, or never.
        """
        offset = at - self.window.start
        if 0 <= offset < len(self.window.block) and at < end and (byte := self.window.block[offset]) < 128:
            return byte, at + 1  # nearly all are: no piece is cut out for them
        value = shift = 0
        for byte in self.window.take(at, min(_VARINT_BYTES, end - at)):
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value & ((1 << 64) - 1), at
            shift += 7
        raise self.damaged(at, "it ends in a number" if at >= end else f"a number of more than {_VARINT_BYTES} bytes")

    def damaged(self, at: int, what: str) -> LrnError:
        """The error for damage at that byte."""
        return self.window.content.damaged(f"{what}, at byte {at}")

    def _too_long(self, begin: int, number: int, wanted: int, left: int) -> LrnError:
        announced = f"field {number} at byte {begin} announces {wanted:,} bytes, {max(left, 0):,} are left"
        size = self.window.content.size
        early = f"it ends early, at byte {size}: " if self.end == size else ""
        return self.window.content.damaged(f"{early}{announced}")


def outline(content: Content, start: int = 0, end: int | None = None, most: int = 64) -> list[Field]:
    """The first fields of a message, up to where it is damaged or cut off: what a format is recognised by."""
    message = Message(_Window(content), start, content.size if end is None else min(end, content.size))
    found: list[Field] = []
    at = start
    while at < message.end and len(found) < most:
        try:
            tag, value, begin, at = message.field_at(at)
        except LrnError:
            break
        found.append(Field(message, tag, value, begin, min(at, message.end)))
    return found
