"""`normalize` on arrays of every kind: order, strides, byte order, rank, and where the result goes."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrn_cli import LrnError, normalize
from tests.arithmetic.exact import Array, formula

pytestmark = pytest.mark.usefixtures("variant")


def values(shape: tuple[int, ...], dtype: str = "f4", seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@given(
    shape=st.lists(st.integers(1, 7), min_size=1, max_size=4).map(tuple),
    axis=st.integers(0, 3),
    size=st.integers(1, 12),
    side=st.sampled_from(["pytorch", "onnx"]),
    dtype=st.sampled_from(["f4", "f8"]),
)
@settings(max_examples=150, deadline=None)
def test_any_axis_of_any_shape_is_normalised(
    shape: tuple[int, ...], axis: int, size: int, side: str, dtype: str
) -> None:
    axis %= len(shape)
    reach = (size // 2, (size - 1) // 2) if side == "pytorch" else ((size - 1) // 2, size // 2)
    x = values(shape, dtype)
    y = normalize(x, side, size=size, alpha=0.5, axis=axis)
    exact = formula(x, {axis: reach}, scale=0.5 / size, bias=1, beta=0.75)
    np.testing.assert_allclose(y, exact.astype("f8"), rtol=8 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "CHWN", "NHCW", "HWNC", "WNCH"])
@pytest.mark.parametrize("size", [3, 9])
def test_within_a_channel_works_in_every_layout(layout: str, size: int) -> None:
    x = values((5, 4, 6, 3), seed=1)
    y = normalize(x, "caffe", norm_region="WITHIN_CHANNEL", local_size=size, layout=layout)
    reach = (size // 2, size // 2)
    exact = formula(x, {layout.index("H"): reach, layout.index("W"): reach}, scale=1 / size**2, bias=1, beta=0.75)
    np.testing.assert_allclose(y, exact.astype("f8"), rtol=1e-6)


CUTS = [1, 7, 64, 1000, 10**9]
CASES: list[tuple[str, tuple[int, ...], dict[str, Any]]] = [
    ("caffe", (3, 11, 9, 10), {}),
    ("tf", (3, 9, 10, 11), {}),
    ("tf", (2, 40, 40, 3), {"depth_radius": 2, "beta": 0.75}),
    ("pytorch", (1, 4000), {"size": 6}),
    ("pytorch", (700,), {"size": 63}),
    ("pytorch", (1, 90, 6, 7), {"size": 10}),
    ("tf", (3, 30, 20, 12), {}),
    ("tf", (5, 7, 3), {"layout": "NLC", "bias": 0}),
    ("caffe", (2, 3, 37, 41), {"norm_region": "WITHIN_CHANNEL", "local_size": 7}),
    ("caffe", (2, 50, 5, 4), {"norm_region": "WITHIN_CHANNEL", "local_size": 3, "beta": 0.6}),
]


@pytest.mark.parametrize(("convention", "shape", "parameters"), CASES)
def test_the_bits_do_not_depend_on_blocks_or_threads(
    convention: str, shape: tuple[int, ...], parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = values(shape, seed=2)
    found = set()
    for elements, stage, threads in itertools.product(CUTS, (13, 10**9), (1, 3)):
        monkeypatch.setattr("lrn_cli.arithmetic.tiling.TILE", elements)
        monkeypatch.setattr("lrn_cli.arithmetic.tiling.SLAB", 64 * elements)
        monkeypatch.setattr("lrn_cli.arithmetic.schedule._STAGE", stage)
        found.add(normalize(x, convention, threads=threads, **parameters).tobytes())
    assert len(found) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 6, 13, 63])
def test_the_bits_do_not_depend_on_the_layout(size: int) -> None:
    x = values((2, 30, 5, 6), seed=3)
    first = normalize(x, "pytorch", size=size)
    last = normalize(np.ascontiguousarray(np.moveaxis(x, 1, -1)), "pytorch", size=size, layout="NHWC")
    assert np.moveaxis(last, -1, 1).tobytes() == first.tobytes()


def _views(x: Array) -> dict[str, Array]:
    padded = np.zeros((2, 12, 5, 8), x.dtype)
    padded[:, ::2, :, ::2] = x
    return {
        "Fortran order": np.asfortranarray(x),
        "every other element": padded[:, ::2, :, ::2],
        "reversed": np.ascontiguousarray(x[:, ::-1, ::-1])[:, ::-1, ::-1],
        "transposed": np.ascontiguousarray(x.transpose(3, 1, 0, 2)).transpose(2, 1, 3, 0),
        "big-endian": x.astype(">f4"),
        "little-endian": x.astype("<f4"),
        "broadcast": np.broadcast_to(x, x.shape),
    }


@pytest.mark.parametrize("kind", _views(values((2, 6, 5, 4))))
def test_how_an_array_lies_in_memory_changes_nothing(kind: str) -> None:
    x = values((2, 6, 5, 4))
    view = _views(x)[kind]
    y = normalize(view, "caffe")
    assert y.dtype == view.dtype
    np.testing.assert_array_equal(y, normalize(x, "caffe"))


def test_a_memory_map_and_nested_lists_are_taken(tmp_path: Path) -> None:
    x = values((2, 6, 5, 4), "f8")
    np.save(tmp_path / "x.npy", x)
    expected = normalize(x, "caffe")
    np.testing.assert_array_equal(normalize(np.load(tmp_path / "x.npy", mmap_mode="r"), "caffe"), expected)
    np.testing.assert_array_equal(normalize(x.tolist(), "caffe"), expected)


@pytest.mark.parametrize(
    ("convention", "parameters"),
    [("caffe", {}), ("caffe", {"norm_region": "WITHIN_CHANNEL"}), ("alexnet", {"beta": 0.6})],
)
def test_the_result_may_take_the_place_of_the_input(
    convention: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrn_cli.arithmetic.tiling.TILE", 50)
    x = values((2, 6, 9, 8))
    expected = normalize(x, convention, **parameters)
    assert normalize(x, convention, out=x, **parameters) is x
    np.testing.assert_array_equal(x, expected)


def test_an_output_that_overlaps_the_input_gets_the_right_values() -> None:
    memory = values((9, 40))
    expected = normalize(memory[:8], "tf")
    normalize(memory[:8], "tf", out=memory[1:])
    np.testing.assert_array_equal(memory[1:], expected)


@pytest.mark.parametrize("shape", [(0,), (2, 0, 3, 3), (0, 5, 4, 4)])
def test_an_empty_tensor_gives_an_empty_tensor(shape: tuple[int, ...]) -> None:
    y = normalize(np.empty(shape, "f4"), "caffe")
    assert y.shape == shape
    assert y.dtype == np.float32


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.float32(3), "a single number"),
        (np.array([1 + 2j]), "complex numbers"),
        (np.array([None]), "Python objects"),
        (np.array(["a"]), "text"),
        (np.zeros(3, [("a", "f4")]), "structured records"),
        (np.zeros((2, 3, 4), "f4"), "no layout for rank 3"),
    ],
)
def test_what_has_no_channels_or_no_squares_is_refused(x: Any, message: str) -> None:
    with pytest.raises(LrnError, match=message):
        normalize(x, "tf")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": "NHWC"}, "names 4 axes, the tensor has 3"),
        ({"layout": "HWZ"}, "letter 'Z'"),
        ({"layout": "HWH"}, "twice"),
        ({"layout": "NHW"}, "no C"),
        ({"axis": 3}, "axis 3 is not there"),
        ({"axis": -4}, "axis -4 is not there"),
        ({"axis": 0, "layout": "CHW"}, "both say"),
        ({"dtype": "int8"}, "'int8' is none of"),
        ({"dtype": "complex64"}, "'complex64' is none of"),
        ({"out": np.empty((2, 3, 5), "f4")}, "out is float32 2x3x5, it must be floating-point 2x3x4"),
        ({"out": np.empty((2, 3, 4), "i4")}, "out is int32"),
    ],
)
def test_a_layout_axis_or_output_that_does_not_fit_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(LrnError, match=message):
        normalize(np.zeros((2, 3, 4), "f4"), "alexnet", **options)


def test_within_a_channel_an_axis_alone_must_leave_no_doubt() -> None:
    x = values((3, 4, 5, 6))
    by_axis = normalize(x, "caffe", norm_region="WITHIN_CHANNEL", axis=1)
    np.testing.assert_array_equal(by_axis, normalize(x, "caffe", norm_region="WITHIN_CHANNEL", layout="NCHW"))
    with pytest.raises(LrnError, match="names no H and no W"):
        normalize(x, "caffe", norm_region="WITHIN_CHANNEL", axis=0)


def test_nan_and_infinity_reach_only_their_windows() -> None:
    x = values((1, 20, 9, 9))
    clean = normalize(x, "caffe")
    x[0, 10, 4, 4], x[0, 3, 1, 1] = np.nan, np.inf
    y = normalize(x, "caffe")
    touched = np.zeros(x.shape, bool)
    touched[0, 8:13, 4, 4] = touched[0, 1:6, 1, 1] = True
    np.testing.assert_array_equal(y[~touched], clean[~touched])
    assert np.isnan(y[0, 8:13, 4, 4]).all()
    assert (y[0, [1, 2, 4, 5], 1, 1] == 0).all()


def test_what_is_under_a_mask_is_not_taken_for_numbers() -> None:
    masked: Any = np.ma.masked_greater([[1.0, 2.0, 9.0]], 5)
    with pytest.raises(LrnError, match="x has a mask") as refused:
        normalize(masked, "tf")
    assert refused.value.hint == "x.astype(float).filled(numpy.nan)"
    assert np.isnan(normalize(masked.astype(float).filled(np.nan), "tf", depth_radius=1))[0, 1]
    assert (normalize(np.ma.masked_array([[1.0]]), "tf") == normalize([[1.0]], "tf")).all()
