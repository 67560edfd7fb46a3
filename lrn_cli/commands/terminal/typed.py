"""The line as it was typed: one that a hint says to type instead keeps the flags of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import click

from lrn_cli.commands.terminal.hints import END, holds
from lrn_cli.errors import LrnError

_NAMED = ("-c", "--convention")
"""What a convention stands behind."""


def keep_flags(hint: str, typed: Sequence[str] | None = None) -> str:
    """A hint's line with the flags that were typed and that it lacks: without them other numbers would come.

    Args:
        hint: Any; what is no line of the verb that was typed stays as it is.
        typed: The words behind `lrn`; by default those of the line that runs.

    >>> keep_flags("lrn apply x.npy -o y.npy", ["apply", "x.npy", "y.npy", "-c", "caffe", "--dtype=float64"])
    'lrn apply x.npy -o y.npy -c caffe --dtype=float64'
    >>> keep_flags("lrn apply a --recursive -o out/", ["apply", "a", "-o", "b/"])
    'lrn apply a --recursive -o b/'
    """
    from lrn_cli.commands import lrn

    typed, context = lrn.typed if typed is None else typed, click.Context(lrn)
    command = lrn.get_command(context, typed[0]) if typed else None
    if command is None or not hint.startswith(f"lrn {typed[0]} ") or any(part in hint for part in (",", " or ", "--h")):
        return hint
    words = shlex.split(hint)
    if {*words} & {*END}:
        return hint
    options = {word: one for one in command.get_params(context) if isinstance(one, click.Option) for word in one.opts}
    for name, value, flag in _flags(typed[1:], options):
        option = options.get(name)
        there = {*(option.opts if option else [name])} & {*words}
        if not there or (option and option.multiple and value not in words):
            words += flag
        elif name in ("-o", "--output") and value.endswith("/"):
            words = [value if word == "out/" else word for word in words]
    line = shlex.join(words)
    return line if holds(line) else hint


def improve(error: LrnError) -> str:
    """The hint of an error for the line that runs: what it lacks of it is added."""
    placed = place(error)
    return keep_flags(error.hint) if placed == error.hint else placed


def place(error: LrnError, typed: Sequence[str] | None = None) -> str:
    """The hint of an error, or the line that was meant where a convention, or its number, was taken for a file.

    Args:
        error: Any.
        typed: As for `keep_flags`.

    >>> absent = LrnError("caffe: no such file", "ls .")
    >>> place(absent, ["apply", "x.npy", "caffe"]), place(absent, ["info", "caffe"])
    ('lrn apply x.npy -c caffe', 'ls .')
    >>> place(LrnError("beta=1: no such file", "ls ."), ["compare", "x", "-c", "tf", "beta=1", "-c", "caffe"])
    'lrn compare x -c tf:beta=1 -c caffe'
    """
    from lrn_cli.commands import lrn

    typed = lrn.typed if typed is None else typed
    words, word = [*typed], error.message.removesuffix(": no such file")
    if word not in words or word == error.message:
        return error.hint
    at = words.index(word)
    if "=" in word:
        flags = [before for before in range(at) if words[before] in _NAMED]
        if flags:
            given = words[flags[-1] + 1]
            words[flags[-1] + 1] = f"{given}{',' if ':' in given else ':'}{words.pop(at)}"
    else:
        from lrn_cli.conventions.registry import conventions

        names = {convention.name for convention in conventions()}
        bare = {word} & names and {one for before, one in pairwise(words) if before not in _NAMED} & names
        words = [part for one in words for part in (["-c", one] if one in bare else [one])]
    line = f"lrn {shlex.join(words)}"
    return line if words != [*typed] and holds(line) else error.hint


def _flags(typed: Sequence[str], options: Mapping[str, click.Option]) -> Iterator[tuple[str, str, list[str]]]:
    """The flags of a line: the name each goes by, its value, and the words that are both."""
    words = iter(typed)
    for word in words:
        long, equals, joined = word.partition("=")
        if word[:1] != "-" or word == "-" or f"-{long}" in options:
            continue
        name = long.lower().replace("_", "-") if word[1] == "-" else word[:2]
        value = joined if equals else word[len(name) :]
        option = options.get(name)
        if value or (option and (option.is_flag or option.count)):
            yield name, value, [word]
        else:
            value = next(words, "")
            yield name, value, [word, value]
