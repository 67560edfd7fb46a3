"""What to say of a command line that Click does not take: what was typed, and what was meant where that is clear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from shlex import join, quote

import click

from lrn_cli.conventions.slips import number
from lrn_cli.errors import LrnError

_CLOSE = 0.75
"""How alike a word must be to be taken for a slip."""
_MEANT = {
    "--tolerance": ("--rtol", "--atol"),
    "--tol": ("--rtol", "--atol"),
    "--eps": ("--atol",),
    "--radius": ("--depth-radius",),
    "--out": ("--output",),
    "--overwrite": ("--force",),
    "--clobber": ("--force",),
    "--framework": ("--convention",),
    "--threads": ("--jobs",),
    "--workers": ("--jobs",),
    "--glob": ("--include",),
    "--from": ("--convention",),
    "--channel-axis": ("--axis",),
    "--data-format": ("--layout",),
    "--float16": ("--dtype",),
}
"""Flags of other programs, and what they are called here."""


def explain_usage(error: click.ClickException) -> LrnError:
    """The error in one line, with what was meant as a hint."""
    context = getattr(error, "ctx", None) or click.get_current_context(silent=True)
    message = error.format_message().rstrip(".")
    message = re.sub(r" ?\(?Did you mean .*\??\)?$|\s*\(Possible options: .*\)$", "", message).rstrip(". ")
    message = message[:1].lower() + message[1:]
    path = context.command_path if context is not None else _verb_of(error)
    hint = _guess(error, context) if context is not None else ""
    return LrnError(message, hint or f"{path} --help")


def _verb_of(error: click.ClickException) -> str:
    """The verb of an error that Click raises without saying where."""
    import sys

    from lrn_cli.commands import lrn

    verbs = lrn.list_commands(click.Context(lrn))
    return next((f"lrn {word}" for word in sys.argv[1:] if word in verbs), "lrn")


def _guess(error: click.ClickException, context: click.Context) -> str:
    if isinstance(error, click.NoSuchOption):
        return _option(error.option_name, context)
    if isinstance(error, click.BadParameter) and isinstance(error.param, click.Option):
        return _number(error)
    if "no such command" in error.format_message().lower():
        typed = re.findall(r"'(.*)'", error.format_message())
        return unknown_verb(typed[0] if typed else "", context)
    extra = re.search(r"unexpected extra arguments? \((.*)\)", error.format_message())
    return _extra(extra[1].split(), context) if extra else ""


def _number(error: click.BadParameter) -> str:
    """The number that was meant behind a flag of this program, where it takes it."""
    typed = re.match(r"'(.*)' is not a valid (integer|float)", error.message)
    meant = number(typed[1]) if typed else None
    if error.param is None or typed is None or meant is None or (typed[2] == "integer" and meant != int(meant)):
        return ""
    try:
        return f"{error.param.opts[-1]} {error.param.type.convert(f'{meant:.15g}', error.param, error.ctx)}"
    except click.BadParameter:
        return ""


def _option(name: str, context: click.Context) -> str:
    """What was meant by a flag that the command does not have; where it belongs, if to one of the verbs."""
    if isinstance(context.command, click.Group):
        verbs = [verb for verb in context.command.list_commands(context) if name in _flags(context, verb)]
        if verbs:
            return f"{name} stands behind the verb: lrn {'VERB' if len(verbs) > 1 else verbs[0]} {name}"
        return ""
    flags = _visible(context.command, context)
    known = [flag for flag in _MEANT.get(name, ()) if flag in flags]
    near = known or nearest(name, flags)[:1]
    return f"did you mean {' or '.join(near)}?" if near else ""


def _flags(context: click.Context, verb: str) -> set[str]:
    command = context.command.get_command(context, verb) if isinstance(context.command, click.Group) else None
    return set() if command is None else {word for option in command.get_params(context) for word in option.opts}


def _visible(command: click.Command, context: click.Context) -> list[str]:
    """The long flags of a command, each under the name that its help shows."""
    options = [option for option in command.get_params(context) if isinstance(option, click.Option)]
    return [next((word for word in o.opts if word.startswith("--")), o.opts[0]) for o in options if not o.hidden]


def unknown_verb(typed: str, context: click.Context) -> str:
    """What was meant by a verb that is none: one that is spelt nearly so, or a file."""
    verbs = context.command.list_commands(context) if isinstance(context.command, click.Group) else []
    if near := nearest(typed, verbs):
        return f"did you mean lrn {near[0]}?"
    if f"--{typed}" in (word for option in context.command.get_params(context) for word in option.opts):
        return f"lrn --{typed}"
    file = typed.partition("::")[0]
    if Path(file).exists() or Path(file).suffix:
        return f"lrn info {quote(typed)}, or lrn apply {quote(typed)} -o OUTPUT"
    return ""


def _extra(words: Sequence[str], context: click.Context) -> str:
    """What was meant by words too many."""
    verb = context.info_name
    if verb == "translate":
        given = str(context.params.get("word") or "NAME")
        numbers = [word for word in words if "=" in word]
        if numbers == list(words):
            joint = "," if ":" in given else ":"
            return f"lrn translate {quote(given + joint + ','.join(numbers))}"
        names = [word for word in words if word not in ("to", "in", "into")]
        return f"lrn translate {quote(given)} {join([part for name in names for part in ('--to', name)])}"
    return ""


def nearest(word: str, words: Iterable[str]) -> list[str]:
    """Those of some words that are most like one: which begin with it, else which are spelt nearly so.

    >>> nearest("aply", ["apply", "compare"]), nearest("--out", ["--output"]), nearest("--html", ["--help"])
    (['apply'], ['--output'], [])
    """
    words = list(words)
    begun = [other for other in words if len(word.strip("-")) > 1 and other.startswith(word)]
    if begun:
        return begun
    like = {other: SequenceMatcher(None, word.lower(), other.lower()).ratio() for other in words}
    return sorted((other for other in words if like[other] >= _CLOSE), key=lambda other: -like[other])
