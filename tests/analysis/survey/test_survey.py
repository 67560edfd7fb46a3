"""A survey against NumPy over the whole tensor: the same numbers, however it is cut and whoever counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrn_cli.analysis.survey.survey import Survey, survey
from lrn_cli.tensors.arrays import ArraySource

RANDOM = np.random.default_rng(7)


def look(x: np.ndarray[Any, Any], layout: str | None, threads: int = 1, memory: int | None = None) -> Survey:
    with ArraySource(x) as source:
        return survey("x", source, layout, threads=threads, memory=memory)


# (shape, layout, the channel axis)
CASES = [
    ((3, 5, 8, 9), "NCHW", 1),
    ((3, 8, 9, 5), "NHWC", 3),
    ((70, 6, 5), "CHW", 0),
    ((6, 300, 5), "HWC", 2),
    ((4, 9), "NC", 1),
    ((1000,), "C", 0),
    ((2, 3, 4, 5, 6), "NCDHW", 1),
    ((2, 4, 6), "NCL", 1),
]


@pytest.mark.parametrize(("shape", "layout", "axis"), CASES)
@pytest.mark.parametrize("how", [(1, None), (3, 4096)], ids=["whole", "in pieces"])
def test_the_numbers_are_those_of_the_whole_tensor(
    shape: tuple[int, ...], layout: str, axis: int, how: tuple[int, int | None]
) -> None:
    x = RANDOM.normal(size=shape)
    found = look(x, layout, *how)
    others = tuple(other for other in range(x.ndim) if other != axis)
    assert (found.least, found.most) == (x.min(), x.max())
    assert found.mean == pytest.approx(x.mean(), abs=1e-12)
    assert found.rms == pytest.approx(np.sqrt(np.square(x).mean()))
    assert found.profile.total == pytest.approx(x.sum(axis=others), abs=1e-9)
    assert found.profile.most.tolist() == x.max(axis=others).tolist()


@pytest.mark.parametrize("how", [(1, None), (3, 4096)], ids=["whole", "in pieces"])
def test_small_pictures_are_the_channels_of_the_first_of_the_batch(how: tuple[int, int | None]) -> None:
    x = RANDOM.normal(size=(2, 5, 6, 7))
    assert look(x, "NCHW", *how).tiles == pytest.approx(x[0])
    assert look(x, "NHWC", *how).tiles == pytest.approx(np.moveaxis(x[0], 2, 0))
    assert look(np.asfortranarray(x), "NCHW", *how).tiles == pytest.approx(x[0])


@pytest.mark.parametrize("how", [(1, None), (4, 1 << 15)], ids=["whole", "in pieces"])
def test_large_pictures_have_the_means_of_their_cells(how: tuple[int, int | None]) -> None:
    x = RANDOM.normal(size=(2, 96, 144))
    wanted = x.reshape(2, 48, 2, 48, 3).mean(axis=(2, 4))
    assert look(x, "CHW", *how).tiles == pytest.approx(wanted)


def test_a_matrix_is_one_picture_of_its_rows_and_channels() -> None:
    x = RANDOM.normal(size=(4, 9))
    assert look(x, "NC").tiles == pytest.approx(x[None])
    assert look(x[0], "C").tiles == pytest.approx(x[None, :1])


def test_without_a_layout_the_last_two_axes_are_shown() -> None:
    x = RANDOM.normal(size=(2, 3, 4, 5, 6, 7))
    assert look(x, None).tiles == pytest.approx(x[0, 0, 0, 0][None])


def test_what_is_not_finite_is_counted_left_out_and_marked() -> None:
    x = np.ones((1, 2, 3, 3))
    x[0, 1, 0, 2], x[0, 1, 2, 0] = np.nan, -np.inf
    found = look(x, "NCHW")
    assert (found.nan, found.infinite, found.mean, found.least) == (1, 1, 1.0, 1.0)
    assert np.argwhere(np.isnan(found.tiles)).tolist() == [[1, 0, 2], [1, 2, 0]]


def test_a_tensor_of_nothing_but_nan_has_no_numbers() -> None:
    found = look(np.full((2, 3), np.nan), "NC")
    assert (found.least, found.most, found.mean, found.rms) == (None, None, None, None)
    assert found.as_data()["channel_means"] == [None, None, None]


@pytest.mark.parametrize("shape", [(0, 3, 4, 5), (2, 0, 4, 5), (2, 3, 4, 0)])
def test_an_empty_tensor_has_no_numbers(shape: tuple[int, ...]) -> None:
    assert look(np.zeros(shape), "NCHW").mean is None


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_a_histogram_counts_every_element_once(scale: float) -> None:
    x = RANDOM.normal(size=(4, 3000)) * scale
    for how in ((1, None), (3, 1 << 14)):
        counts, edges = look(x, "NC", *how).histogram.between(x.min(), x.max(), 64)
        wanted, _ = np.histogram(x, edges)
        assert counts.sum() == x.size
        # Its bins are a hundredth of the range or finer: few elements may fall to a neighbour.
        assert np.abs(np.cumsum(counts) - np.cumsum(wanted)).max() < 0.02 * x.size
