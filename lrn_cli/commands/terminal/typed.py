"""The line as it was typed: one that a hint says to type instead keeps the flags of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

import click

from lrn_cli.commands.terminal.hints import END, holds


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


def _flags(typed: Sequence[str], options: Mapping[str, click.Option]) -> Iterator[tuple[str, str, list[str]]]:
    """The flags of a line: the name each goes by, its value, and the words that are both."""
    words = iter(typed)
    for word in words:
        if word[:1] != "-" or word == "-":
            continue
        long, equals, joined = word.partition("=")
        name = long.lower().replace("_", "-") if word[1] == "-" else word[:2]
        value = joined if equals else word[len(name) :]
        option = options.get(name)
        if value or (option and (option.is_flag or option.count)):
            yield name, value, [word]
        else:
            value = next(words, "")
            yield name, value, [word, value]
