"""`lrn conventions`: which conventions there are, whose they are, and which engine confirmed them."""

from __future__ import annotations

from typing import NamedTuple

import click

from lrn_cli.commands import Verb
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import AnswerOptions, console_options
from lrn_cli.commands.terminal.types import into


class ConventionsOptions(NamedTuple):
    """What `lrn conventions` was given."""

    saying: AnswerOptions


@click.command("conventions", cls=Verb, short_help="List the conventions, and the engines that confirmed them.")
@console_options
@into(ConventionsOptions)
def command(options: ConventionsOptions) -> int:
    """List the conventions: name, framework, family, and the engine whose outputs each was held to.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    Conventions of one family compute the same with the same numbers. The usual ones come first. Behind them stand names
    that are read as one of them, and engines with a mistake, which lrn explain describes and nothing computes. Off a
    terminal lines are tab-separated.

    \b
    lrn conventions
    lrn conventions --json
    """
    from lrn_cli.conventions.registry import conventions, oddities
    from lrn_cli.conventions.summary import UNCONFIRMED, family, listing

    console = Console.of(options.saying)
    if console.as_json:
        console.answer(listing())
        return Exit.DONE
    rows = [
        [one.name, one.framework, family(one), one.engine.release if one.engine else UNCONFIRMED]
        for one in conventions()
    ]
    rows += [
        [other.name, other.name, f"read as {one.name}", other.note] for one in conventions() for other in one.lookalikes
    ]
    rows += [[oddity.name, oddity.title, "described, not offered", oddity.instead] for oddity in oddities()]
    console.table(("name", "framework", "family", "confirmed by"), rows)
    return Exit.DONE
