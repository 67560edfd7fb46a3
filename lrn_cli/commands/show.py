"""`lrn show`: what a tensor looks like, or two of them, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands import Verb
from lrn_cli.commands.terminal.completion import complete_file, complete_tensor
from lrn_cli.commands.terminal.console import TABLES, Console
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import (
    AnswerOptions,
    LayoutOptions,
    ReadingOptions,
    WorkOptions,
    console_options,
    layout_options_or,
    reading_options,
    work_options,
)
from lrn_cli.commands.terminal.reporting import dpi_option
from lrn_cli.commands.terminal.types import into
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.survey.survey import Survey
    from lrn_cli.pages.pictures.figure import Figure
    from lrn_cli.tensors.tensor import Source


class ShowOptions(NamedTuple):
    """What `lrn show` was given."""

    files: tuple[str, ...]
    output: str | None
    force: bool
    dpi: int | None
    layout: LayoutOptions
    reading: ReadingOptions
    work: WorkOptions
    saying: AnswerOptions


@click.command("show", cls=Verb, short_help="Draw a tensor, or two: before and after.")
@click.argument("files", metavar="FILE [FILE]", nargs=-1, shell_complete=complete_tensor)
@click.option(
    "-o", "--output", metavar="FILE", shell_complete=complete_file, help="Draw to .png, .svg or .pdf [in characters]."
)
@click.option("-f", "--force", is_flag=True, help="Replace a picture that is there.")
@dpi_option
@layout_options_or("that of LRN_CONVENTION, else of tf")
@reading_options
@work_options
@console_options
@into(ShowOptions)
def command(options: ShowOptions) -> int:
    """Draw a tensor: its channels side by side, how large each is, and a histogram; of two the one beside the other.

    Without -o the picture is drawn in characters; --json has its numbers. A file is read once, block by block; means
    are taken where it has more rows, columns or channels than a picture.

    \b
    lrn show feats.npy -o feats.png
    lrn show feats.npy out.npy -o before-after.svg
    lrn show photo.jpg
    """
    from lrn_cli.analysis.survey.survey import COLUMNS
    from lrn_cli.pages.figures.tensors import draw
    from lrn_cli.pages.pictures.files import check_picture, save_picture
    from lrn_cli.work.isolation import isolate

    console, files = Console.of(options.saying), options.files
    if not 1 <= len(files) <= 2:
        raise LrnError(f"{len(files) or 'no'} tensors are given, one or two are drawn", "lrn show x.npy y.npy")
    if files.count("-") > 1:
        raise LrnError("standard input is given twice", "name one of the files")
    path = check_picture(options.output, "-o", force=options.force, dpi=options.dpi)
    found = isolate(lambda: _survey(options, console), files, here=options.saying.debug)
    if console.as_json:
        console.answer([one.as_data() for one in found])
    elif console.answer_format in TABLES:
        console.table(COLUMNS, [one.row() for one in found])
    elif path is None and not console.quiet:
        _print(draw(found), console)
    if path is not None:
        save_picture(draw(found), path, force=options.force, dpi=options.dpi)
        console.note(f"lrn: {' and '.join(options.files)} drawn in {path}")
    return Exit.DONE


def _survey(options: ShowOptions, console: Console) -> list[Survey]:
    from lrn_cli.analysis.survey.survey import survey
    from lrn_cli.commands.terminal.progress import Progress
    from lrn_cli.work.threads import usable_cores

    with (
        console.open_tensors(options.files, options.reading) as sources,
        Progress(console, lambda: sum(source.info.nbytes for source in sources), options.files[0]) as progress,
    ):
        found = []
        for name, source in zip(options.files, sources, strict=True):
            layout = _layout(name, source, options.layout, console)
            jobs = options.work.jobs or usable_cores()
            found.append(
                survey(name, source, layout, threads=jobs, memory=options.work.memory, advanced=progress.advance)
            )
        return found


def _layout(name: str, source: Source, given: LayoutOptions, console: Console) -> str | None:
    """Which axis is which: as given, as the format has it, or as the convention that is in use has it."""
    from lrn_cli import layouts
    from lrn_cli.commands.terminal.convention_options import ConventionOptions, bind_one

    shape = source.info.shape
    if not shape:
        raise LrnError(f"{name}: is a single number, of which there is no picture", f"lrn info {name}")
    chosen = layouts.choose(shape, layout=given.layout, axis=given.axis, fixed=source.info.layout)
    if chosen is not None or len(shape) < 3:
        return chosen or layouts.customary((), len(shape))
    bound, _ = bind_one(ConventionOptions((), {}))
    taken = layouts.customary(bound.convention.layouts, len(shape))
    if taken is not None:
        said = f"lrn: {name} is taken as {taken}, as {bound.convention.name} has it; --layout says otherwise"
        console.note(said)
    return taken


def _print(figure: Figure, console: Console) -> None:
    from lrn_cli.pages.pictures.characters import write

    for line in write(figure, console.width, console.encoding):
        console.print(line)
