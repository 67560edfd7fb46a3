"""How whoever waits for a run is told how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """What is told how far a run has come.

    Attributes:
        wanted: Whether it listens.
    """

    wanted: bool

    def advance(self, size: int, what: str | None = None) -> None:
        """Count `size` bytes as done; from any thread."""


Watch = Callable[[Callable[[], int], str], AbstractContextManager[Progress]]
"""Called when a run begins, with what tells its bytes and with what it works on: follows it through a `with` block."""


class _Unwatched:
    wanted = False

    def advance(self, size: int, what: str | None = None) -> None:
        """Nobody listens."""


def unwatched(_total: Callable[[], int], _what: str) -> AbstractContextManager[Progress]:
    """A run that nobody follows."""
    return nullcontext(_Unwatched())
