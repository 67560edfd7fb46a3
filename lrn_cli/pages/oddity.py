"""The page of what an engine computes by a mistake: described, and not to be computed with."""

from __future__ import annotations

from lrn_cli.conventions.oddity import Oddity
from lrn_cli.pages.document import Block, Heading, Item, Items, Paragraph


def page(oddity: Oddity) -> list[Block]:
    """What it computes, what to take instead, and where that was seen."""
    return [
        Heading(f"{oddity.name}: {oddity.title}", 1),
        Paragraph(oddity.text),
        Paragraph(
            f"That is a mistake, and not offered behind -c. Instead: {oddity.instead}. lrn identify names it where an"
            " output shows it."
        ),
        Heading("Sources"),
        Items(tuple(map(Item, oddity.sources))),
    ]
