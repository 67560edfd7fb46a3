"""`lrn explain`: what a convention means, and what a parameter means in each."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import complete_topic
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, ConventionOptions
from lrn_cli.commands.terminal.models import say_without_layers, show_models
from lrn_cli.commands.terminal.options import FORMATS, AnswerOptions, answer_options
from lrn_cli.commands.terminal.reporting import PlotOptions, plot_options, write_report
from lrn_cli.commands.terminal.topics import Topics, find_topics
from lrn_cli.commands.terminal.types import into
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.pages.document import Document

_CELLS = ("tsv", "csv")
"""Formats of rows alone, which prose has none of."""


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
@click.argument("names", metavar="[NAME[:P=X,...]|MODEL|WORD]...", nargs=-1, shell_complete=complete_topic)
@plot_options("Also draw the gains")
@answer_options(_formats)
@into(ExplainOptions)
def command(options: ExplainOptions) -> int:
    """Explain a convention: formula, parameters, window, a worked example, what people get wrong, the same elsewhere;
    or a parameter in each of them.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    Without a NAME, here or behind -c, conventions are shown by what they compute, and the usual ones side by side with
    their defaults, whatever LRN_CONVENTION says; with several each in turn, and their gains in one picture. What a
    framework requires and nobody gave is 5 in the examples. Of a model file all LRN layers are shown, and
    what would go wrong elsewhere.

    Beside a NAME or a MODEL a WORD is a section of its page: summary, formula, numbers, parameters, window, canonical,
    example, gain, backward, traps, engine, quirks, lookalikes, elsewhere, backends, calls, sources; of a model's
    elsewhere and remarks. Any other WORD is a parameter, as local_size or k, or a part of the formula: window, alpha,
    bias, beta, region, layout. What it is called and means is then told of all conventions, or of those that are named.
    Alone, window is the part of the formula, and traps, families or channels a section of the page of all conventions.

    \b
    lrn explain
    lrn explain caffe:local_size=3
    lrn explain caffe window traps
    lrn explain alpha
    lrn explain -c pytorch --size 4 --format markdown
    lrn explain -c tf -c caffe -c alexnet --plot gain.png
    lrn explain deploy.prototxt
    """
    console, drawing = Console.of(options.saying), options.drawing
    from lrn_cli.pages.pictures.files import check_picture
    from lrn_cli.pages.reports.files import check_report

    plot = check_picture(drawing.plot, "--plot", force=drawing.force, dpi=drawing.dpi)
    report = check_report(drawing.report, force=drawing.force)
    found = find_topics(options.names, options.conventions)
    document = _document(found, console)
    _answer(found, document, console)
    bounds = found.bounds
    if plot is not None and not bounds:
        console.warn(f"{plot} is not drawn, as there is no convention whose gain it would show")
    elif plot is not None:
        from lrn_cli.pages.figures.explanation import draw
        from lrn_cli.pages.pictures.files import save_picture

        save_picture(draw(bounds), plot, force=drawing.force, dpi=drawing.dpi)
        console.note(f"lrn: gains drawn in {plot}")
    if document:
        from lrn_cli.pages.reports import explanation
        from lrn_cli.pages.reports.play import playground

        write_report(
            report,
            lambda made: explanation.report(document, () if found.sections else bounds, made),
            [model.path for model in found.models],
            console,
            force=drawing.force,
            play=lambda: playground(bounds[0]) if len(bounds) == 1 and not found.sections else "",
        )
    return say_without_layers(found.models, console)


def _document(found: Topics, console: Console) -> Document:
    from lrn_cli.pages import glossary
    from lrn_cli.pages.sections import narrow

    others = [section.name for section in found.sections if section.name != "parameters"]
    if others and console.answer_format in _CELLS:
        line = shlex.join(["lrn", "explain", *found.names, others[0], "--format", "markdown"])
        raise LrnError(f"--format {console.answer_format}: the section {others[0]} is no table", line)
    said = [block for entry in found.entries for block in glossary.page(entry)]
    return [*said, *narrow(_page(found), found.sections, found.names)]


def _page(found: Topics) -> Document:
    from lrn_cli.pages import convention, overview
    from lrn_cli.pages.model import pages_of_models
    from lrn_cli.pages.oddity import page

    explanations = found.explanations
    said = [*(block for oddity in found.oddities for block in page(oddity)), *pages_of_models(found.models)]
    if explanations and not found.names:
        return overview.side_by_side(explanations)
    if len(explanations) == 1:
        return [*said, *convention.page(explanations[0])]
    return [*said, *(convention.pages(explanations) if explanations else ())]


def _answer(found: Topics, document: Document, console: Console) -> None:
    if console.as_json:
        from lrn_cli.analysis.layers import as_data
        from lrn_cli.pages.sections import pick

        data = [
            *(entry.as_data() for entry in found.entries),
            *(oddity.as_data() for oddity in found.oddities),
            *map(as_data, found.models),
            *(pick(explanation.as_data(), found.sections) for explanation in found.explanations),
        ]
        console.answer(data[0] if len(data) == 1 else data)
    elif console.answer_format in _CELLS:
        _tabulate(found, console)
    elif document:
        _show(document, console.answer_format or "text", console)


def _tabulate(found: Topics, console: Console) -> None:
    """Print what has rows of cells: glossary, parameters of conventions, layers of models, what mistakes are."""
    from lrn_cli.pages import glossary, oddity, overview

    if found.entries:
        console.table(glossary.COLUMNS, [row for entry in found.entries for row in glossary.rows(entry)])
    if found.oddities:
        console.table(oddity.COLUMNS, [oddity.row(one) for one in found.oddities])
    if found.models:
        show_models(found.models, console)
    rows = [row for explanation in found.explanations for row in overview.parameter_rows(explanation)]
    if rows:
        console.table(overview.COLUMNS, rows)


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
