"""Random pairs of an input and an output: what `identify` offers to type must be equal when `compare` tries it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shlex import split
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrn_cli import api
from lrn_cli.analysis.identification.identify import identify
from lrn_cli.conventions.binding import bind, check_tensor
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Role
from lrn_cli.conventions.registry import conventions
from lrn_cli.errors import LrnError
from lrn_cli.layouts import customary
from tests.benchmarks.tables import Table
from tests.campaign.settings import Settings, say

Array = NDArray[Any]

_PAIRS = 400
_LENGTHS = {2: (3, 30), 3: (3, 14), 4: (2, 9), 5: (2, 6), 6: (2, 5)}
_TRIES = 200


def campaign(settings: Settings, _: Path) -> Iterator[Table]:
    """Make pairs of every convention, identify them, and type every line."""
    counts: Counter[str] = Counter()
    rng = np.random.default_rng(0)
    for number in range(_PAIRS):
        every = conventions()
        convention = every[number % len(every)]
        made = _make(convention, 2 + number // len(every) % 5, rng)
        if made is None:
            counts["no such tensor"] += 1
            continue
        _try_one(*made, counts, settings)
        if number % 50 == 49:
            say(f"{number + 1} pairs: {dict(counts)}")
    yield Table("what identify offers, typed behind compare", ("what", "how often"), rows=[*sorted(counts.items())])


def _make(convention: Convention, rank: int, rng: np.random.Generator) -> tuple[Array, Array, str] | None:
    """A tensor, what a convention makes of it in its own layout or with other axes, and how that was made."""
    for _ in range(_TRIES):
        low, high = _LENGTHS[rank]
        shape = tuple(int(length) for length in rng.integers(low, high + 1, rank))
        try:
            bound = bind(convention, dict(_numbers(convention, rank, rng)))
            own = customary(bound.layouts, rank)
            layout = "".join(rng.permutation(list(own))) if own and "." not in own and rng.random() < 0.3 else own
            axis = int(rng.integers(rank))
            word = layout or "." * axis + "C" + "." * (rank - axis - 1)
            check_tensor(bound, word, shape)
            x = (rng.standard_normal(shape) * 4).astype(str(rng.choice(["f4", "f8"])))
            given: dict[str, Any] = {"axis": axis} if "." in word else {"layout": word}
            return x, api.normalize(x, bound.word, **given), f"{bound.word} {word} {x.shape} {x.dtype}"
        except LrnError:
            continue
    return None


def _numbers(convention: Convention, rank: int, rng: np.random.Generator) -> Iterator[tuple[str, object]]:
    """Numbers for each parameter; what has choices one of them."""
    for parameter in convention.parameters:
        if parameter.choices:
            yield parameter.name, parameter.choices[int(rng.integers(len(parameter.choices)))]
        elif parameter.by_axis:
            sizes = rng.choice([1, 3], rank)
            yield parameter.name, tuple(int(size) for size in (1, *sizes[1:]))
        elif parameter.role is Role.WINDOW:
            yield parameter.name, int(rng.integers(1, 6))
        elif parameter.role is Role.ALPHA:
            yield parameter.name, float(rng.choice([0.01, 0.05, 0.3, 1.0]))
        elif parameter.role is Role.BETA:
            yield parameter.name, float(rng.choice([0.5, 0.75, 0.9, 1.0]))
        elif parameter.role is Role.BIAS:
            yield parameter.name, float(rng.choice([1.0, 2.0, 1.5]))


def _try_one(x: Array, y: Array, made: str, counts: Counter[str], settings: Settings) -> None:
    answer = identify(x, y)
    counts["found" if answer.found else "not found"] += 1
    if not answer.found:
        settings.failures.append(f"not found: {made}")
    for name, line in answer.rows():
        if answer.found and name in answer.conventions:
            equal = _is_equal(x, y, line)
            counts["lines that are equal" if equal else "lines that differ"] += 1
            if not equal:
                settings.failures.append(f"differs: {line} for {made}")
    counts["found without a line"] += bool(answer.found and not answer.taken)


def _is_equal(x: Array, y: Array, line: str) -> bool:
    word, *flags = split(line)
    given = {flag.removeprefix("--"): value for flag, value in zip(flags[::2], flags[1::2], strict=True)}
    axis = int(given["axis"]) if "axis" in given else None
    return bool(api.compare(x, y, conventions=word, layout=given.get("layout"), axis=axis)["equal"])
