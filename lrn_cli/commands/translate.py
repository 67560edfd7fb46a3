"""`lrn translate`: the parameters under which another convention computes the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import LAYOUTS, among, complete_convention, complete_name
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import (
    ConventionCommand,
    ConventionOptions,
    bind_one,
    given_parameters,
)
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.models import find_model, translate_model, translation_cells
from lrn_cli.commands.terminal.options import AnswerOptions, answer_options, into

if TYPE_CHECKING:
    from lrn_cli.conventions.binding import Bound
    from lrn_cli.models.model import Model


def _formats() -> Sequence[str]:
    from lrn_cli.analysis.calls import languages

    return ["text", "json", "word", "flags", *languages()]


class TranslateOptions(NamedTuple):
    """What `lrn translate` was given."""

    word: str | None
    targets: tuple[str, ...]
    everything: bool
    layout: str | None
    conventions: ConventionOptions
    saying: AnswerOptions


@click.command("translate", cls=ConventionCommand, short_help="Give the same numbers in another convention.")
@click.argument("word", metavar="[NAME[:P=X,...]|MODEL]", required=False, shell_complete=complete_convention)
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_name,
    help="The other convention [the usual ones].",
)
@click.option(
    "--all", "everything", is_flag=True, help="Every other convention, not only the usual ones; JSON has all."
)
@click.option(
    "--layout",
    metavar="LETTERS",
    shell_complete=among(*LAYOUTS),
    help="The tensor's layout, for flags and code [the convention's own].",
)
@answer_options(_formats)
@into(TranslateOptions)
def command(options: TranslateOptions) -> int:
    """Give the parameters under which another convention computes the same.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    Both have the same window, scale, bias and beta: exactly, or the translation is refused, with the reason and what
    comes nearest, and the exit code is 1. Code has a transpose where the channels move.
    Of a model file all LRN layers are translated, of MODEL::LAYER that one; text that calls one, as an argument or for
    - from standard input, is read too.

    \b
    lrn translate caffe:local_size=5,alpha=1e-4,beta=0.75 --to tf
    lrn translate caffe --local-size 5 --alpha 1e-4
    lrn apply x.npy -o y.npy $(lrn translate caffe:alpha=5e-4 --to tf --format flags)
    lrn translate tf:depth_radius=2 --to pytorch --format python
    lrn translate alexnet.onnx --to caffe --format prototxt
    """
    from lrn_cli import layouts
    from lrn_cli.analysis.translation import everywhere, translate
    from lrn_cli.conventions.registry import conventions as every
    from lrn_cli.conventions.registry import find, usual

    console, targets, layout = Console.of(options.saying), options.targets, options.layout
    # A program gets all, the usual ones first; a reader would drown in them.
    among = () if targets else every() if options.everything or console.as_json else usual()
    found = _find(options)
    if not isinstance(found, ConventionOptions):
        return translate_model(found, targets, among, options.saying.answer_format, console)
    given, origin = bind_one(found)
    if origin != "given":
        console.note(f"lrn: {origin}, taking {given}")
    own = (layouts.parse(layout),) if layout else given.convention.layouts
    answers = [translate(given, find(target, "--to")) for target in targets]
    if not targets:
        answers = everywhere(given, among)
        for remark in given.remarks:
            console.warn(remark)
        if console.verbose or (console.drawn and not options.everything):
            console.note(f"lrn: {len(every()) - len(usual())} more with --all")
    if console.as_json:
        data = [answer.as_data() for answer in answers]
        console.answer(data[0] if len(targets) == 1 else data)
    elif options.saying.answer_format == "text" and len(targets) != 1:
        console.table(("convention", "parameters", "notes"), [translation_cells(answer) for answer in answers])
    else:
        able = [answer.bound for answer in answers if answer.bound]
        for line in _lines(able, options.saying.answer_format, own, asked_for=bool(targets)):
            console.print(line)
    for answer in answers if targets else ():
        for warning in answer.warnings:
            console.warn(warning)
        if answer.refusal:
            console.error(answer.refusal)
    return Exit.NO if targets and any(answer.refusal for answer in answers) else Exit.DONE


def _find(options: TranslateOptions) -> Model | ConventionOptions:
    """What is to be translated: a model as a whole, or a convention."""
    conventions = options.conventions
    if options.word is not None:
        conventions = conventions._replace(words=(options.word, *conventions.words))
    if len(conventions.words) != 1 or given_parameters(conventions):
        return conventions
    found = find_model(conventions.words[0])
    return conventions._replace(words=(found,)) if isinstance(found, str) else found


def _lines(found: Sequence[Bound], answer_format: str, layouts: Sequence[str], *, asked_for: bool) -> list[str]:
    from lrn_cli.analysis.calls import flags, program

    if answer_format == "text":
        lines = [bound.numbers for bound in found]
    elif answer_format == "word":
        lines = [bound.word for bound in found]
    elif answer_format == "flags":
        lines = [flags(bound, *layouts) for bound in found]
    else:
        # For one that was asked for it is an error that its framework is not called from the language.
        able = [bound for bound in found if asked_for or answer_format in bound.convention.languages]
        lines = ["\n\n".join(program(bound, answer_format, layouts[0]) for bound in able)] if able else []
    return lines
