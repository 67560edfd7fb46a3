"""Formats of what is behind URLs: which one it is, and a way to read or write it there."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

from lrn_cli.tensors.format import Format, WrittenFormat
from lrn_cli.tensors.remote.objects import Object
from lrn_cli.tensors.tensor import Reading, Source


class Remote(WrittenFormat):
    """A format as it is behind URLs.

    Args:
        form: The same of files.
        found: The object that was recognised as of it.
    """

    def __init__(self, form: Format, found: Object | None = None) -> None:
        self.form, self.found = form, found
        self.name, self.suffixes, self.holds = form.name, form.suffixes, form.holds
        self.is_image, self.may_crash, self.in_python = form.is_image, form.may_crash, form.in_python
        if isinstance(form, WrittenFormat):
            self.layouts, self.keeps_filters = form.layouts, form.keeps_filters
            self.holds_several, self.in_folders = form.holds_several, form.in_folders

    def matches(self, head: bytes) -> bool:
        """Whether an object's first bytes are this format's."""
        return self.form.matches(head)

    def open_member(self, path: Path, member: str, reading: Reading) -> Source:
        """The tensor of that name, the only one where none is named."""
        return self.open(path, self.choose(path, member, self.describe(path, reading), reading), reading)


@runtime_checkable
class AtUrls(Protocol):
    """A format of which nothing is copied to be read, and nothing kept here to be sent."""

    def at_url(self, found: Object | None) -> Remote:
        """The same behind a URL; `found` is the object that was recognised as of it."""
