"""`lrn translate`: the parameters under which another convention computes the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import LAYOUTS, among, complete_convention, complete_name
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, ConventionOptions, bind_one
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import AnswerOptions, answer_options, into

if TYPE_CHECKING:
    from lrn_cli.analysis.translation import Translation
    from lrn_cli.conventions.binding import Bound


def _formats() -> Sequence[str]:
    from lrn_cli.analysis.calls import languages

    return ["text", "json", "word", "flags", *languages()]


class TranslateOptions(NamedTuple):
    """What `lrn translate` was given."""

    word: str | None
    targets: tuple[str, ...]
    layout: str | None
    channels: int | None
    conventions: ConventionOptions
    saying: AnswerOptions


@click.command("translate", cls=ConventionCommand, short_help="Give the same numbers in another convention.")
@click.argument("word", metavar="[NAME[:P=X,...]]", required=False, shell_complete=complete_convention)
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_name,
    help="The other convention [every one].",
)
@click.option(
    "--layout",
    metavar="LETTERS",
    shell_complete=among(*LAYOUTS),
    help="The tensor's layout, for flags and code [the convention's own].",
)
@click.option(
    "--channels",
    type=click.IntRange(1),
    metavar="N",
    help="How many channels the tensor has: windows that reach over all of them are the same [any number].",
)
@answer_options(_formats)
@into(TranslateOptions)
def command(options: TranslateOptions) -> int:
    """Give the parameters under which another convention computes the same.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    Both have the same window, scale, bias and beta: exactly, or the translation is refused, with the reason and what
    comes nearest, and the exit code is 1; so it is where no convention can say it. Code has a transpose where the
    channels move.

    \b
    lrn translate caffe:local_size=5,alpha=1e-4,beta=0.75 --to tf
    lrn translate caffe --local-size 5 --alpha 1e-4
    lrn apply x.npy -o y.npy $(lrn translate caffe:alpha=5e-4 --to tf --format flags)
    lrn translate tf:depth_radius=2 --to pytorch --format python
    lrn translate onnx:size=8 --to caffe --channels 4
    """
    from lrn_cli import layouts
    from lrn_cli.analysis.translation import everywhere, translate
    from lrn_cli.conventions.registry import find

    console, targets, layout = Console.of(options.saying), options.targets, options.layout
    conventions = options.conventions
    if options.word is not None:
        conventions = conventions._replace(words=(options.word, *conventions.words))
    given, origin = bind_one(conventions)
    if origin != "given":
        console.note(f"lrn: {origin}, taking {given}")
    own = (layouts.parse(layout),) if layout else given.convention.layouts
    answers = [translate(given, find(target, "--to")) for target in targets] or everywhere(given)
    if options.channels is not None:
        from lrn_cli.analysis.on_channels import translate_on

        answers = [translate_on(given, answer.target, options.channels) for answer in answers]
    if console.as_json:
        data = [answer.as_data() for answer in answers]
        console.answer(data[0] if len(targets) == 1 else data)
    elif options.saying.answer_format == "text" and len(targets) != 1:
        console.table(("convention", "parameters", "notes"), [_row(answer) for answer in answers])
    else:
        able = [answer.bound for answer in answers if answer.bound]
        for line in _lines(able, options.saying.answer_format, own, asked_for=bool(targets)):
            console.print(line)
    for answer in answers if targets else ():
        for warning in answer.warnings:
            console.warn(warning)
        if answer.refusal:
            console.error(answer.refusal)
    refused = [answer.refusal is not None for answer in answers]
    return Exit.NO if (any if targets else all)(refused) else Exit.DONE


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


def _row(answer: Translation) -> list[str]:
    if answer.bound:
        return [answer.target.name, answer.bound.numbers, "; ".join(answer.warnings) or "-"]
    near = f"; nearest is {answer.nearest.word}" if answer.nearest else ""
    return [answer.target.name, "-", f"{answer.refusal.message if answer.refusal else ''}{near}"]
