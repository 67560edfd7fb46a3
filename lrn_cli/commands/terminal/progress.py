"""How far a run has come: shown on a terminal, and only where it lasts."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Any

from lrn_cli.commands.terminal.console import Console
from lrn_cli.errors import one_line

_AFTER = 0.7
"""Seconds after which a run counts as lasting."""


class Progress:
    """A line on standard error with bytes, rate, time left and the file at hand.

    Args:
        console: Quiet or not.
        total: Tells how many bytes are to come; asked only if they are shown.
        what: What is worked on.
        beside: What is said besides, each time.

    Attributes:
        wanted: Whether anything will be shown at all.
    """

    def __init__(
        self, console: Console, total: Callable[[], int], what: str, beside: Callable[[], str] | None = None
    ) -> None:
        self.wanted = not console.quiet and console.watched
        self._total, self._what, self._beside = total, what, beside
        self._done, self._begun = 0, time.monotonic()
        self._lock = Lock()
        self._bar: Any = None

    def advance(self, size: int, what: str | None = None) -> None:
        """Count `size` bytes as done; from any thread."""
        if not self.wanted:
            return
        with self._lock:
            self._done += size
            self._what = what or self._what
            if self._bar is None and time.monotonic() - self._begun > _AFTER:
                self._bar = _start_bar(self._total())
            if self._bar is not None:
                shown = one_line(f"{self._beside()}: {self._what}" if self._beside else self._what)
                self._bar.update(self._bar.task_ids[0], completed=self._done, description=shown)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with self._lock:
            self.wanted = False
            if self._bar is not None:
                self._bar.stop()


def _start_bar(total: int) -> Any:
    from rich import progress
    from rich.console import Console as Terminal

    bar = progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
        console=Terminal(stderr=True, markup=False, highlight=False),
        transient=True,
    )
    bar.add_task("", total=total)
    bar.start()
    return bar
