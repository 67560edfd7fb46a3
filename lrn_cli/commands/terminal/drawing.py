"""Options of commands that draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import click

from lrn_cli.commands.terminal import completion
from lrn_cli.commands.terminal.types import Command, together


def plot_options(what: str) -> Callable[[Command], Command]:
    """A plot beside the answer, and of what."""
    return together(
        click.option("-f", "--force", is_flag=True, help="Replace a plot that is there."),
        click.option(
            "--plot",
            metavar="FILE",
            shell_complete=completion.complete_file,
            help=f"{what}, as .png, .svg or .pdf (needs matplotlib).",
        ),
    )


class PlotOptions(NamedTuple):
    """What `plot_options` were given."""

    plot: str | None
    force: bool
