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
from lrn_cli.commands.terminal.options import AnswerOptions, ReadingOptions, console_options, into, reading_options
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.models.model import Model
    from lrn_cli.tensors.listing import Listing

_COLUMNS = ("file", "format", "tensor", "shape", "dtype", "order", "chunks", "filters", "apply")


class InfoOptions(NamedTuple):
    """What `lrn info` was given."""

    files: tuple[str, ...]
    reading: ReadingOptions
    saying: AnswerOptions


@click.command("info", cls=Verb, short_help="Show what is in tensor files.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=complete_tensor)
@reading_options
@console_options
@into(InfoOptions)
def command(options: InfoOptions) -> int:
    """Show what is in tensor files: format, tensors, shapes, dtypes, chunks and filters; and the LRN layers of models.

    The last column marks the tensor that `lrn apply FILE` would take. Off a terminal the table is tab-separated.
    Of a model file the LRN layers are shown: their parameters, what they compute, and what would go wrong elsewhere.

    \b
    lrn info feats.npy model.h5 photo.png
    lrn info --json feats.npy
    lrn info deploy.prototxt alexnet.onnx
    cat feats.npy | lrn info -
    """
    from lrn_cli.models.model import Model
    from lrn_cli.tensors.listing import Listing

    console, files = Console.of(options.saying), options.files
    if files.count("-") > 1:
        raise LrnError(f"- is standard input, and is given {files.count('-')} times", "give - once")
    listings: list[Listing] = []
    models: list[Model] = []
    failed = False
    for found in _list_each(options, console.binary_input if "-" in files else None):
        if isinstance(found, Listing):
            listings.append(found)
        elif isinstance(found, Model):
            models.append(found)
        else:
            console.error(found)
            failed = True
    if console.as_json:
        _answer(listings, models, console)
    else:
        if listings:
            console.table(_COLUMNS, [row for listing in listings for row in listing.rows()])
        show_models(models, console)
    without = say_without_layers(models, console)
    for listing in listings:
        if listing.refusal and (console.verbose or not listing.tensors):
            console.note(f"lrn: {listing.refusal}")
    return Exit.FAILED if failed else without


def _answer(listings: Sequence[Listing], models: Sequence[Model], console: Console) -> None:
    """Print what was found as JSON: a list, but the one model that was given as an object."""
    from lrn_cli.analysis.layers import as_data

    data = [*(listing.as_data() for listing in listings), *map(as_data, models)]
    console.answer(data[0] if len(data) == len(models) == 1 else data)


def _list_each(options: InfoOptions, stdin: IO[bytes] | None) -> Iterator[Listing | Model | LrnError]:
    """What is in each file, or why it cannot be said."""
    from lrn_cli.tensors.listing import list_file
    from lrn_cli.work.isolation import may_crash

    files, how = options.files, options.reading.resolve()

    def look(file: str) -> Listing | Model:
        return model_among_tensors(file) or list_file(file, how, stdin)

    if not options.saying.debug and any(may_crash(file) for file in files):
        from lrn_cli.work.isolation import each

        yield from each(look, files)
        return
    for file in files:
        try:
            yield look(file)
        except LrnError as error:
            yield error
