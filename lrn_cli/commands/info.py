"""`lrn info`: what is in tensor files."""

from __future__ import annotations

from typing import Any

import click

from lrn_cli.commands.terminal.completion import complete_tensor
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.exits import Exit, show_error
from lrn_cli.commands.terminal.options import console_options, reading_options
from lrn_cli.errors import LrnError

_COLUMNS = ("file", "format", "tensor", "shape", "dtype", "order", "chunks", "filters", "apply")


@click.command("info", short_help="Show what is in tensor files.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=complete_tensor)
@reading_options
@console_options
def command(files: tuple[str, ...], **options: Any) -> int:
    """Show what is in tensor files: format, tensors, shapes, dtypes, chunks and filters.

    The last column marks the tensor that `lrn apply FILE` would take. Off a terminal the table is tab-separated.

    \b
    lrn info feats.npy model.h5 photo.png
    lrn info --json feats.npy
    """
    from lrn_cli.tensors.listing import list_file
    from lrn_cli.tensors.tensor import Reading

    console = Console.of(options)
    reading = Reading(options["allow_external"], options["pixels"] == "raw", options["max_pixels"])
    listings, failed = [], False
    for file in files:
        try:
            listings.append(list_file(file, reading))
        except LrnError as error:
            show_error(error)
            failed = True
    if console.as_json:
        console.answer([listing.as_data() for listing in listings])
    elif listings:
        console.table(_COLUMNS, [row for listing in listings for row in listing.rows()])
    for listing in listings:
        if listing.refusal and console.verbose:
            console.note(f"lrn: {listing.refusal}")
    return Exit.FAILED if failed else Exit.DONE
