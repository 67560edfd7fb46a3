"""What engines compute by mistakes: sums that no window gives, or another function than was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple


class Shows(Enum):
    """How the outputs of an engine show its mistake."""

    SUMS = "sums over the wrong channels"
    AVERAGE = "sums divided by how many elements are in range"
    FIRST_SLICE = "only the first slice along an axis is normalised"
    ZEROS = "nothing but zeros"
    OTHER_NUMBERS = "a window as any, with other numbers than were given"


class Oddity(NamedTuple):
    """What an engine computes by a mistake: described and recognised, never offered.

    Attributes:
        name, aliases, title: As of a convention.
        parameters: What it calls window, bias, alpha and beta.
        text: What it computes.
        instead: What to take.
        sources: Where that was seen.
        terms: From the window parameter, a channel, how many there are and the length of the batch: how often the
            square of each channel counts in that channel's sum.
        alpha_is_divided: Whether alpha is divided by the window parameter.
        shows: How its outputs show it.
        of_a_batch: Whether it takes only tensors whose first axis is that of a batch.
    """

    name: str
    aliases: tuple[str, ...]
    title: str
    parameters: tuple[str, str, str, str]
    text: str
    instead: str
    sources: tuple[str, ...]
    terms: Callable[[int, int, int, int], Mapping[int, int]] = lambda *_: {}
    alpha_is_divided: bool = False
    shows: Shows = Shows.SUMS
    of_a_batch: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """All names it goes by."""
        return (self.name, *self.aliases)

    def as_data(self) -> dict[str, Any]:
        """What is said of it, as JSON types."""
        return {"name": self.name, "title": self.title, "text": self.text, "sources": list(self.sources)}
