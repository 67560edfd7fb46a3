"""`lrn identify`: which normalization turned one tensor into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands import Verb
from lrn_cli.commands.terminal.completion import complete_tensor
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import (
    AnswerOptions,
    LayoutOptions,
    ReadingOptions,
    console_options,
    layout_options_or,
    reading_options,
)
from lrn_cli.commands.terminal.reporting import ReportOptions, report_options, write_report
from lrn_cli.commands.terminal.types import into
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.identification.report import Identification


class IdentifyOptions(NamedTuple):
    """What `lrn identify` was given."""

    source: str
    result: str
    reporting: ReportOptions
    layout: LayoutOptions
    reading: ReadingOptions
    saying: AnswerOptions


@click.command("identify", cls=Verb, short_help="Find the normalization that turned one tensor into another.")
@click.argument("source", metavar="INPUT", shell_complete=complete_tensor)
@click.argument("result", metavar="OUTPUT", shell_complete=complete_tensor)
@report_options
@layout_options_or("every axis is tried")
@reading_options
@console_options
@into(IdentifyOptions)
def command(options: IdentifyOptions) -> int:
    """Find the normalization that made OUTPUT from INPUT, and its parameters in every convention that has it.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    INPUT and OUTPUT are .npy files, x.npz::name, x.safetensors::name, x.h5::/path/to/dataset, images, or - for one .npy
    stream; the axes of OUTPUT may come in another order. Without --layout or --axis every axis is tried for the
    channels, and squares within a channel. What the data cannot tell is said; of numbers that fit as well the roundest
    are taken. The last lines are conventions, the natural one first, to paste behind -c. Off a terminal lines are
    tab-separated.

    Exits with 0 if a normalization was found, with 1 if none fits: then the best attempt is shown.

    \b
    lrn identify feats.npy out.npy
    lrn identify model.h5::/conv1 model.h5::/norm1 --layout NHWC
    lrn identify --json feats.npy out.npy
    """
    from shlex import quote

    from lrn_cli.pages.reports.files import check_report
    from lrn_cli.tensors.folders import refuse_folder
    from lrn_cli.work.isolation import isolate

    console = Console.of(options.saying)
    words = (options.source, options.result)
    if words == ("-", "-"):
        raise LrnError("- is standard input, which is one tensor", "lrn identify - out.npy")
    for word in words:
        refuse_folder(word, f"lrn info --recursive {quote(word)}")
    report = check_report(options.reporting.report, force=options.reporting.force)
    answer = isolate(lambda: _identify(words, console, options), words, here=options.saying.debug)
    if console.as_json:
        console.answer(answer.as_data())
    elif not console.quiet:
        console.table(("field", "value"), answer.rows())
    from lrn_cli.pages.reports import identification

    write_report(
        report, lambda made: identification.report(answer, made), words, console, force=options.reporting.force
    )
    return Exit.DONE if answer.found else Exit.NO


def _identify(words: tuple[str, str], console: Console, options: IdentifyOptions) -> Identification:
    from lrn_cli.analysis.identification.identify import identify_sources
    from lrn_cli.commands.terminal.progress import Progress

    with (
        console.open_tensors(words, options.reading) as (x, y),
        Progress(console, lambda: x.info.nbytes, words[0]) as progress,
    ):
        return identify_sources(x, y, layout=options.layout.layout, axis=options.layout.axis, advanced=progress.advance)
