"""Files of sections, `[name]` and below it `key=value`, as cuda-convnet and Darknet have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.models.content import TEXT, Content

_COMMENT = re.compile(r"\s[#;]")
_MOST = 20_000
"""Sections of a file, and values of a section."""
_HEADING = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:[ \t\r]*(?:[#;][^\n]*)?\n)*[ \t\r]*\[[^\[\]\n]+\][ \t\r]*(?:[#;][^\n]*)?(?:\n|\Z)"
)


class Section(NamedTuple):
    """A section.

    Attributes:
        name: In its brackets.
        number: Which it is, from 0.
        values: What it says, as written; of what is said twice the last.
    """

    name: str
    number: int
    values: dict[str, str]


def has_sections(content: Content) -> bool:
    """Whether a text begins with a section, perhaps behind comments."""
    return content.is_text and content.size <= TEXT and bool(_HEADING.match(content.head))


def read_sections(content: Content) -> Sequence[Section]:
    """The sections of a file, in order.

    Raises:
        LrnError: A line is neither a heading nor `key=value`, or stands before the first heading.
    """
    found: list[Section] = []
    for line in content.lines():
        if line[0] in "#;":
            continue
        if line[0] == "[" and "]" in line:
            found.append(Section(line[1 : line.index("]")].strip(), len(found), {}))
            if len(found) > _MOST:
                raise LrnError(f"{content.path}: more than {_MOST:,} sections", "a smaller net")
            continue
        key, equals, value = line.partition("=")
        if not equals or not found:
            raise content.damaged(f"{line[:40]!r} is neither [section] nor key=value")
        if len(found[-1].values) < _MOST:
            found[-1].values[key.strip()] = _COMMENT.split(value, maxsplit=1)[0].strip()
    return found
