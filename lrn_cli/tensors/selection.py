"""From what a user typed to an open tensor: `x.npy`, `x.h5::/path`, `x.npz::name`, an image, or `-`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from lrn_cli.errors import LrnError
from lrn_cli.tensors.conversion import any_conversion, refuse_unless_tensor
from lrn_cli.tensors.guards import check_size
from lrn_cli.tensors.npy.streams import StreamSource
from lrn_cli.tensors.registry import is_known, open_file, recognise
from lrn_cli.tensors.targets import is_stream
from lrn_cli.tensors.tensor import Format, Reading, Source, TensorInfo

STREAM = "-"
SEPARATOR = "::"


def split(word: str) -> tuple[str, str]:
    """The file and the member that a word names; the member is empty where none is named.

    Both may have `::` in their own names. The file is the shortest that is there; where none is, as of an output, the
    shortest whose suffix is known.

    >>> split("x.h5::/conv1/features"), split("new.h5::/a::b"), split("new::a.npy")
    (('x.h5', '/conv1/features'), ('new.h5', '/a::b'), ('new::a.npy', ''))
    """
    if not word:
        raise LrnError("the name of a file is empty", "lrn apply x.npy -o out.npy")
    if SEPARATOR not in word or os.path.exists(word):
        return word, ""
    found = list(ways(word))
    there = (way for way in found if os.path.exists(way[0]) and not os.path.isdir(way[0]))
    known = (way for way in (*found, (word, "")) if is_known(way[0]))
    return next(there, None) or next(known, None) or found[-1]


def ways(word: str) -> Iterator[tuple[str, str]]:
    """What stands before and behind each `::` of a word, from the left."""
    at = word.find(SEPARATOR)
    while at >= 0:
        yield word[:at], word[at + len(SEPARATOR) :]
        at = word.find(SEPARATOR, at + 1)


def open_tensor(word: str, reading: Reading, stdin: IO[bytes] | None = None) -> Source:
    """Open the tensor that a word names.

    Args:
        word: As typed.
        reading: How to read.
        stdin: What `-` stands for.

    Raises:
        LrnError: There is no such file or tensor, several and none is named, or it is not numeric or too large.
    """
    source = _opened(word, reading, stdin)
    try:
        check_size(word, source, reading.max_bytes, elsewhere=reading.allow_external)
    except BaseException:
        source.close()
        raise
    return source


def _opened(word: str, reading: Reading, stdin: IO[bytes] | None) -> Source:
    if word == STREAM:
        if stdin is None:
            raise LrnError("- is standard input, which is not read here", "name a file")
        return StreamSource(stdin, "standard input")
    name, member = split(word)
    path = Path(name)
    file = open_file(path)
    try:
        if is_stream(file.fileno()):
            if file.isatty():
                raise LrnError(f"{word}: is a terminal, not a tensor", "cat x.npy | lrn apply - -o out.npy")
            return StreamSource(file, word)
        form = recognise(path, file)
        if form.read is not None and not member:
            source = form.read(path, file)
            refuse_unless_tensor(form, path, source.info)
            return source
    except BaseException:
        file.close()
        raise
    file.close()
    if member and form.finds_names:
        source = form.open(path, TensorInfo((), np.dtype("V1"), member), reading)
        try:
            refuse_unless_tensor(form, path, source.info)
        except LrnError:
            source.close()
            raise
        return source
    return form.open(path, choose(form, path, member, form.describe(path, reading)), reading)


def choose(form: Format, path: Path, member: str, infos: Sequence[TensorInfo]) -> TensorInfo:
    """The tensor of a file that is meant: the one named, else the only one there is.

    Raises:
        LrnError: None of that name, none at all, several and none named, or one that is not numeric.
    """
    if member:
        found = next((info for info in infos if info.member == member), None)
        if found is None:
            raise _no_member(form, path, member, infos)
    else:
        found = only_one(form, path, infos)
    refuse_unless_tensor(form, path, found)
    return found


def only_one(form: Format, path: Path, infos: Sequence[TensorInfo]) -> TensorInfo:
    """The only tensor of a file, dimension scales and single numbers not counted.

    Raises:
        LrnError: There are several, or none.
    """
    numeric = [info for info in infos if info.dtype.kind in "biuf"]
    tensors = [info for info in numeric if info.shape and not info.auxiliary] or numeric or list(infos)
    if len(tensors) == 1:
        return tensors[0]
    if not tensors and form.without_tensor is not None:
        raise form.without_tensor(path)
    if not tensors:
        raise LrnError(f"{path}: holds no array", f"lrn info {path}")
    raise _several(form, path, tensors, of_numbers=bool(numeric))


def _several(form: Format, path: Path, tensors: Sequence[TensorInfo], *, of_numbers: bool) -> LrnError:
    names = [info.member for info in tensors]
    listed = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    what = "datasets" if form.finds_names else "arrays"
    if of_numbers:
        message = f"{path}: {len(names)} numeric {what}, none named: {listed}"
        return LrnError(message, f"{path}{SEPARATOR}{names[0]}")
    return LrnError(
        f"{path}: {len(names)} {what}, none of them numeric: {listed}", any_conversion(form, path, tensors[:8])
    )


def _no_member(form: Format, path: Path, member: str, infos: Sequence[TensorInfo]) -> LrnError:
    names = [info.member for info in infos if info.member]
    if not infos and form.without_tensor is not None:
        return form.without_tensor(path)
    if not names:
        return LrnError(f"{path}: holds one array, none is called {member}", str(path))
    from difflib import get_close_matches

    near = (get_close_matches(member, names, n=1, cutoff=0.3) or names)[0]
    return LrnError(f"{path}: has no {member}; it has {', '.join(names[:8])}", f"{path}{SEPARATOR}{near}")
