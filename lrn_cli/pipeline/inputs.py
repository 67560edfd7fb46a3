"""Which tensors are meant: words on the command line, a list of them in a file, a folder with all below it."""

from __future__ import annotations

import os
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from select import select
from typing import IO

from lrn_cli.errors import LrnError
from lrn_cli.pipeline.outputs import is_one_file
from lrn_cli.pipeline.request import Input
from lrn_cli.tensors.folders import Search
from lrn_cli.tensors.format import has_wildcards
from lrn_cli.tensors.registry import is_plain_folder
from lrn_cli.tensors.selection import SEPARATOR, STREAM, split, spread
from lrn_cli.tensors.targets import place
from lrn_cli.tensors.tensor import Reading
from lrn_cli.work.isolation import each, may_crash

_MOST_NAMES, _LONGEST = 1_000_000, 256 << 20
"""Of a list: what comes from a command that never ends must not fill the memory."""
_PIECE = 1 << 20


def read_list(source: str, *, by_nul: bool, stdin: IO[bytes] | None = None) -> list[str]:
    """The inputs that a list names, one in a line.

    Args:
        source: The list's file, or `-`.
        by_nul: Whether they are separated by NUL bytes instead of line ends, as `find -print0` does.
        stdin: What `-` stands for.

    Raises:
        LrnError: The list cannot be read, is empty, or does not end.
    """
    end = b"\0" if by_nul else b"\n"
    try:
        if source == STREAM and stdin is not None:
            data = _read(stdin, source, end)
        else:
            with open(source, "rb", buffering=0) as file:
                data = _read(file, source, end)
    except OSError as error:
        raise LrnError(f"{source}: the list cannot be read: {error.strerror}", "find . -name '*.npy' > LIST") from None
    words = [os.fsdecode(line) for line in data.removeprefix(BOM_UTF8).split(end)]
    words = [word.removesuffix("\r") for word in words if word.strip()]
    if not words:
        raise LrnError(f"{source}: the list names no file", "find . -name '*.npy' > LIST")
    return words


def _read(file: IO[bytes], source: str, end: bytes) -> bytes:
    """All of a list, unless it is one that does not end."""
    data, names = bytearray(), 0
    while True:
        piece = file.read(_PIECE)
        if piece is None:
            select([file], [], [])  # a pipe that somebody set not to block
            continue
        if not data and piece.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            from shlex import quote

            shown = "" if source == STREAM else f"{quote(source)} "
            advice = f"iconv -f UTF-16 -t UTF-8 {shown}| lrn apply --files-from - -o out/"
            raise LrnError(f"{source}: the list is in UTF-16, it must be in UTF-8", advice)
        data += piece
        names += piece.count(end)
        if not piece:
            return bytes(data)
        if end != b"\0" and b"\0" in piece:
            raise LrnError(f"{source}: the list has NUL bytes, which no file's name has", "-0 where names end with NUL")
        if names > _MOST_NAMES or len(data) > _LONGEST:
            raise LrnError(
                f"{source}: the list goes on beyond {_MOST_NAMES:,} names or {_LONGEST:,} bytes", "several lists"
            )


def expand(words: Sequence[str], search: Search | None, output: str | None) -> list[Input]:
    """Each input that the words stand for: a folder stands for the tensor files below it.

    Args:
        words: As typed.
        search: For which files folders are searched; None where they are not.
        output: What was typed behind `-o`: a folder that is left out of the search.

    Raises:
        LrnError: A folder holds no tensor file.
    """
    found: list[Input] = []
    for word in words:
        if search is None or not is_plain_folder(word):
            found.append(Input(word))
        else:
            found += [Input(*file) for file in search.below(word, place(output) if output else None)]
    return found


def name_members(inputs: Sequence[Input], member: str) -> list[Input]:
    """The tensors of that name, which may have wildcards, in the files of the inputs.

    Raises:
        LrnError: One is no file, or names a tensor already.
    """
    for item in inputs:
        if item.word == STREAM:
            raise LrnError("- is one .npy stream, and has no datasets to name", "leave --dataset out")
        if named := split(item.word)[1]:
            raise LrnError(f"{item.word}: names {named}, and --dataset {member}", "leave one of them out")
    return [item._replace(word=f"{item.word}{SEPARATOR}{member}") for item in inputs]


def find_matches(inputs: Sequence[Input], reading: Reading, *, here: bool = False) -> list[Input]:
    """The inputs, those whose names have wildcards with the tensors that they stand for.

    Where nothing is found an input stays as it is: whoever opens it says why.

    Args:
        inputs: As typed.
        reading: How to read.
        here: Look into all files in this process, also into those that may crash a library.
    """
    words = [item.word for item in inputs if SEPARATOR in item.word and has_wildcards(item.word)]
    words = [word for word in words if has_wildcards(split(word)[1])]
    found = dict(zip(words, _spread(words, reading, here=here), strict=True))
    return [_with_matches(item, found.get(item.word)) for item in inputs]


def gather(inputs: Sequence[Input], output: str | None) -> Sequence[Input]:
    """The inputs, or where all are tensors of one file that are to go to one file, one input that stands for them.

    Args:
        inputs: With what their names match.
        output: As typed behind `-o`.
    """
    words = list(dict.fromkeys(tensor.word for item in inputs for tensor in item.tensors))
    if len(inputs) < 2 or not is_one_file(output) or not all(SEPARATOR in word for word in words):
        return inputs
    files, members = zip(*map(split, words), strict=True)
    return [Input(files[0], members=tuple(words))] if len({*files}) == 1 and all(members) and words[1:] else inputs


def _with_matches(item: Input, found: Sequence[str] | LrnError | None) -> Input:
    if found is None or isinstance(found, LrnError):
        return item
    return item._replace(word=found[0]) if len(found) == 1 else item._replace(members=tuple(found))


def _spread(words: Sequence[str], reading: Reading, *, here: bool) -> Iterator[Sequence[str] | LrnError]:
    def look(word: str) -> Sequence[str] | LrnError:
        try:
            return spread(word, reading)
        except LrnError as error:
            return error

    fragile = not here and any(map(may_crash, words))
    return each(look, words) if fragile else map(look, words)
