"""Which file formats there are, and which one a file has: its first bytes decide, for an output its suffix."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from io import FileIO
from itertools import chain
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import lrn_cli.tensors.formats as package
from lrn_cli.declarations import Declarations
from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import Format, WrittenFormat
from lrn_cli.tensors.targets import is_stream, is_url, place

if TYPE_CHECKING:
    from lrn_cli.tensors.remote.forms import Remote

_SNIFFED_BYTES = 4096

_DECLARED = Declarations[Format](package, "FORMATS")


@cache
def formats() -> tuple[Format, ...]:
    """All formats, found by looking at the files of the `formats` package: a new format is one new file."""
    return _DECLARED.everywhere()


def sniff(path: Path) -> Format:
    """The format of an existing file, by its first bytes.

    Raises:
        LrnError: As `open_file` and `recognise`.
    """
    if is_url(path):
        return sniff_url(path)
    with open_file(path) as file:
        return recognise(path, file)


def sniff_url(path: Path) -> Remote:
    """The format of what is behind a URL.

    Raises:
        LrnError: Nothing is, it cannot be read, or is of no known format.
    """
    from lrn_cli.tensors.remote.copies import at_url
    from lrn_cli.tensors.remote.objects import look

    may_be_marked = not is_known(str(path)) or any(form.marks and path.suffix in form.suffixes for form in formats())
    if may_be_marked and (mark := find_mark(path)):
        return at_url(next(form for form in formats() if mark.name in form.marks))
    found = look(path)
    if not found.head:
        raise LrnError(f"{path}: the object is empty (0 bytes)", "write it again with np.save, and send it again")
    form = by_head(path, found.head)
    if form is None:
        raise not_known(path, found.head)
    return at_url(form, found)


def open_file(path: Path) -> FileIO:
    """An existing file, open for reading; of a folder that is one of a format, the file in it that shows that.

    Raises:
        LrnError: The file is missing, is a folder or cannot be read.
    """
    try:
        return path.open("rb", buffering=0)
    except (FileNotFoundError, NotADirectoryError):
        from lrn_cli.tensors.absence import missing

        raise missing(path) from None
    except IsADirectoryError:
        if mark := find_mark(path):
            return open_file(mark)
        raise LrnError(f"{path}: is a folder, not a tensor file", f"lrn apply {path} --recursive -o out/") from None
    except OSError as error:
        raise _unreadable(path, error) from None


def find_mark(path: str | Path) -> Path | None:
    """The file that makes a folder one of a format, as Zarr's are; None where the folder is of no format."""
    marks = (os.path.join(path, name) for form in formats() for name in form.marks)
    if is_url(path):
        from lrn_cli.tensors.remote.objects import kind_of

        return next((mark for mark in map(place, marks) if kind_of(mark) == "file"), None)
    return next((Path(mark) for mark in marks if os.path.isfile(mark)), None) if os.path.isdir(path) else None


def is_plain_folder(path: str | Path) -> bool:
    """Whether it is a folder that stands for the files below it, and not one that is itself a tensor file."""
    if is_url(path):
        from lrn_cli.tensors.remote import addresses
        from lrn_cli.tensors.remote.objects import kind_of

        name, member = addresses.split(str(path), is_known)
        asked = not member and not is_known(addresses.show(name))
        return asked and kind_of(place(name)) == "directory" and find_mark(name) is None
    return os.path.isdir(path) and find_mark(path) is None


def recognise(path: Path, file: FileIO) -> Format:
    """The format of an open file, by its first bytes; it still stands at its beginning after that.

    Raises:
        LrnError: The file is empty, cannot be read or is of no known format.
    """
    try:
        head = os.pread(file.fileno(), _SNIFFED_BYTES, 0)
        found = _format_of(path, head, file)
    except OSError as error:
        raise _unreadable(path, error) from None
    if not head and os.fspath(file.name) == os.fspath(path):
        raise LrnError(f"{path}: the file is empty (0 bytes)", "write it again with np.save")
    if found is None:
        raise not_known(path, head)
    return found


def not_known(path: Path, head: bytes) -> LrnError:
    """What to say of a file of none of the formats, by its first bytes."""
    from lrn_cli.tensors.foreign import recognise, refusal

    if foreign := recognise(head):
        return refusal(path, foreign)
    claims = f", though its name ends in {path.suffix}" if is_known(path.name) else ""
    return LrnError(
        f"{path}: is none of {', '.join(form.name for form in formats())}{claims}; it begins with {head[:8]!r}",
        "save it as .npy, as in np.save('x.npy', x)",
    )


def _format_of(path: Path, head: bytes, file: FileIO) -> Format | None:
    """What the first bytes show; where that is nothing, or not what the name says, what stands further in."""
    if (opened := os.fspath(file.name)) != os.fspath(path):  # a file in the folder that it is
        return next(form for form in formats() if os.path.basename(opened) in form.marks)
    shown = by_head(path, head)
    if shown is not None and path.suffix.lower() in shown.suffixes:
        return shown
    for form in formats():
        asked = shown is None or (form is not shown and str(path).lower().endswith(form.suffixes))
        if asked and form.matches_further_in(file):
            return form
    return shown


def by_head(path: Path, head: bytes) -> Format | None:
    """The format that first bytes show, that of the name before others; None where they show none."""
    suffix = path.suffix.lower()
    usual = (form for form in _DECLARED.in_file(suffix[1:]) if suffix in form.suffixes and form.matches(head))
    return next(usual, None) or next((form for form in formats() if form.matches(head)), None)


def for_output(path: Path, asked: str | None) -> WrittenFormat:
    """The format to write: the one asked for by name, else npy for a pipe or device, else what the suffix says.

    Raises:
        LrnError: Neither says a format that can be written.
    """
    if is_url(path):
        from lrn_cli.tensors.remote.copies import at_url

        return at_url(find_format(asked) if asked is not None else _by_suffix(path))
    if asked is not None or is_stream(path):
        return find_format(asked or "npy")
    return _by_suffix(path)


def _by_suffix(path: Path) -> WrittenFormat:
    suffix = os.path.splitext(path)[1].lower()
    found = _find_written(_DECLARED.in_file(suffix[1:]), suffix) or _find_written(writable(), suffix)
    if found is None:
        what = f"the suffix {suffix!r}" if suffix else "a name without suffix"
        names = ", ".join(form.name for form in writable())
        image = any(suffix in form.suffixes for form in formats() if form.is_image)
        near = path.with_suffix(".png" if image else ".npy")
        raise LrnError(f"{path}: {what} is none that lrn writes: {names}", f"-o {quote(str(near))}")
    return found


def _find_written(forms: Iterable[Format], suffix: str) -> WrittenFormat | None:
    return next((form for form in forms if isinstance(form, WrittenFormat) and suffix in form.suffixes), None)


def find_format(name: str) -> WrittenFormat:
    """The format of that name.

    Raises:
        LrnError: There is none that can be written.
    """
    alike = (form for form in chain(_DECLARED.in_file(name), writable()) if form.name == name)
    found = next((form for form in alike if isinstance(form, WrittenFormat)), None)
    if found is None:
        from lrn_cli.tensors.absence import nearest

        names = {suffix.lstrip("."): form.name for form in writable() for suffix in (f".{form.name}", *form.suffixes)}
        near = names.get(nearest(name.lower().lstrip("."), names), "")
        raise LrnError(
            f"the output format {name!r} is none that lrn writes: {', '.join(form.name for form in writable())}",
            f"--output-format {near}" if near else "--output-format with one of them",
        )
    return found


@cache
def suffixes() -> frozenset[str]:
    """The suffixes of all formats."""
    return frozenset(suffix for form in formats() for suffix in form.suffixes)


def is_known(name: str) -> bool:
    """Whether a file's name ends in the suffix of a format.

    >>> is_known("maps/x.H5"), is_known("x.txt")
    (True, False)
    """
    return os.path.splitext(name)[1].lower() in suffixes()


@cache
def writable() -> tuple[WrittenFormat, ...]:
    """The formats that an output can have."""
    return tuple(form for form in formats() if isinstance(form, WrittenFormat))


def _unreadable(path: Path, error: OSError) -> LrnError:
    return LrnError(f"{path}: cannot be read: {error.strerror}", f"ls -l {path}")
