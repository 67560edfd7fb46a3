"""Protobuf text, read field by field: tolerant of what it does not know, and past what is not wanted at full speed.

Nothing is built but what is asked for: a message is entered or skipped, and skipping is a search for brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrn_cli.errors import LrnError
from lrn_cli.models.content import STRING
from lrn_cli.models.protobuf.scanner import Scanner, unescape

_WORD = re.compile(r"-?\s*[^\s{}<>\[\]:;,\"'#]+")
_NAME = re.compile(r"[A-Za-z_][\w.]*|\[[\w./\s-]{1,200}\]")
_NUMBER = re.compile(r"-?\s*(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[fF]?|inf(?:inity)?f?|nanf?)", re.IGNORECASE)
_PLAIN = re.compile(r"([A-Za-z_][\w.]*)\s*:\s*(-?[^\s{}<>\[\]:;,\"'#-][^\s{}<>\[\]:;,\"'#]{0,1000})(?=[\s,;}>]|\Z)")
"""A field with a word, without a comment in it: most are, and are read at once."""
_INTEGER = re.compile(r"-?\s*(?:0[xX][0-9a-fA-F]+|\d+)")
_DIGITS = 400
"""Characters of the longest number: more than float64 has to say."""


class Field:
    """One field of a message: a word or a string, or a message of its own.

    Args:
        text: Where it stands.
        name: The field's.
        word: Its value as it is written; None where it is a message.
        octets: The bytes of a string, its escapes read; None where it is none.
    """

    def __init__(self, text: Text, name: str, word: str | None, octets: bytes | None = None) -> None:
        self.name, self.octets = name, octets
        self._text, self._word, self._at = text, word, text.position

    @property
    def line(self) -> int:
        """On which line it ends, counted from 1."""
        return self._text.line(self._at)

    @property
    def is_message(self) -> bool:
        """Whether it has fields of its own."""
        return self._word is None

    def fields(self, *wanted: str) -> Iterator[Field]:
        """The fields of a message by these names, or all of them; to be read before anything behind it is.

        Raises:
            LrnError: It is a word, or what is in it is no message.
        """
        if not self.is_message:
            raise self.refused("a message")
        return self._text.fields(*wanted)

    @property
    def quoted(self) -> str | None:
        """The value of a string, what is not UTF-8 replaced; None where it is none."""
        return None if self.octets is None else self.octets.decode("utf-8", "replace")

    @property
    def string(self) -> str:
        """The value of a string; raises LrnError where it is none."""
        if (quoted := self.quoted) is None:
            raise self.refused("a string")
        return quoted

    @property
    def shown(self) -> str:
        """The value with or without quotes, for names; of a message it is empty."""
        return (self._word or "") if (quoted := self.quoted) is None else quoted

    @property
    def word(self) -> str:
        """The value as a word that is no string, such as of an enumeration; raises LrnError where it is none."""
        if self._word is None or self.octets is not None:
            raise self.refused("a word without quotes")
        return self._word

    @property
    def integer(self) -> int:
        """The value as an integer, decimal, octal or hexadecimal; raises LrnError where it is none."""
        if not (_INTEGER.fullmatch(self._word or "") and len(self._word or "") <= _DIGITS):
            raise self.refused("an integer")
        digits = "".join((self._word or "").split())
        octal = digits.lstrip("-").startswith("0") and digits.lstrip("-").isdigit()
        try:
            return int(digits, 8 if octal else 0)
        except ValueError:
            raise self.refused("an integer") from None

    @property
    def number(self) -> float:
        """The value as a number, also `1e-4f`, `inf` and an integer; raises LrnError where it is none."""
        typed = self._word or ""
        if len(typed) <= _DIGITS and _NUMBER.fullmatch(typed):
            digits = "".join(typed.lower().split())
            return float(digits if digits.lstrip("-").startswith("inf") else digits.rstrip("f"))
        try:
            return float(self.integer)
        except LrnError:
            raise self.refused("a number") from None

    def refused(self, wanted: str) -> LrnError:
        """The error for a value of another type."""
        shown = "a message" if self._word is None else self._word[:40]
        return self.error(f"is {shown}, {wanted} is wanted")

    def error(self, what: str) -> LrnError:
        """The error about this field alone."""
        return LrnError(f"line {self.line}: {self.name} {what}")


class Text(Scanner):
    """A protobuf text, read from its beginning to its end.

    Args:
        text: All of it.

    >>> text = Text('layer { name: "norm1" lrn_param < alpha: 1e-4f; k: 2 > } # and so on')
    >>> [(field.name, field.number) for layer in text.fields("layer") for part in layer.fields("lrn_param")
    ...     for field in part.fields("alpha", "k")]
    [('alpha', 0.0001), ('k', 2.0)]
    """

    def fields(self, *wanted: str) -> Iterator[Field]:
        """The fields of the message that is open, or of the text: those by these names, or all where none is given.

        What a reader does not enter is skipped, and what it leaves before its end.

        Raises:
            LrnError: It is no protobuf text, ends early or lies too deep.
        """
        depth = len(self.open)
        while not self._ends(depth):
            if plain := _PLAIN.match(self.text, self.position):
                self.position = plain.end()
                if not wanted or plain[1] in wanted:
                    yield Field(self, plain[1], plain[2])
                continue
            name = self.match(_NAME, "the name of a field")
            self.blank()
            colon = self.accept(":")
            if colon:
                self.blank()
            yield from self._values(name, colon, skip=bool(wanted) and name not in wanted)

    def _values(self, name: str, colon: bool, *, skip: bool) -> Iterator[Field]:
        """The values of a field: several where it is a list."""
        if self.here in "{<" and self.here:
            yield from self._message(name, skip)
        elif self.here == "[":
            self.enter()
            if skip:
                self.skip(len(self.open) - 1)
                return
            depth = len(self.open)
            while not self._ends(depth):
                yield from self._message(name, skip) if self.here in "{<" else self._scalar(name, skip)
        elif colon:
            yield from self._scalar(name, skip)
        else:
            raise self.error(f"{name} has no value")

    def _message(self, name: str, skip: bool) -> Iterator[Field]:
        depth = len(self.open)
        self.enter()
        if not skip:
            yield Field(self, name, None)
        self.skip(depth)

    def _scalar(self, name: str, skip: bool) -> Iterator[Field]:
        if self.here not in ("'", '"'):
            word = self.match(_WORD, f"a value of {name}")
            if not skip:
                yield Field(self, name, word)
            return
        start, parts = self.position, []
        while self.here in ("'", '"') and self.here:
            begin = self.position
            self.step()
            self.pass_string()
            if not skip:
                parts.append(self.text[begin + 1 : self.position - 1])
                if self.position - start > STRING:
                    raise self.error(f"{name} is longer than {STRING:,} characters")
            behind = self.position
            self.blank()
        if not skip:
            self.position, after = behind, self.position
            yield Field(self, name, self.text[start:behind], b"".join(map(unescape, parts)))
            self.position = after

    def _ends(self, depth: int) -> bool:
        """Whether the message that lies so deep is at its end, which is then behind us."""
        self.step()
        self.blank()
        if not self.here:
            if self.open:
                raise self.error(f"the text ends where {self.open[-1]} is to come")
            return True
        if depth and self.accept(self.open[-1]):
            self.open.pop()
            return True
        return False
