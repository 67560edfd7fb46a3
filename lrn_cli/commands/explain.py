"""`lrn explain`: what a convention means."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import complete_convention
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, ConventionOptions, ask_all, given_parameters
from lrn_cli.commands.terminal.drawing import PlotOptions, plot_options
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.models import find_model, say_without_layers
from lrn_cli.commands.terminal.options import AnswerOptions, answer_options, into

if TYPE_CHECKING:
    from lrn_cli.analysis.explanation.explain import Explanation
    from lrn_cli.conventions.oddity import Oddity
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
    console, conventions = Console.of(options.saying), options.conventions
    from lrn_cli.pages.figures import check_plot

    plot = check_plot(options.drawing.plot, force=options.drawing.force)
    words = (*options.names, *conventions.words)
    oddities = _find_oddities(words)
    if oddities:
        return _show_oddities(oddities, options, console)
    found = [find_model(word) for word in words] if not given_parameters(conventions) else list(words)
    models = [one for one in found if not isinstance(one, str)]
    asked = ask_all(conventions._replace(words=tuple(one for one in found if isinstance(one, str))))
    from lrn_cli.analysis.explanation.explain import explain, overview
    from lrn_cli.analysis.layers import as_data, group
    from lrn_cli.pages.model import pages_of_models

    explanations = [explain(one) for one in asked] if asked or models else overview()
    if console.as_json:
        data = [*map(as_data, models), *(explanation.as_data() for explanation in explanations)]
        console.answer(data[0] if len(words) == 1 else data)
    else:
        document = [*pages_of_models(models), *_document(explanations, side_by_side=not words)]
        if document:
            _show(document, options.saying.answer_format, console)
    if plot is not None:
        from lrn_cli.analysis.explanation.gain import curves
        from lrn_cli.pages.figures import draw_gains

        layers = [one.layer.bound for model in models for one in group(model) if one.layer.bound]
        drawn = [explanation.bound for explanation in explanations if asked or explanation.is_usual]
        draw_gains(curves([*layers, *drawn]), plot, force=options.drawing.force)
        console.note(f"lrn: gains drawn in {plot}")
    return say_without_layers(models, console)


def _find_oddities(words: Sequence[str]) -> list[Oddity]:
    """What was asked for, where all of it is mistakes of engines, which are no conventions."""
    from lrn_cli.conventions.registry import find_oddity, known

    found = [None if known(name) else find_oddity(name) for name in (word.partition(":")[0] for word in words)]
    return [oddity for oddity in found if oddity] if all(found) else []


def _show_oddities(oddities: Sequence[Oddity], options: ExplainOptions, console: Console) -> int:
    from lrn_cli.pages.oddity import page

    if console.as_json:
        data = [{"name": o.name, "title": o.title, "text": o.text, "sources": list(o.sources)} for o in oddities]
        console.answer(data[0] if len(data) == 1 else data)
    else:
        blocks = [block for oddity in oddities for block in page(oddity)]
        _show(blocks, options.saying.answer_format, console)
    return Exit.DONE


def _document(explanations: Sequence[Explanation], *, side_by_side: bool) -> Document:
    from lrn_cli.pages import convention, overview

    if not explanations:
        return []
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
