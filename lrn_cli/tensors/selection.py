"""From what a user typed to an open tensor: `x.npy`, `x.h5::/path`, `x.npz::name`, an image, or `-`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO

from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import has_wildcards
from lrn_cli.tensors.guards import check_size
from lrn_cli.tensors.registry import is_known, is_plain_folder, open_file, recognise, sniff, sniff_url
from lrn_cli.tensors.targets import is_stream, is_url, place
from lrn_cli.tensors.tensor import Reading, Source

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
    if is_url(word):
        from lrn_cli.tensors.remote import addresses

        return addresses.split(word, is_known)
    if SEPARATOR not in word or os.path.exists(word):
        return word, ""
    found = list(ways(word))
    there = (way for way in found if os.path.exists(way[0]) and not is_plain_folder(way[0]))
    known = (way for way in (*found, (word, "")) if is_known(way[0]))
    return next(there, None) or next(known, None) or found[-1]


def ways(word: str) -> Iterator[tuple[str, str]]:
    """What stands before and behind each `::` of a word, from the left."""
    at = word.find(SEPARATOR)
    while at >= 0:
        yield word[:at], word[at + len(SEPARATOR) :]
        at = word.find(SEPARATOR, at + 1)


def spread(word: str, reading: Reading) -> list[str]:
    """The words of all tensors that a word with wildcards stands for; the word itself where it has none.

    Args:
        word: As typed.
        reading: How to read.

    Raises:
        LrnError: There is no such file, it cannot be read, or nothing in it matches.

    >>> spread("samples/feats.h5::*", Reading()), spread("samples/feats.h5::/features/conv1", Reading())
    (['samples/feats.h5::/features/conv1'], ['samples/feats.h5::/features/conv1'])
    """
    name, member = split(word)
    if not has_wildcards(member):
        return [word]
    path = place(name)
    form = sniff(path)
    infos = form.describe(path, reading)
    if form.is_name(path, member, infos):
        return [word]
    return [info.word(path) for info in form.match(path, member, infos)]


def open_several(words: Sequence[str], reading: Reading) -> list[Source]:
    """Open several tensors of one file, which is looked through once; arguments and errors as of `open_tensor`.

    Args:
        words: Of the tensors, each with the name of one.
        reading: How to read.
    """
    path = place(split(words[0])[0])
    form = sniff(path)
    infos = {info.member: info for info in form.describe(path, reading)}
    members = [split(word)[1] for word in words]
    with ExitStack() as opened:
        if not infos.keys() >= set(members):  # some are spelt in another way, or are links
            sources = [opened.enter_context(open_tensor(word, reading)) for word in words]
            opened.pop_all()
            return sources
        sources = []
        chosen = [form.choose(path, member, [infos[member]], reading) for member in members]
        for word, source in zip(words, form.open_several(path, chosen, reading), strict=True):
            sources.append(opened.enter_context(source))
            check_size(word, source, reading.max_bytes, elsewhere=reading.allow_external)
        opened.pop_all()
    return sources


def open_tensor(word: str, reading: Reading, stdin: IO[bytes] | None = None) -> Source:
    """Open the tensor that a word names.

    Args:
        word: As typed.
        reading: How to read.
        stdin: What `-` stands for.

    Raises:
        LrnError: There is no such file or tensor, several and none is named, or it is not numeric or too large.
    """
    source = _open(word, reading, stdin)
    try:
        if not reading.part:
            check_size(word, source, reading.max_bytes, elsewhere=reading.allow_external)
    except BaseException:
        source.close()
        raise
    return source


def open_values(word: str, reading: Reading, stdin: IO[bytes] | None = None) -> Source:
    """As `open_tensor`, with elements of types that NumPy lacks as float32."""
    return values_of(open_tensor(word, reading, stdin))


def values_of(source: Source) -> Source:
    """The source itself, or the values of one whose elements are of a type that NumPy lacks, as float32."""
    if not source.info.narrow:
        return source
    from lrn_cli.tensors.widening import Widened

    return Widened(source)


def _open(word: str, reading: Reading, stdin: IO[bytes] | None) -> Source:
    if word == STREAM:
        if stdin is None:
            raise LrnError("- is standard input, which is not read here", "name a file")
        return _read_stream(stdin, "standard input", reading)
    name, member = split(word)
    path = place(name)
    if is_url(path):
        return sniff_url(path).open_member(path, member, reading)
    file = open_file(path)
    try:
        if is_stream(file.fileno()):
            if file.isatty():
                raise LrnError(f"{word}: is a terminal, not a tensor", "cat x.npy | lrn apply - -o out.npy")
            return _read_stream(file, word, reading)
        form = recognise(path, file)
        return form.open_named(path, file, member, reading)
    except BaseException:
        file.close()
        raise


def _read_stream(stream: IO[bytes], name: str, reading: Reading) -> Source:
    from lrn_cli.tensors.npy.streams import StreamSource

    return StreamSource(stream, name, reading)
