"""Hints are tried before they are shown: a wrong one is worse than none."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import click

from lrn_cli.errors import LrnError

END = ("|", ">", "<", "&&", ";", "says", "shows", "lists")
"""What stands behind a line of this program: another program, or what the line does."""


def holds(hint: str) -> bool:
    """Whether what a hint says to type is what this program takes: its verbs, flags, and conventions with numbers.

    What is no command of it, and no flag, is left to whoever wrote it.

    >>> holds("lrn apply x.npy -o out.npy"), holds("lrn apply --colour"), holds("-c caffe:local_size=4"), holds("ls .")
    (True, False, False, True)
    """
    try:
        return all(_holds(shlex.split(piece)) for piece in re.split(r",? or (?=lrn |-)|; (?=lrn |-)", hint))
    except ValueError:
        return not hint.startswith(("lrn ", "-"))  # a quote that is not closed: prose may have one


def _holds(words: Sequence[str]) -> bool:
    words = [word.rstrip(",;?") for word in words]
    if words[:1] == ["lrn"]:
        end = next((at for at, word in enumerate(words) if word in END), len(words))
        return _parses(words[1:end])
    if not words or not words[0].startswith("-") or words[0] == "-":
        return True
    flags = [word.partition("=")[0] for word in words if re.match(r"--?[a-zA-Z0]", word)]
    return {*flags} <= _all_flags() and all(_binds(word) for flag, word in pairwise(words) if flag == "-c")


def _parses(words: Sequence[str]) -> bool:
    """Whether the program takes a line."""
    from lrn_cli.commands import lrn

    if not words or words[0].startswith("-"):
        return words[:1] in (["--help"], ["--version"])
    command = lrn.get_command(click.Context(lrn), words[0])
    if command is None:
        return False
    args = [word for word in words[1:] if word not in ("--help", "-h")]
    try:
        with command.make_context(words[0], [*args], parent=click.Context(lrn)) if args else click.Context(command):
            return all(_binds(word) for flag, word in pairwise(args) if flag in ("-c", "--to"))
    except (click.ClickException, LrnError):
        return False


@cache
def _all_flags() -> frozenset[str]:
    """The flags of all verbs and of all conventions."""
    from lrn_cli.commands import lrn
    from lrn_cli.conventions.registry import conventions

    context = click.Context(lrn)
    commands = (lrn.get_command(context, verb) for verb in lrn.list_commands(context))
    own = {flag for command in commands if command for option in command.get_params(context) for flag in option.opts}
    return frozenset(own | {parameter.flag for convention in conventions() for parameter in convention.parameters})


def _binds(word: str) -> bool:
    """Whether a convention's word names one that takes its numbers; those that it lacks may stand elsewhere."""
    from lrn_cli.conventions.parameters import read
    from lrn_cli.models.words import ask

    if word.isupper() or "::" in word:  # NAME stands for any; in a file there may be a layer
        return True
    try:
        asked = ask(word)
        own = {name: asked.convention.named(name) for name in asked.given}
        return all(parameter is not None for parameter in own.values()) and all(
            read(parameter, asked.given[name]) is not None for name, parameter in own.items() if parameter
        )
    except LrnError:
        return False
