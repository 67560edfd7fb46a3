"""The report of an explanation: its page with more pictures, and in a browser with numbers to play with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrn_cli.pages.convention import gain_picture
from lrn_cli.pages.document import Block, Heading, Picture
from lrn_cli.pages.figures.explanation import panels
from lrn_cli.pages.reports.provenance import Made, blocks, table_of_files

if TYPE_CHECKING:
    from lrn_cli.conventions.binding import Bound
    from lrn_cli.pages.document import Document


def report(document: Document, bounds: Sequence[Bound], made: Made) -> list[Block]:
    """The page as it is, one strong channel among weak ones and the windows beside its gain, files, how it was made."""
    said: list[Block] = []
    if bounds and not any(isinstance(block, Picture) for block in document):  # the page of a model
        document = [*document, Heading("Gain"), *gain_picture(list(bounds))]
    more = [Picture(panel) for panel in panels(bounds)[1:]] if 0 < len(bounds) < 4 else []
    for block in document:
        said.append(block)
        if isinstance(block, Picture) and more:
            said += more
            more = []
    if made.files:
        said += [Heading("Files"), table_of_files(made.files)]
    return [*said, *blocks(made)]
