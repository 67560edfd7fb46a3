"""What is expected of JSON: where a stranger's file has something else, there is nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    """An object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> Sequence[Any]:
    """A list; an empty one where it is none."""
    return value if isinstance(value, list) else ()


def text(value: Any) -> str:
    """A string; an empty one where it is none."""
    return value if isinstance(value, str) else ""
