"""What conventions' own calls write, read back to the letter: whatever the language, the statement is the pattern."""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import NamedTuple

from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.registry import conventions
from lrn_cli.models.pasted.expressions import Argument, Seen
from lrn_cli.models.pasted.foreign import read_value

_TENSOR = r"""[^\s"'(),;]{1,200}"""
_VALUE = r"""(\[[^\]\n]{0,200}\]|[^\s,;()\[\]{}"'=]{1,60}?)"""
_END = r"(?![\w.*^+-])"
_RESULT = re.compile(r"^\{y\}\s*=\s*")


class Statement(NamedTuple):
    """The statement of a call.

    Attributes:
        convention: Whose it is.
        pattern: Matches it, whatever blanks it has; a group for each parameter.
        names: Of the parameters, in the order of the groups.
    """

    convention: Convention
    pattern: re.Pattern[str]
    names: tuple[str, ...]


@cache
def declared() -> tuple[Statement, ...]:
    """Those of all conventions, the longest first, for they may hold shorter ones; of two the same the usual one's."""
    found = {call.statement: convention for convention in reversed(conventions()) for call in convention.calls}
    return tuple(_compile(found[text], text) for text in sorted(found, key=len, reverse=True))


def _compile(convention: Convention, statement: str) -> Statement:
    names: list[str] = []
    parts: list[str] = []
    for literal, name, _, _ in Formatter().parse(_RESULT.sub("", statement)):
        parts.append(r"\s*".join(map(re.escape, re.split(r"\s+", literal))))
        if name is None:
            continue
        # A parameter that stands twice is the same number twice.
        again = f"(?:\\{names.index(name) + 1})" if name in names else _VALUE
        parts.append(_TENSOR if name in ("x", "y") else again)
        names += [name] if name not in ("x", "y", *names) else []
    return Statement(convention, re.compile(rf"(?<![\w.]){''.join(parts)}{_END}"), tuple(names))


def read_statements(text: str) -> tuple[list[tuple[Convention, Seen]], str]:
    """The statements in a text as calls with all their parameters by name, and the text without them."""
    found: list[tuple[Convention, Seen]] = []
    for statement in declared():
        for match in statement.pattern.finditer(text):
            arguments = zip(statement.names, match.groups(), strict=True)
            seen = Seen(
                statement.convention.name, tuple(Argument(name, read_value(value)) for name, value in arguments)
            )
            found.append((statement.convention, seen))
        text = statement.pattern.sub("0", text)
    return found, text
