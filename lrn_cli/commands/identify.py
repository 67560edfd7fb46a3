"""`lrn identify`: which normalization turned one tensor into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lrn_cli.commands.terminal.completion import complete_tensor
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import asked_reading, console_options, layout_options_or, reading_options
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.identification.report import Identification


@click.command("identify", short_help="Find the normalization that turned one tensor into another.")
@click.argument("source", metavar="INPUT", shell_complete=complete_tensor)
@click.argument("result", metavar="OUTPUT", shell_complete=complete_tensor)
@layout_options_or("every axis is tried")
@reading_options
@console_options
def command(source: str, result: str, **options: Any) -> int:
    """Find the normalization that made OUTPUT from INPUT, and its parameters in every convention that has it.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    INPUT and OUTPUT are .npy files, x.npz::name, x.h5::/path/to/dataset, images, or - for one .npy stream; the axes of
    OUTPUT may come in another order. Without --layout or --axis every axis is tried for the channels, and squares
    within a channel. What the data cannot tell is said; of numbers that fit as well the roundest are taken. The last
    lines are conventions, the natural one first, to paste behind -c. Off a terminal lines are tab-separated.

    Exits with 0 if a normalization was found, with 1 if none fits: then the best attempt is shown.

    \b
    lrn identify feats.npy out.npy
    lrn identify model.h5::/conv1 model.h5::/norm1 --layout NHWC
    lrn identify --json feats.npy out.npy
    """
    from lrn_cli.work.isolation import guarded

    console = Console.of(options)
    if source == result == "-":
        raise LrnError("- is standard input, which is one tensor", "lrn identify - out.npy")
    words = (source, result)
    answer = guarded(lambda: _identified(words, console, options), words, here=options["debug"])
    if console.as_json:
        console.answer(answer.as_data())
    elif not console.quiet:
        console.table(("what", "value"), answer.rows())
    return Exit.DONE if answer.found else Exit.NO


def _identified(words: tuple[str, str], console: Console, options: dict[str, Any]) -> Identification:
    from contextlib import ExitStack

    from lrn_cli.analysis.identification.identify import identified
    from lrn_cli.commands.terminal.progress import Progress
    from lrn_cli.tensors.selection import open_tensor

    reading = asked_reading(options)
    stdin = console.binary_input if "-" in words else None
    with ExitStack() as stack:
        x, y = (stack.enter_context(open_tensor(word, reading, stdin)) for word in words)
        for notice in (*x.survey(), *y.survey()):
            console.warn(notice)
        progress = stack.enter_context(Progress(console, lambda: x.info.nbytes, words[0]))
        return identified(x, y, layout=options["layout"], axis=options["axis"], advanced=progress.advance)
