"""The signs of a protobuf text: blanks, words, strings and brackets, each passed over in time that is linear in it."""

from __future__ import annotations

import re

from lrn_cli.errors import LrnError
from lrn_cli.models.content import DEPTH, STRING

# Repetitions are bounded, so that the memory of a match is, too; what is longer takes more than one.
_BLANKS = re.compile(r"[\s,;]*(?:#[^\n]*[\s,;]*){0,500}")
_STRINGS = {quote: re.compile(rf"[^{quote}\\\n]*(?:\\.[^{quote}\\\n]*){{0,500}}", re.DOTALL) for quote in "\"'"}
_STOP = re.compile(r"[][{}<>\"'#]")
_CLOSING = {"{": "}", "<": ">", "[": "]"}
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
STEPS = 600_000
"""Fields, brackets and strings of the longest text: a net of 10,000 layers has half of it."""
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Scanner:
    """A protobuf text and a place in it.

    Args:
        text: All of it.
        steps: How many may be taken.

    Attributes:
        position: The place.
        open: The brackets that are to come.
        left: How many steps may still be taken.
    """

    def __init__(self, text: str, steps: int = STEPS) -> None:
        self.text, self.left = text, steps
        self.open: list[str] = []
        self.position = 0
        self._counted = 0, 1  # a place and its line

    def line(self, position: int) -> int:
        """The line of a place in the text, counted from 1."""
        # On from the last place that was asked for, so that many errors are not many walks through the text.
        start, before = self._counted if self._counted[0] <= position else (0, 1)
        self._counted = position, before + self.text.count("\n", start, position)
        return self._counted[1]

    def skip(self, depth: int) -> None:
        """Go past the ends of all messages that lie deeper."""
        while len(self.open) > depth:
            self.step()
            stop = _STOP.search(self.text, self.position)
            if stop is None:
                self.position = len(self.text)
                raise self.error(f"the text ends where {self.open[-1]} is to come")
            self.position, sign = stop.start(), stop[0]
            if sign == "#":
                self.blank()
            elif sign in "'\"":
                self.pass_string()
            elif sign in _CLOSING:
                self.enter()
            elif sign == self.open.pop():
                self.position += 1
            else:
                raise self.error(f"{sign} closes what it did not open")

    def enter(self) -> None:
        """Go into the message or list that begins here."""
        if len(self.open) >= DEPTH:
            raise self.error(f"messages lie more than {DEPTH} deep")
        self.open.append(_CLOSING[self.here])
        self.position += 1

    def pass_string(self) -> None:
        """Go behind the quotation mark that ends the string here."""
        quote, start = self.here, self.position
        self.position += 1
        while self.here != quote:
            before = self.position
            piece = _STRINGS[quote].match(self.text, before)
            self.position = piece.end() if piece else before
            if self.position == before:
                self.position = start
                raise self.error("a string without an end on its line")
        self.position += 1

    def blank(self) -> None:
        """Go past blanks, separators and comments."""
        while True:
            blanks = _BLANKS.match(self.text, self.position)
            self.position = blanks.end() if blanks else self.position
            if self.here != "#":
                return

    def step(self) -> None:
        """Count one step; raises LrnError where there have been too many."""
        self.left -= 1
        if self.left < 0:
            raise self.error("too many fields before it for a net without weights")

    @property
    def here(self) -> str:
        """The character at hand; empty at the end."""
        return self.text[self.position : self.position + 1]

    def accept(self, sign: str) -> bool:
        """Go past a sign, if it is the one at hand."""
        found = self.here == sign
        self.position += found
        return found

    def match(self, pattern: re.Pattern[str], wanted: str) -> str:
        """Go past what has that pattern, and give it; raises LrnError where something else stands here."""
        match = pattern.match(self.text, self.position)
        if match is None:
            shown = self.text[self.position : self.position + 20].split("\n")[0]
            raise self.error(f"{wanted} is wanted, there is {shown or 'the end'}")
        if match.end() - match.start() > STRING:
            raise self.error(f"a word of more than {STRING:,} characters")
        self.position = match.end()
        return match[0]

    def error(self, what: str) -> LrnError:
        """The error for the place at hand."""
        return LrnError(f"line {self.line(self.position)}: {what}")


def unescape(text: str) -> bytes:
    r"""The bytes of a string whose escapes are read.

    >>> unescape(r"norm\0331\n\342\200\256")
    b'norm\x1b1\n\xe2\x80\xae'
    """
    if "\\" in text:
        text = _ESCAPE.sub(_octet, text)
    return text.encode("utf-8", "surrogateescape")


def _octet(escape: re.Match[str]) -> str:
    octal, hexadecimal, letter = escape.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    value = int(octal, 8) & 255 if octal else int(hexadecimal, 16)
    return chr(value) if value < 128 else chr(0xDC00 + value)  # a byte, as surrogateescape has it
