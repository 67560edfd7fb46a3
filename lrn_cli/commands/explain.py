"""`lrn explain`: what a convention means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import complete_convention
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, ConventionOptions, ask_all, given_parameters
from lrn_cli.commands.terminal.models import find_model, say_without_layers, show_models
from lrn_cli.commands.terminal.options import FORMATS, AnswerOptions, answer_options
from lrn_cli.commands.terminal.reporting import PlotOptions, plot_options, write_report
from lrn_cli.commands.terminal.types import into

if TYPE_CHECKING:
    from lrn_cli.analysis.explanation.explain import Explanation
    from lrn_cli.conventions.binding import Bound
    from lrn_cli.conventions.oddity import Oddity
    from lrn_cli.models.model import Model
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
@click.argument("names", metavar="[NAME[:P=X,...]|MODEL]...", nargs=-1, shell_complete=complete_convention)
@plot_options("Also draw the gains")
@answer_options(_formats)
@into(ExplainOptions)
def command(options: ExplainOptions) -> int:
    """Explain a convention: formula, parameters, window, a worked example, what people get wrong, the same elsewhere.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    Without a NAME, here or behind -c, conventions are shown by what they compute, and the usual ones side by side with
    their defaults, whatever LRN_CONVENTION says; with several each in turn, and their gains in one picture. What a
    framework requires and nobody gave is 5 in the examples. Of a model file all LRN layers are shown, and
    what would go wrong elsewhere.

    \b
    lrn explain
    lrn explain caffe:local_size=3
    lrn explain -c pytorch --size 4 --format markdown
    lrn explain -c tf -c caffe -c alexnet --plot gain.png
    lrn explain deploy.prototxt
    """
    console, drawing = Console.of(options.saying), options.drawing
    from lrn_cli.pages.pictures.files import check_picture
    from lrn_cli.pages.reports.files import check_report

    plot = check_picture(drawing.plot, "--plot", force=drawing.force, dpi=drawing.dpi)
    report = check_report(drawing.report, force=drawing.force)
    found = _find(options)
    document = _document(found)
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
            lambda made: explanation.report(document, bounds, made),
            [model.path for model in found.models],
            console,
            force=drawing.force,
            play=lambda: playground(bounds[0]) if len(bounds) == 1 else "",
        )
    return say_without_layers(found.models, console)


class _Found(NamedTuple):
    """What was asked for: conventions, models, or mistakes of engines, which are no conventions.

    Attributes:
        named: Whether anything was; else the explanations are of all conventions.
    """

    explanations: Sequence[Explanation] = ()
    models: Sequence[Model] = ()
    oddities: Sequence[Oddity] = ()
    named: bool = True

    @property
    def bounds(self) -> list[Bound]:
        """The conventions whose gains are drawn: those that were named, those of the models' layers, or the usual."""
        from lrn_cli.analysis.layers import group

        layers = [one.layer.bound for model in self.models for one in group(model) if one.layer.bound]
        return [*layers, *(one.bound for one in self.explanations if self.named or one.is_usual)]


def _find(options: ExplainOptions) -> _Found:
    from lrn_cli.analysis.explanation.explain import explain, overview

    conventions = options.conventions
    words = (*options.names, *conventions.words)
    oddities = _find_oddities(words)
    if oddities:
        return _Found(oddities=oddities)
    found = [find_model(word) for word in words] if not given_parameters(conventions) else list(words)
    asked = ask_all(conventions._replace(words=tuple(one for one in found if isinstance(one, str))))
    models = [one for one in found if not isinstance(one, str)]
    explanations = [explain(one) for one in asked] if asked or models else overview()
    return _Found(explanations, models, named=bool(words))


def _find_oddities(words: Sequence[str]) -> list[Oddity]:
    """What was asked for, where all of it is mistakes of engines, which are no conventions."""
    from lrn_cli.conventions.registry import find_oddity, known

    found = [None if known(name) else find_oddity(name) for name in (word.partition(":")[0] for word in words)]
    return [oddity for oddity in found if oddity] if all(found) else []


def _document(found: _Found) -> Document:
    from lrn_cli.pages import convention, overview
    from lrn_cli.pages.model import pages_of_models
    from lrn_cli.pages.oddity import page

    explanations = found.explanations
    said = [*(block for oddity in found.oddities for block in page(oddity)), *pages_of_models(found.models)]
    if not found.named:
        return overview.side_by_side(explanations)
    if len(explanations) == 1:
        return [*said, *convention.page(explanations[0])]
    return [*said, *(convention.pages(explanations) if explanations else ())]


def _answer(found: _Found, document: Document, console: Console) -> None:
    if console.as_json:
        from lrn_cli.analysis.layers import as_data

        data = [
            *(oddity.as_data() for oddity in found.oddities),
            *map(as_data, found.models),
            *(explanation.as_data() for explanation in found.explanations),
        ]
        console.answer(data[0] if len(data) == 1 else data)
    elif console.answer_format in ("tsv", "csv"):
        _tabulate(found, console)
    elif document:
        _show(document, console.answer_format or "text", console)


def _tabulate(found: _Found, console: Console) -> None:
    """Print what has rows of cells: the parameters of conventions, the layers of models, what mistakes are."""
    from lrn_cli.pages import oddity, overview

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
