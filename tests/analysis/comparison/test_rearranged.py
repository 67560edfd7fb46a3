"""Of two tensors of which one has the other's positions in another order, `compare` says in which."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((4, 12, 6, 7)).astype("f4")
SHUFFLED = [3, 11, 0, 5, 7, 9, 2, 1, 4, 10, 8, 6]

# (what was done, what is said of it)
MADE: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "channels reversed": (lambda x: x[:, ::-1], "b is in reverse along axis 1"),
    "mirrored": (lambda x: np.asfortranarray(x[..., ::-1]), "b is in reverse along axis 3"),
    "channels moved on": (lambda x: np.roll(x, 1, 1), "b is moved on by 1 along axis 1"),
    "rows moved back": (lambda x: np.roll(x, -2, 2), "b is moved back by 2 along axis 2"),
    "samples swapped": (lambda x: x[[1, 0, 2, 3]], "b has another order along axis 0: what a has at 0, 1, ... it has"),
    "channels shuffled": (lambda x: x[:, SHUFFLED], "b has another order along axis 1: what a has at 0, 1, ... it has"),
    "reversed and of zeros": (lambda x: np.maximum(x, 0)[:, ::-1], "b is in reverse along axis 1"),
}


@pytest.mark.parametrize("made", MADE)
def test_the_order_is_said_and_how_to_undo_it(made: str, call: Run, tmp_path: Path) -> None:
    change, said = MADE[made]
    a = np.maximum(X, 0) if "zeros" in made else X
    b = change(a)
    np.save(tmp_path / "a.npy", a)
    np.save(tmp_path / "b.npy", b)
    done = call("compare", "a.npy", "b.npy", "--json")
    assert done.code == 1
    (pair,) = json.loads(done.out)["pairs"]
    assert pair["cause"].startswith(said), pair["cause"]
    assert pair["cause"].endswith("in one order they are equal")
    if pair["suggestion"]:
        np.testing.assert_array_equal(eval(pair["suggestion"], {"np": np, "b": b}), a)  # noqa: S307 what is to be typed
    else:
        assert made == "channels shuffled", "an order of many is not written out"


def test_what_differs_besides_is_counted(call: Run, tmp_path: Path) -> None:
    b = X[:, ::-1].copy()
    b[0, 0, 0, 0] += 1
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", b)
    said = call("compare", "a.npy", "b.npy").out
    assert b"b is in reverse along axis 1; in one order they differ in 1 element" in said


@pytest.mark.parametrize("made", [lambda x: x + 0.01 * x**2, lambda x: np.random.default_rng(1).permutation(x.ravel())])
def test_nothing_is_said_of_an_order_where_there_is_none(
    made: Callable[[np.ndarray], np.ndarray], call: Run, tmp_path: Path
) -> None:
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", made(X).reshape(X.shape))
    said = call("compare", "a.npy", "b.npy").out
    assert b"along axis" not in said
    assert b"the numbers differ" in said
