"""What a campaign has tried: counted, kept in a file, and shown as a table."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.benchmarks.tables import Table
from tests.campaign.workers import Ended

HOWS = ("done", "refused", "crash", "stuck", "hang", "memory", "defect")
BAD = ("hang", "memory", "defect")
"""That a library crashes or is stuck may happen, as the command survives it."""


class Progress:
    """What has been tried, kept in a file so that a run can be continued.

    Args:
        path: The file.
        hows: All the ways in which an input can end, as columns of the table.
        bad: Those of them that must not happen.
    """

    def __init__(self, path: Path, hows: tuple[str, ...] = HOWS, bad: tuple[str, ...] = BAD) -> None:
        self._path, self._hows, self._bad = path, hows, bad
        kept: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            kept = json.loads(path.read_text())
        self.done: int = kept.get("done", 0)
        self._peak: int = kept.get("peak", 0)
        self._counts = {kind: Counter(counts) for kind, counts in kept.get("counts", {}).items()}

    def count(self, kind: str, ended: Ended) -> None:
        self._counts.setdefault(kind, Counter())[ended.how] += 1
        self.done, self._peak = ended.number + 1, max(self._peak, ended.peak)

    def save(self) -> None:
        data = {"done": self.done, "peak": self._peak, "counts": self._counts}
        whole = self._path.with_suffix(".new")
        whole.write_text(json.dumps(data))
        whole.replace(self._path)

    @property
    def bad(self) -> dict[str, int]:
        """How often what must not happen did."""
        return {how: n for how in self._bad if (n := sum(c[how] for c in self._counts.values()))}

    def table(self, title: str = "Hostile files") -> Table:
        note = f"Most memory above the start of its process: {self._peak / 2**20:.0f} MiB." if self._peak else ""
        table = Table(title, ("format", "inputs", *self._hows), note)
        for kind, counts in sorted(self._counts.items()):
            table.add(kind, sum(counts.values()), *(counts[how] for how in self._hows))
        total: Counter[str] = sum(self._counts.values(), Counter())
        table.add("all", sum(total.values()), *(total[how] for how in self._hows))
        return table
