"""How much a campaign tries, and where it keeps what it has found."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Settings:
    """What was asked for.

    Attributes:
        mutations: How many hostile files to try.
        runs_of_command: How many of them through the command itself.
        runs: How many runs to kill.
        foreign: How many hostile files of other tools to try.
        blocks: How many ordinary blocks to compute with NumPy and compiled, and half as many wild ones.
        state: The folder with what has been tried, and with the files that were found.
        failures: What did not hold, one line each.
    """

    mutations: int
    runs_of_command: int
    runs: int
    foreign: int
    blocks: int
    state: Path
    failures: list[str] = field(default_factory=list)


def say(text: str) -> None:
    """Tell whoever waits; standard output is for the tables."""
    print(f"  {text}", file=sys.stderr, flush=True)
