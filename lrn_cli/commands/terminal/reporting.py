"""Plots and reports beside the answer: their options, and how a report is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal import completion
from lrn_cli.commands.terminal.types import Command, together

if TYPE_CHECKING:
    from pathlib import Path

    from lrn_cli.commands.terminal.console import Console
    from lrn_cli.pages.document import Document
    from lrn_cli.pages.reports.provenance import Made

report_options = together(
    click.option("-f", "--force", is_flag=True, help="Replace a report or picture that is there."),
    click.option(
        "--report",
        metavar="FILE",
        shell_complete=completion.complete_file,
        help="Also write the answer as a page to hand on, as .html or .md.",
    ),
)
"""A report beside the answer."""


class ReportOptions(NamedTuple):
    """What `report_options` were given."""

    report: str | None
    force: bool


dpi_option = click.option("--dpi", type=click.IntRange(24, 600), metavar="N", help="Dots per inch of a .png [192].")
"""How fine a picture of dots is."""


def plot_options(what: str) -> Callable[[Command], Command]:
    """A plot and a report beside the answer, and of what."""
    return together(
        report_options,
        dpi_option,
        click.option(
            "--plot",
            metavar="FILE",
            shell_complete=completion.complete_file,
            help=f"{what}, as .png, .svg or .pdf.",
        ),
    )


class PlotOptions(NamedTuple):
    """What `plot_options` were given."""

    plot: str | None
    dpi: int | None
    report: str | None
    force: bool


def write_report(
    path: Path | None,
    make: Callable[[Made], Document],
    files: Sequence[str],
    console: Console,
    *,
    force: bool,
    play: Callable[[], str] = lambda: "",
) -> None:
    """Write the report that was asked for, if one was.

    Args:
        path: Where, as `check_report` gave it.
        make: The report, given how it comes about.
        files: The tensors that were read, as typed.
        console: Of the command.
        force: Whether a file that is there may be replaced.
        play: What an HTML page has besides.
    """
    if path is None:
        return
    from lrn_cli.arithmetic.native import chosen
    from lrn_cli.pages.reports.files import save_report
    from lrn_cli.pages.reports.provenance import Made

    document = make(Made(console.words, tuple(files), str(chosen).removeprefix("arithmetic: ")))
    save_report(document, path, force=force, play=play())
    console.note(f"lrn: report written to {path}")
