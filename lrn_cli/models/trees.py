"""What is expected of JSON: where a stranger's file has something else, there is nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrn_cli.models.content import JSON, Content


def has_keys(content: Content, *keys: str) -> bool:
    """Whether a text looks like an object of JSON in which these keys stand somewhere."""
    if not content.is_text or not content.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    text = content.whole if content.size <= JSON else content.head
    return all(f'"{key}"'.encode() in text for key in keys)


def mapping(value: Any) -> Mapping[str, Any]:
    """An object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> Sequence[Any]:
    """A list; an empty one where it is none."""
    return value if isinstance(value, list) else ()


def text(value: Any) -> str:
    """A string; an empty one where it is none."""
    return value if isinstance(value, str) else ""
