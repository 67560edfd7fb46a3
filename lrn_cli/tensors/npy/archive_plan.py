"""What an .npz archive is to hold to which arrays are written: found out before a byte of it is."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.joining import Joined, join
from lrn_cli.tensors.npy.archives import ArchivedSource, descriptor_of, in_words, open_archive
from lrn_cli.tensors.npy.entries import Entry, find_entry
from lrn_cli.tensors.tensor import Writing

SUFFIX = ".npy"
"""Of an array's name in an archive."""
_LONGEST_NAME = (1 << 16) - 1


class Plan(NamedTuple):
    """An archive before it is begun.

    Attributes:
        order: Its entries: those that are copied, and the outputs by their numbers.
        places: Where the outputs stand.
        methods: How each output is compressed.
        base: The archive from which entries are copied; None where there is none.
        comment: Of the archive.
        old: That archive as it was when its directory was read.
    """

    order: list[Entry | int]
    places: list[Joined]
    methods: list[int]
    base: zipfile.ZipFile | None
    comment: bytes
    old: Unchanged | None


@contextmanager
def plan(writings: Sequence[Writing]) -> Iterator[Plan]:
    """What an archive will hold to which these are written; the one from which entries are copied is open meanwhile.

    Raises:
        LrnError: It cannot be written, or not without what is there.
    """
    source, path = writings[0].source, writings[0].path
    own = isinstance(source, ArchivedSource)
    places = join(writings, "npz", _names, own=own)
    for place in places:
        _check_name(path, place.member)
    with ExitStack() as stack:
        base, old = None, None
        if places[0].adds:
            old, base = Unchanged(path), stack.enter_context(open_archive(path))
        elif places[0].base is not None and isinstance(source, ArchivedSource):
            old, base = source.unchanged, source.archive
        numbers = {place.replaced + SUFFIX: number for number, place in enumerate(places) if place.replaced}
        order: list[Entry | int] = [number for number, place in enumerate(places) if not place.replaced]
        if base is not None:
            order = _keep(places[0].base or path, base, numbers) + order
        methods = [_method(writing, place, base) for writing, place in zip(writings, places, strict=True)]
        yield Plan(order, places, methods, base, b"" if base is None else base.comment, old)


def _names(path: Path) -> set[str]:
    with open_archive(path) as archive:
        return {name.removesuffix(SUFFIX) for name in archive.namelist() if name.endswith(SUFFIX)}


def _check_name(path: Path, member: str) -> None:
    try:
        length = len(f"{member}{SUFFIX}".encode())
    except UnicodeEncodeError:
        raise LrnError(f"{path}::{member}: the name of an array is text in UTF-8", "another path behind ::") from None
    if length > _LONGEST_NAME:
        raise LrnError(
            f"{path}: the name of an array has {length:,} bytes, the limit is {_LONGEST_NAME:,}", "a shorter one"
        )


def _keep(path: Path, base: zipfile.ZipFile, numbers: dict[str, int]) -> list[Entry | int]:
    """The entries of an archive, with the outputs' numbers for those whose places they take."""
    last = {about.filename: about for about in base.infolist()}  # the one that is read, should a name stand twice
    order: list[Entry | int] = []
    with in_words(str(path)):
        for about in base.infolist():
            if about.filename in numbers and last[about.filename] is about:
                order.append(numbers[about.filename])
            else:
                order.append(find_entry(descriptor_of(base), about))
        # Entries that overlap are a few bytes that become terabytes.
        if sum(about.compress_size for about in base.infolist()) > os.fstat(descriptor_of(base)).st_size:
            raise zipfile.BadZipFile("its entries overlap")
    return order


def _method(writing: Writing, place: Joined, base: zipfile.ZipFile | None) -> int:
    """How an output is compressed: as what it takes the place of, else as its source in an archive."""
    packed = isinstance(writing.source, ArchivedSource) and bool(writing.source.info.filters)
    if base is not None and place.replaced:
        packed = base.getinfo(place.replaced + SUFFIX).compress_type != zipfile.ZIP_STORED
    return zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
