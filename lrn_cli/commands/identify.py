"""`lrn identify`: which normalization turned one tensor into another."""

from __future__ import annotations

from collections.abc import Sequence
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
    results: tuple[str, ...]
    rtol: float | None
    atol: float | None
    reporting: ReportOptions
    layout: LayoutOptions
    reading: ReadingOptions
    saying: AnswerOptions


@click.command("identify", cls=Verb, short_help="Find the normalization that turned one tensor into another.")
@click.argument("source", metavar="INPUT", shell_complete=complete_tensor)
@click.argument("results", metavar="OUTPUT...", nargs=-1, required=True, shell_complete=complete_tensor)
@click.option("--rtol", type=float, metavar="X", help="Tolerance relative to |OUTPUT| [by dtype, or by its grid].")
@click.option("--atol", type=float, metavar="X", help="Absolute tolerance [by dtype, or by its grid].")
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
    stream; the axes of OUTPUT may come in another order, those of one position be left out, or all elements in a row.
    Without --layout or --axis every axis is tried for the channels, then squares within a channel, and where nothing
    fits windows over any two or three axes. What the data cannot tell is said; of numbers that fit as well the roundest
    are taken. The last lines are conventions, the natural one first, to paste behind -c. Off a terminal lines are
    tab-separated.

    An OUTPUT whose numbers were rounded is recognised, and held to that: float16 and bfloat16 kept as float32, images
    of 8 and 16 bits, multiples of one number as int8 gives them. --rtol and --atol allow more, as for compare.

    Of several OUTPUTs it is said what each is, why they differ, and what to type.

    Exits with 0 if a normalization was found for each, with 1 if none fits: then the best attempt is shown.

    \b
    lrn identify feats.npy out.npy
    lrn identify feats.npy by_caffe.npy by_tf.npy
    lrn identify feats.npy noisy.npy --rtol 1e-3
    lrn identify model.h5::/conv1 model.h5::/norm1 --layout NHWC
    lrn identify --json feats.npy out.npy
    """
    from lrn_cli.analysis.identification.several import Several
    from lrn_cli.pages.reports import identification
    from lrn_cli.pages.reports.files import check_report

    console = Console.of(options.saying)
    words = (options.source, *options.results)
    _check_words(words)
    report = check_report(options.reporting.report, force=options.reporting.force)
    found = Several(options.source, options.results, [_ask(word, console, options) for word in options.results])
    if console.as_json:
        console.answer(found.as_data())
    elif not console.quiet:
        console.table(("field", "value"), found.rows())
    write_report(report, lambda made: identification.report(found, made), words, console, force=options.reporting.force)
    return Exit.DONE if all(answer.found for answer in found.answers) else Exit.NO


def _check_words(words: Sequence[str]) -> None:
    from shlex import join, quote

    from lrn_cli.tensors.folders import refuse_folder

    if words.count("-") > 1:
        raise LrnError("- is standard input, which is one tensor", "lrn identify - out.npy")
    if "-" in words and len(words) > 2:
        raise LrnError("standard input is read once, and several outputs are given", f"lrn identify {join(words[:2])}")
    for word in words:
        refuse_folder(word, f"lrn info --recursive {quote(word)}")


def _ask(result: str, console: Console, options: IdentifyOptions) -> Identification:
    from lrn_cli.work.isolation import isolate

    words = (options.source, result)
    return isolate(lambda: _identify(words, console, options), words, here=options.saying.debug)


def _identify(words: tuple[str, str], console: Console, options: IdentifyOptions) -> Identification:
    from lrn_cli.analysis.identification.identify import identify_sources
    from lrn_cli.commands.terminal.progress import Progress

    with (
        console.open_tensors(words, options.reading) as (x, y),
        Progress(console, lambda: x.info.nbytes, words[0]) as progress,
    ):
        return identify_sources(
            x,
            y,
            layout=options.layout.layout,
            axis=options.layout.axis,
            rtol=options.rtol,
            atol=options.atol,
            advanced=progress.advance,
        )
