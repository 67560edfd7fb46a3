"""Formats: one file for each, with `render(document) -> str`, found by looking at the files of this package."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lrn_cli.declarations import list_files

if TYPE_CHECKING:
    from lrn_cli.pages.document import Document


def formats() -> list[str]:
    """The names of all formats, text first."""
    return sorted(list_files(__path__), key=lambda name: (name != "text", name))


def render(document: Document, name: str, **how: int) -> str:
    """The document in the format of that name; `how` is what only some have, as the width of text."""
    text: str = import_module(f"{__name__}.{name}").render(document, **how)
    return text
