"""`lrn info`: what is in tensor files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands import Verb
from lrn_cli.commands.terminal.completion import complete_tensor
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.models import model_among_tensors, say_without_layers, show_models
from lrn_cli.commands.terminal.options import (
    AnswerOptions,
    FolderOptions,
    ReadingOptions,
    console_options,
    folder_options,
    reading_options,
)
from lrn_cli.commands.terminal.types import into
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.listing import Looked
    from lrn_cli.models.model import Model

_COLUMNS = ("file", "format", "tensor", "shape", "dtype", "order", "chunks", "filters", "apply")
_STATISTICS = ("looks like", "min", "max", "mean", "nan", "inf", "file bytes")


class InfoOptions(NamedTuple):
    """What `lrn info` was given."""

    files: tuple[str, ...]
    stats: bool
    folders: FolderOptions
    reading: ReadingOptions
    saying: AnswerOptions


@click.command("info", cls=Verb, short_help="Show what is in tensor files.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=complete_tensor)
@click.option(
    "--stats", is_flag=True, help="Also read the numbers: least, largest, mean, how many are NaN or infinite."
)
@folder_options
@reading_options
@console_options
@into(InfoOptions)
def command(options: InfoOptions) -> int:
    """Show what is in tensor files: format, tensors, shapes, dtypes, chunks and filters; and the LRN layers of models.

    The column `apply` marks the tensor that `lrn apply FILE` would take. With --stats come the layout that the shape
    speaks for, where it speaks for one, and the bytes of the file. Off a terminal the table is tab-separated.
    Of a model file the LRN layers are shown: their parameters, what they compute, and what would go wrong elsewhere.

    \b
    lrn info feats.npy model.h5 photo.png
    lrn info -r feats --stats
    lrn info --json feats.npy
    lrn info deploy.prototxt alexnet.onnx
    cat feats.npy | lrn info -
    """
    from lrn_cli.models.model import Model

    console, files = Console.of(options.saying), _files(options)
    if files.count("-") > 1:
        raise LrnError(f"- is standard input, and is given {files.count('-')} times", "give - once")
    listed: list[Looked] = []
    models: list[Model] = []
    failed = False
    for found in _look_at_each(files, options, console.binary_input if "-" in files else None):
        if isinstance(found, LrnError):
            console.error(found)
            failed = True
        elif isinstance(found, Model):
            models.append(found)
        else:
            listed.append(found)
    if console.as_json:
        _answer(listed, models, console)
    else:
        if listed:
            columns = (*_COLUMNS, *_STATISTICS) if options.stats else _COLUMNS
            console.table(columns, [row for looked in listed for row in looked.rows()])
        show_models(models, console)
    without = say_without_layers(models, console)
    for looked in listed:
        if looked.listing.refusal and (console.verbose or not looked.listing.tensors):
            console.note(f"lrn: {looked.listing.refusal}")
    return Exit.FAILED if failed else without


def _answer(listed: Sequence[Looked], models: Sequence[Model], console: Console) -> None:
    """Print what was found as JSON: a list, but the one model that was given as an object."""
    from lrn_cli.analysis.layers import as_data

    data = [*(looked.as_data() for looked in listed), *map(as_data, models)]
    console.answer(data[0] if len(data) == len(models) == 1 else data)


def _files(options: InfoOptions) -> list[str]:
    """The files that are meant, for folders those below them."""
    search = options.folders.resolve()
    if search is None:
        return list(options.files)
    from lrn_cli.tensors.folders import find_files

    return [found.word for word in options.files for found in find_files(word, search)]


def _look_at_each(
    files: list[str], options: InfoOptions, stdin: IO[bytes] | None
) -> Iterator[Looked | Model | LrnError]:
    """What is in each file, or why it cannot be said."""
    from lrn_cli.analysis.listing import look_at
    from lrn_cli.work.isolation import may_crash

    how = options.reading.resolve()

    def look(file: str) -> Looked | Model:
        return model_among_tensors(file) or look_at(file, how, stdin, stats=options.stats)

    if not options.saying.debug and any(may_crash(file) for file in files):
        from lrn_cli.work.isolation import each

        yield from each(look, files)
        return
    for file in files:
        try:
            yield look(file)
        except LrnError as error:
            yield error
