"""Runs that want the same output, and many runs at once."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lrn_cli import normalize
from tests.benchmarks.tables import Table
from tests.campaign.settings import Settings

LRN = (sys.executable, "-m", "lrn_cli", "apply")
_ROUNDS = {2: 25, 64: 2}


def campaign(settings: Settings, folder: Path) -> Iterator[Table]:
    """Races of 2 and of 64 runs to one output without --force, then 64 runs to outputs of their own."""
    x = np.random.default_rng(0).standard_normal((2, 32, 40, 40)).astype("f4")
    expected = normalize(x, "caffe")
    np.save(folder / "x.npy", x)
    table = Table("Runs at the same time", ("runs", "output", "rounds", "one winner, the others say so"))
    for count, rounds in _ROUNDS.items():
        for suffix in (".npy", ".h5"):
            held = sum(_race(count, folder, suffix, expected) for _ in range(rounds))
            table.add(count, f"one {suffix}", rounds, held)
            if held < rounds:
                settings.failures.append(f"races: {count} runs to one {suffix}: {rounds - held} of {rounds}")
    codes = _ended([["x.npy", "-o", f"own{number}.npy"] for number in range(64)], folder)
    equal = sum(np.array_equal(np.load(path), expected) for path in folder.glob("own*.npy"))
    held = int(codes == [0] * 64 and equal == 64 and len(list(folder.iterdir())) == 65)
    table.add(64, "one each, in one folder", 1, "all succeed" if held else "no")
    if not held:
        settings.failures.append("races: 64 runs in one folder")
    yield table


def _race(count: int, folder: Path, suffix: str, expected: object) -> bool:
    """Whether exactly one run wins, its output is whole, the others end with 2, and nothing is left over."""
    target = folder / f"y{suffix}"
    codes = _ended([["x.npy", "-o", target.name]] * count, folder)
    whole = suffix == ".h5" or np.array_equal(np.load(target), np.asarray(expected))
    left = sorted(path.name for path in folder.iterdir())
    target.unlink()
    return sorted(codes) == [0] + [2] * (count - 1) and whole and left == ["x.npy", target.name]


def _ended(runs: list[list[str]], folder: Path) -> list[int]:
    """The exit codes of runs that were started together; -1 of one that said what it must not."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert len(runs) * 2 < limit
    processes = [
        subprocess.Popen([*LRN, *words, "-c", "caffe", "-q", "-j", "1"], cwd=folder, stderr=subprocess.PIPE)
        for words in runs
    ]
    codes = []
    for process in processes:
        said = process.communicate(timeout=300)[1]
        bad = b"Traceback" in said or b"defect" in said or (process.returncode == 2 and b"without --force" not in said)
        codes.append(-1 if bad else process.returncode)
    return codes
