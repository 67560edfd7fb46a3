"""`lrn explain`: what a convention means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import complete_convention
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, ConventionOptions, ask_all
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import FORMATS, AnswerOptions, answer_options, into
from lrn_cli.commands.terminal.reporting import PlotOptions, plot_options, write_report

if TYPE_CHECKING:
    from pathlib import Path

    from lrn_cli.analysis.explanation.explain import Explanation
    from lrn_cli.conventions.binding import Bound
    from lrn_cli.pages.document import Document


def _formats() -> Sequence[str]:
    from lrn_cli.pages.formats import formats

    return [*dict.fromkeys((*FORMATS, *formats()))]


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
    from lrn_cli.pages.pictures.files import check_picture
    from lrn_cli.pages.reports.files import check_report

    plot = check_picture(options.drawing.plot, "--plot", force=options.drawing.force)
    report = check_report(options.drawing.report, force=options.drawing.force)
    asked = ask_all(conventions._replace(words=(*options.names, *conventions.words)))
    from lrn_cli.analysis.explanation.explain import explain, overview

    explanations = [explain(one) for one in asked] or overview()
    document = _document(explanations, side_by_side=not asked)
    if console.as_json:
        data = [explanation.as_data() for explanation in explanations]
        console.answer(data[0] if len(asked) == 1 else data)
    elif console.answer_format in ("tsv", "csv"):
        from lrn_cli.pages.overview import COLUMNS, parameter_rows

        console.table(COLUMNS, [row for explanation in explanations for row in parameter_rows(explanation)])
    else:
        _show(document, console.answer_format or "text", console)
    if plot is not None:
        from lrn_cli.pages.figures.explanation import draw
        from lrn_cli.pages.pictures.files import save_picture

        save_picture(draw([explanation.bound for explanation in explanations]), plot, force=options.drawing.force)
        console.note(f"lrn: gains drawn in {plot}")
    _report(document, report, [one.bound for one in explanations], console, alone=len(asked) == 1, options=options)
    return Exit.DONE


def _report(
    document: Document,
    path: Path | None,
    bounds: Sequence[Bound],
    console: Console,
    *,
    alone: bool,
    options: ExplainOptions,
) -> None:
    from lrn_cli.pages.reports import explanation
    from lrn_cli.pages.reports.play import playground

    write_report(
        path,
        lambda made: explanation.report(document, bounds, made),
        (),
        console,
        force=options.drawing.force,
        play=lambda: playground(bounds[0]) if alone else "",
    )


def _document(explanations: Sequence[Explanation], *, side_by_side: bool) -> Document:
    from lrn_cli.pages import convention, overview

    if side_by_side:
        return overview.side_by_side(explanations)
    if len(explanations) == 1:
        return convention.page(explanations[0])
    return convention.pages(explanations)


def _show(document: Document, answer_format: str, console: Console) -> None:
    if answer_format == "text" and console.coloured:
        _show_coloured(document, console)
        return
    from lrn_cli.pages.formats import render
    from lrn_cli.pages.formats.text import WIDEST

    width = {"width": min(console.width, WIDEST)} if answer_format == "text" else {}
    console.page(render(document, answer_format, **width))


def _show_coloured(document: Document, console: Console) -> None:
    """Print the document's text on standard output with its styles, the lines as they are in a pipe."""
    from io import StringIO

    from rich.console import Console as Terminal
    from rich.text import Text

    from lrn_cli.pages.formats.text import WIDEST, lines

    written = StringIO()
    terminal = Terminal(file=written, markup=False, highlight=False, force_terminal=True)
    for line in lines(document, min(console.width, WIDEST)):
        # As Text, so that brackets are not taken for markup.
        terminal.print(Text.assemble(*((piece.text, piece.style) for piece in line)), soft_wrap=True)
    console.page(written.getvalue())
