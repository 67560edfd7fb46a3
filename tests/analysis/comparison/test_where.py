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


def test_both_are_seen_by_the_means_of_their_cells_and_apart_by_what_is_furthest_from_zero_with_its_sign() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, 3, 20, 100, 7))
    sources = [(name, ArraySource(array)) for name, array in (("a", a), ("b", b))]
    where = Comparing(sources, Question(layout="NHWC")).run(2, mapped=True, pictured=True).pairs[0].where
    assert where is not None
    assert where.pictures is not None
    of = np.arange(100) * 64 // 100
    for seen, whole in ((where.pictures.a, a), (where.pictures.b, b)):
        means = [whole[..., of == cell, :].mean(axis=(0, 2, 3)) for cell in range(64)]
        np.testing.assert_allclose(seen, np.transpose(means), rtol=1e-12, atol=1e-15)
    for (row, cell), found in np.ndenumerate(where.pictures.apart):
        apart = (a - b)[:, row][:, of == cell]
        assert found == apart.flat[np.abs(apart).argmax()]


def test_a_cell_with_a_mismatch_has_no_difference_with_a_sign_and_what_is_the_same_has_none() -> None:
    a, b = np.ones((2, 3)), np.ones((2, 3))
    a[1, 2], b[0, 1] = np.nan, 3
    sources = [(name, ArraySource(array)) for name, array in (("a", a), ("b", b))]
    where = Comparing(sources, Question(layout="NC")).run(1, mapped=True, pictured=True).pairs[0].where
    assert where is not None
    assert where.pictures is not None
    np.testing.assert_array_equal(where.pictures.apart, [[0, -2, 0], [0, 0, np.nan]])
    np.testing.assert_array_equal(where.pictures.a, [[1, 1, 1], [1, 1, np.nan]])
