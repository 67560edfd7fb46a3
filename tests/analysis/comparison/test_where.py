"""Where two tensors differ: maps and profiles, against the maximum over everything else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrn_cli.analysis.comparison.compare import Comparing, Question
from lrn_cli.analysis.comparison.error_map import ErrorMap
from lrn_cli.tensors.arrays import ArraySource


def mapped(a: Any, b: Any, layout: str | None) -> ErrorMap:
    """Where two arrays differ."""
    sources = [(name, ArraySource(array)) for name, array in (("a", a), ("b", b))]
    where = Comparing(sources, Question(layout=layout)).run(2, mapped=True).pairs[0].where
    assert where is not None
    return where


# (layout, axes of the map, axis of the channels)
PLANES = [("NCHW", (2, 3), 1), ("NHWC", (1, 2), 3), (None, (2, 3), None), ("C...", (2, 3), 0)]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(("layout", "kept", "channels"), PLANES)
def test_each_cell_has_the_largest_difference_of_what_it_covers(
    layout: str | None, kept: tuple[int, int], channels: int | None, order: Any
) -> None:
    a = np.random.default_rng(0).standard_normal((3, 40, 50, 130))
    where = mapped(np.array(a, order=order), np.zeros_like(a), layout)
    apart = np.abs(a).max(axis=tuple(axis for axis in range(4) if axis not in kept))
    rows, columns = where.grid.shape
    assert (rows, columns) == tuple(min(a.shape[axis], 64) for axis in kept)
    expected = np.zeros((rows, columns))
    for (row, column), value in np.ndenumerate(apart):
        cell = row * rows // apart.shape[0], column * columns // apart.shape[1]
        expected[cell] = max(expected[cell], value)
    np.testing.assert_array_equal(where.grid, expected)
    if channels is None:
        assert where.profile is None
    else:
        others = tuple(axis for axis in range(4) if axis != channels)
        np.testing.assert_array_equal(where.profile, np.abs(a).max(axis=others))


def test_a_mismatch_is_an_infinite_difference() -> None:
    a = np.zeros((2, 3))
    a[1, 2], a[0, 1] = np.nan, 2
    assert mapped(a, np.zeros((2, 3)), "NC").grid.tolist() == [[0, 2, 0], [0, 0, np.inf]]
