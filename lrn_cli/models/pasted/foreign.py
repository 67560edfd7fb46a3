"""Calls in the text of other languages: MATLAB, Wolfram, Lua, JavaScript, C++, Java, Rust, NNEF.

Their calls look alike: a name, brackets, arguments between commas, each with or without its own name in front. What
does not look so is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.models.pasted.expressions import DICTIONARY, Argument, Opaque, Seen, Value, combine, exact, is_number

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|\#[^\n]*|%[^\n]*|--\s[^\n]*)
    |(?P<block>/\*|\(\*)
    |(?P<number>(?:\d{1,400}(?:\.(?!\*(?!\^)|[/^])\d{0,400})?|\.\d{1,400})
        (?:[eEdD][-+]?\d{1,6}|\*\^[-+]?\d{1,6})?(?P<suffix>[fFlL]?)(?![\w.]))
    |(?P<other>\.?\d[\w.]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')
    |(?P<name>[^\W\d][\w$]*)
    |(?P<sign>->|=>|:=|::|==|\*\*|\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_DEPTH = 32
"""Of brackets in brackets."""
_ENDS = {"/*": "*/", "(*": "*)"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_JOINTS = (".", "::", ":", "->")
"""Between the parts of a name."""
_ASSIGNMENTS = ("=", "->", ":", "=>")
"""Between the name of an argument and its value."""
_LEVELS = (("+", "-"), ("*", "/"), ("**", "^"))
"""Operators, those that bind least first."""


class Token(NamedTuple):
    """One sign of the text.

    Attributes:
        kind: `number`, `string`, `name`, `sign` or `end`.
        text: As it stands there; of a string what is in it.
        value: Of a number.
        spaced: Whether a blank stands before it.
        tight: Whether none stands behind it.
    """

    kind: str
    text: str
    value: Value = 0
    spaced: bool = False
    tight: bool = False


_END = Token("end", "")


def tokenize(text: str) -> Iterator[Token]:
    """The signs of a text, without blanks and comments."""
    behind = at = 0
    while match := _TOKEN.search(text, at):
        kind, found, spaced = str(match.lastgroup), match[0], match.start() > behind
        at = behind = match.end()
        tight = not text[at : at + 1].isspace()
        if match["block"]:
            end = text.find(_ENDS[found], at)
            if end >= 0:
                at = end + 2
                continue
            kind, found, at = "sign", found[0], at - 1  # f(*x) of C
            behind = at
        if match["comment"]:
            continue
        if match["number"]:
            yield Token("number", found, _number(match), spaced, tight)
        elif match["string"]:
            yield Token("string", re.sub(r"\\(.)", r"\1", found[1:-1]), 0, spaced, tight)
        else:
            yield Token(kind, found, 0, spaced, tight)


def _number(match: re.Match[str]) -> Value:
    digits = match["number"].rstrip("fFlL").lower().replace("d", "e").replace("*^", "e").rstrip(".")
    if digits.isdigit() and not match["suffix"]:
        return int(digits)
    return exact(float(digits))


def read_foreign(text: str) -> list[Seen]:
    """The calls in a text, in order, and lists that stand for themselves as calls without a name.

    >>> [call.name for call in read_foreign("y = vl_nnnormalize(x, [5 1 2e-5 0.75]);")]
    ['vl_nnnormalize']
    """
    return _Reader(list(tokenize(text))).calls()


def read_value(text: str) -> Value:
    """The value that a text is.

    >>> read_value("2*^-5"), read_value("[1, 5]")
    (Fraction(1, 50000), [1, 5])
    """
    return _Reader(list(tokenize(text))).value()


class _Reader:
    """Reads calls from tokens; each token is looked at a bounded number of times."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._at, self._depth, self._cut = tokens, 0, 0, False

    def calls(self) -> list[Seen]:
        found: list[Seen] = []
        while self._here.kind != "end":
            before, value = self._at, self._primary()
            if isinstance(value, Seen):
                found.append(value)
            elif isinstance(value, list):
                found.append(Seen("", (Argument("", value),), cut=self._cut))
            if self._at == before:
                self._at += 1
        return found

    def value(self) -> Value:
        return self._expression()

    @property
    def _here(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _accept(self, *signs: str) -> Token | None:
        token = self._here
        if token.kind != "sign" or token.text not in signs:
            return None
        self._at += 1
        return token

    def _primary(self) -> Value:
        """A number, a string, a list, a name or a call."""
        token = self._here
        if token.kind in ("number", "string"):
            self._at += 1
            return token.value if token.kind == "number" else token.text
        if token.kind == "name":
            return self._name()
        if self._accept("("):
            items = self._inside(")")
            return items[0].value if len(items) == 1 else [item.value for item in items]
        if opening := self._accept("[", "{"):
            return self._list(self._inside(_CLOSING[opening.text]))
        return Opaque(token.text)

    @staticmethod
    def _list(items: list[Argument]) -> Value:
        """A list; with names in it, as Lua and JavaScript hand them over, a dictionary."""
        if any(item.key for item in items):
            return Seen(DICTIONARY, tuple(items))
        return [item.value for item in items]

    def _name(self) -> Value:
        name, chain, called = "", [], False
        arguments: list[Argument] = []
        while self._here.kind == "name":
            part = self._here.text
            self._at += 1
            opening = self._accept(*_CLOSING)
            inside = self._inside(_CLOSING[opening.text]) if opening else []
            if not called:
                name = f"{name}.{part}".lstrip(".")
                arguments, called = inside, opening is not None
            else:
                chain += [Argument(part, item.value, chained=True) for item in inside[:1]]
            while called and (further := self._accept(*_CLOSING)):  # f[..][x]: of the result
                self._inside(_CLOSING[further.text])
            if not self._joint():
                break
        return Seen(name, (*arguments, *chain), cut=self._cut) if called else Opaque(name)

    def _joint(self) -> bool:
        """Go past what joins two parts of a name, if that is what comes."""
        behind = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else _END
        # `a -> b` is a rule and `a: b` an argument; `a->b` and `a:b` are names.
        # A method may stand on a line of its own: Builder()\n.n(5).
        close = not behind.spaced and (self._here.text == "." or not self._here.spaced)
        joined = self._here.text in _JOINTS and behind.kind == "name" and close
        self._at += joined
        return joined

    def _inside(self, closing: str) -> list[Argument]:
        """The arguments up to the bracket that closes them, and past it; without one up to the end, which is noted."""
        self._depth += 1
        if self._depth > _DEPTH:
            raise LrnError(f"brackets lie more than {_DEPTH} deep in each other")
        items: list[Argument] = []
        while not self._accept(closing):
            if self._here.kind == "end":
                self._cut = True
                break
            before = self._at
            if not self._accept(",", ";"):
                items.append(self._argument(spaced=closing == "]"))
            if self._at == before:
                self._at += 1
        self._depth -= 1
        return items

    def _argument(self, *, spaced: bool) -> Argument:
        key = self._here
        if key.kind in ("name", "string") and self._at + 1 < len(self._tokens):
            self._at += 1
            if self._accept(*_ASSIGNMENTS):
                return Argument(key.text, self._expression(spaced=spaced))
            self._at -= 1
        return Argument("", self._expression(spaced=spaced))

    def _expression(self, level: int = 0, *, spaced: bool = False) -> Value:
        """Arithmetic; in a list with blanks between its items a sign that is tight begins the next."""
        if level == len(_LEVELS):
            return self._signed(spaced=spaced)
        value = self._expression(level + 1, spaced=spaced)
        while self._here.text in _LEVELS[level] and not (spaced and self._here.spaced and self._here.tight):
            if not (sign := self._accept(*_LEVELS[level])):
                break
            value = combine(sign.text, value, self._expression(level + 1, spaced=spaced))
        return value

    def _signed(self, *, spaced: bool) -> Value:
        minus = 0
        while sign := self._accept("-", "+"):
            minus ^= sign.text == "-"
        value = self._primary()
        return combine("-", 0, value) if minus and is_number(value) else value
