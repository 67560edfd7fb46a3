"""Each line that `lrn identify` ends in is typed behind `-c` as it stands, and gives the output."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.conventions.registry import conventions
from tests.conftest import Run

NAMES = {convention.name for convention in conventions()}
NUMBERS = "pytorch:size=3,alpha=0.3,beta=0.75,k=2"

# (shape, channel axis, convention)
PAIRS = [
    ((9, 40), 0, NUMBERS),
    ((40, 9), 1, NUMBERS),
    ((8, 6, 7), 0, NUMBERS),
    ((6, 8, 7), 1, NUMBERS),
    ((6, 7, 8), 2, NUMBERS),
    ((8, 6, 5, 3), 0, NUMBERS),
    ((6, 5, 8, 3), 2, NUMBERS),
    ((8, 2, 3, 4, 5), 0, NUMBERS),
    ((2, 3, 4, 8, 5), 3, NUMBERS),
    ((2, 3, 2, 8, 3, 4), 3, NUMBERS),
    ((20, 4), 1, "tf:depth_radius=2,bias=1,alpha=0.5,beta=0.75"),
    ((2, 8, 5, 5), 1, "tf:depth_radius=8,bias=0,alpha=1,beta=0.5"),
]


def lines(shown: bytes) -> list[str]:
    """What is to be typed behind `-c`."""
    rows = [line.split("\t") for line in shown.decode().splitlines()]
    return [line for name, line in rows if name in NAMES]


@pytest.mark.parametrize(("shape", "axis", "word"), PAIRS)
def test_every_line_gives_the_output_when_it_is_typed(shape: tuple[int, ...], axis: int, word: str, call: Run) -> None:
    x = np.random.default_rng(0).standard_normal(shape) * 3
    np.save("x.npy", x)
    np.save("y.npy", normalize(x, word, axis=axis))
    found = lines(call("identify", "x.npy", "y.npy").out)
    assert found
    for line in found:
        ended = call("compare", "x.npy", "--against", "y.npy", "-c", *shlex.split(line), "--rtol", "1e-9")
        assert ended.code == 0, (line, ended.out, ended.err)


def test_an_output_that_is_its_input_is_called_that(call: Run) -> None:
    np.save("x.npy", np.random.default_rng(0).standard_normal((2, 5, 4, 4)))
    assert "the output is the input, unchanged" in call("identify", "x.npy", "x.npy").out.decode()
