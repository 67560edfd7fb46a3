"""`lrn info`: what is in tensor files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands import Verb
from lrn_cli.commands.terminal.completion import complete_tensor
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import AnswerOptions, ReadingOptions, console_options, into, reading_options
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
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
    """Show what is in tensor files: format, tensors, shapes, dtypes, chunks and filters.

    The last column marks the tensor that `lrn apply FILE` would take. Off a terminal the table is tab-separated.

    \b
    lrn info feats.npy model.h5 photo.png
    lrn info --json feats.npy
    cat feats.npy | lrn info -
    """
    from lrn_cli.tensors.listing import Listing

    console, files = Console.of(options.saying), options.files
    if files.count("-") > 1:
        raise LrnError(f"- is standard input, and is given {files.count('-')} times", "give - once")
    listings, failed = [], False
    for found in _list_each(options, console.binary_input if "-" in files else None):
        if isinstance(found, Listing):
            listings.append(found)
        else:
            console.error(found)
            failed = True
    if console.as_json:
        console.answer([listing.as_data() for listing in listings])
    elif listings:
        console.table(_COLUMNS, [row for listing in listings for row in listing.rows()])
    for listing in listings:
        if listing.refusal and (console.verbose or not listing.tensors):
            console.note(f"lrn: {listing.refusal}")
    return Exit.FAILED if failed else Exit.DONE


def _list_each(options: InfoOptions, stdin: IO[bytes] | None) -> Iterator[Listing | LrnError]:
    """What is in each file, or why it cannot be said."""
    from lrn_cli.tensors.listing import list_file
    from lrn_cli.work.isolation import may_crash

    files, how = options.files, options.reading.resolve()
    if not options.saying.debug and any(may_crash(file) for file in files):
        from lrn_cli.work.isolation import each

        yield from each(lambda file: list_file(file, how, stdin), files)
        return
    for file in files:
        try:
            yield list_file(file, how, stdin)
        except LrnError as error:
            yield error
