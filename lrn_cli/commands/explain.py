"""`lrn explain`: what a convention means."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import complete_convention
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, ConventionOptions, ask_all
from lrn_cli.commands.terminal.drawing import PlotOptions, plot_options
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import AnswerOptions, answer_options, into

if TYPE_CHECKING:
    from lrn_cli.analysis.explanation.explain import Explanation
    from lrn_cli.pages.document import Document


def _formats() -> Sequence[str]:
    from lrn_cli.pages.formats import formats

    return [*formats(), "json"]


class ExplainOptions(NamedTuple):
    """What `lrn explain` was given."""

    names: tuple[str, ...]
    conventions: ConventionOptions
    drawing: PlotOptions
    saying: AnswerOptions


@click.command("explain", cls=ConventionCommand, otherwise="all of them", short_help="Explain what a convention means.")
@click.argument("names", metavar="[NAME[:P=X,...]]...", nargs=-1, shell_complete=complete_convention)
@plot_options("Also draw the gains")
@answer_options(_formats)
@into(ExplainOptions)
def command(options: ExplainOptions) -> int:
    """Explain a convention: formula, parameters, window, a worked example, what people get wrong, the same elsewhere.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    Without a NAME, here or behind -c, all conventions are shown side by side with their defaults, whatever
    LRN_CONVENTION says; with several each in turn, and their gains in one picture. What a framework requires and
    nobody gave is 5 in the examples.

    \b
    lrn explain
    lrn explain caffe:local_size=3
    lrn explain -c pytorch --size 4 --format markdown
    lrn explain -c tf -c caffe -c alexnet --plot gain.png
    """
    console, conventions = Console.of(options.saying), options.conventions
    from lrn_cli.pages.figures import check_plot

    plot = check_plot(options.drawing.plot, force=options.drawing.force)
    asked = ask_all(conventions._replace(words=(*options.names, *conventions.words)))
    from lrn_cli.analysis.explanation.explain import explain, overview

    explanations = [explain(one) for one in asked] or overview()
    if console.as_json:
        data = [explanation.as_data() for explanation in explanations]
        console.answer(data[0] if len(asked) == 1 else data)
    else:
        _show(_document(explanations, side_by_side=not asked), options.saying.answer_format, console)
    if plot is not None:
        from lrn_cli.analysis.explanation.gain import curves
        from lrn_cli.pages.figures import draw_gains

        draw_gains(curves([explanation.bound for explanation in explanations]), plot, force=options.drawing.force)
        console.note(f"lrn: gains drawn in {plot}")
    return Exit.DONE


def _document(explanations: Sequence[Explanation], *, side_by_side: bool) -> Document:
    from lrn_cli.pages import convention, overview

    if side_by_side:
        return overview.side_by_side(explanations)
    if len(explanations) == 1:
        return convention.page(explanations[0])
    return convention.pages(explanations)


def _show(document: Document, answer_format: str, console: Console) -> None:
    if answer_format == "text" and console.drawn and not os.environ.get("NO_COLOR"):
        _show_coloured(document, console)
        return
    from lrn_cli.pages.formats import render

    console.print(render(document, answer_format), end="")


def _show_coloured(document: Document, console: Console) -> None:
    """Print the document's text on standard output with its styles, the lines as they are in a pipe."""
    from rich.console import Console as Terminal
    from rich.text import Text

    from lrn_cli.pages.formats.text import lines

    terminal = Terminal(file=console.streams.stdout, markup=False, highlight=False)
    for line in lines(document):
        # As Text, so that brackets are not taken for markup.
        terminal.print(Text.assemble(*((piece.text, piece.style) for piece in line)), soft_wrap=True)
