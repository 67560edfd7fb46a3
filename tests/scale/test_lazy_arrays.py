"""Arrays of dask and xarray: the bits of NumPy whatever their chunks, refusals at once, and nothing computed early."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pytest

from lrn_cli import LrnError, gradient, normalize, parameter_gradient

dask = pytest.importorskip("dask", reason="dask is not installed: pip install -e '.[test-cluster]'")
da = pytest.importorskip("dask.array", reason="dask.array is not installed: pip install -e '.[test-cluster]'")

CASES = 400
WAYS: list[tuple[str, dict[str, Any]]] = [
    ("tf", {"depth_radius": 2}),
    ("tf", {"depth_radius": 9, "beta": 0.6}),
    ("tf", {"depth_radius": 0}),
    ("caffe", {"local_size": 5}),
    ("caffe", {"local_size": 3, "norm_region": "WITHIN_CHANNEL"}),
    ("caffe", {"local_size": 7, "norm_region": "WITHIN_CHANNEL", "alpha": 0.3}),
    ("pytorch", {"size": 4, "alpha": 0.5}),
    ("onnx", {"size": 4, "beta": 0.75, "alpha": 2.0}),
    ("mxnet", {"nsize": 5}),
    ("alexnet", {"n": 3}),
]


@pytest.fixture
def computed() -> Iterator[list[int]]:
    """Counts what dask is asked to compute, and refuses to."""
    calls: list[int] = []

    def refuse(*_: object, **__: object) -> None:
        calls.append(1)
        raise AssertionError("computed")

    with dask.config.set(scheduler=refuse):
        yield calls


def cut(length: int, random: Random) -> tuple[int, ...]:
    """One to three chunks of an axis."""
    places = sorted({random.randint(1, length) for _ in range(random.randint(0, 2))} | {length})
    return tuple(place - before for before, place in zip([0, *places], places, strict=False))


def draw(seed: int) -> tuple[Any, tuple[tuple[int, ...], ...], str, dict[str, Any]]:
    """An array, its chunks, a convention and what to say to it."""
    random = Random(seed)  # noqa: S311 - the same cases each time
    name, numbers = random.choice(WAYS)
    rank = 4 if numbers.get("norm_region") else random.choice([1, 2, 3, 4, 4, 5])
    shape = tuple(random.randint(1, 9) for _ in range(rank))
    layout = {1: "C", 2: "CN", 3: "HCW", 4: random.choice(["NCHW", "NHWC", "HWCN"]), 5: "NCDHW"}[rank]
    dtype = random.choice(["f4", "f8", "f2", "i2", ">f4", "?"])
    x: Any = (np.random.default_rng(seed).normal(size=shape) * 5).astype(dtype)
    return x, tuple(cut(length, random) for length in shape), name, {**numbers, "layout": layout}


def compute(lazy: Any) -> Any:
    with dask.config.set(scheduler="synchronous"):
        return lazy.compute()


def assert_same_bits(found: Any, expected: Any) -> None:
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert np.ascontiguousarray(found).tobytes() == np.ascontiguousarray(expected).tobytes()


@pytest.mark.parametrize("first", range(0, CASES, 50))
def test_whatever_the_chunks_results_have_the_bits_of_numpy_and_nothing_is_computed_before(
    first: int, computed: list[int]
) -> None:
    for seed in range(first, first + 50):
        x, chunks, name, how = draw(seed)
        lazy = normalize(da.from_array(x, chunks=chunks), name, **how)
        assert isinstance(lazy, da.Array)
        assert not computed
        assert_same_bits(compute(lazy), normalize(x, name, **how))


@pytest.mark.parametrize("which", ["x", "dy", "both", "ones"])
def test_gradients_have_the_bits_of_numpy_where_x_or_dy_is_lazy(which: str, computed: list[int]) -> None:
    for seed in range(500, 520):
        x, chunks, name, how = draw(seed)
        dy: Any = np.random.default_rng(seed + 1).normal(size=x.shape).astype("f4")
        of_x, of_dy = da.from_array(x, chunks=chunks), da.from_array(dy, chunks=tuple(max(n // 2, 1) for n in x.shape))
        given = {"x": (of_x, dy), "dy": (x, of_dy), "both": (of_x, of_dy), "ones": (of_x, None)}[which]
        lazy = gradient(*given, name, forward=bool(seed % 3), **how)
        assert isinstance(lazy, da.Array)
        assert not computed
        expected = gradient(x, None if which == "ones" else dy, name, forward=bool(seed % 3), **how)
        assert_same_bits(compute(lazy), expected)


def test_blocks_overlap_only_where_the_axis_of_the_window_is_cut() -> None:
    x = da.ones((4, 8, 6, 6), chunks=(1, 8, 3, 3), dtype="f4")
    across = normalize(x, "caffe", local_size=5)
    assert not any("overlap" in layer for layer in across.dask.layers)
    assert across.chunks == x.chunks
    assert any("overlap" in layer for layer in normalize(x.rechunk((4, 4, 6, 6)), "caffe", local_size=5).dask.layers)


def test_a_graph_can_be_sent_to_another_machine() -> None:
    lazy = normalize(da.ones((4, 8, 6, 6), chunks=(2, 3, 6, 6), dtype="f4"), "caffe", local_size=5)
    sent = pickle.loads(pickle.dumps(lazy))  # noqa: S301 - our own
    assert_same_bits(compute(sent), normalize(np.ones((4, 8, 6, 6), "f4"), "caffe", local_size=5))


def grow() -> Any:
    values = da.ones((6, 4), chunks=(3, 4), dtype="f4")
    return values[values[:, 0] > 0]


def sparse(block: Any) -> Any:
    return pytest.importorskip("scipy.sparse", reason="SciPy is not installed").csr_array(block)


REFUSED: list[tuple[str, Callable[[Any], object], str, str]] = [
    ("a window", lambda x: normalize(x, "caffe", local_size=4), "local_size is 4", ""),
    ("a layout", lambda x: normalize(x, "tf", layout="NCHW"), "the tensor has 2", ""),
    ("a type", lambda x: normalize(x.astype("c8"), "tf"), "complex", ""),
    ("a type of the result", lambda x: normalize(x, "tf", dtype="int8"), "int8", ""),
    ("a narrow computation", lambda x: normalize(x.astype("f8"), "tf", compute="float32"), "narrower", ""),
    ("an array for results", lambda x: normalize(x, "tf", out=np.empty(x.shape, "f4")), "computed later", ""),
    ("an unknown shape", lambda _: normalize(grow(), "tf"), "?x4", "x.compute_chunk_sizes()"),
    ("another shape of dy", lambda x: gradient(x, x[1:], "tf"), "dy is 5x4", ""),
    ("a mask", lambda x: normalize(da.ma.masked_greater(x, 0), "tf"), "has a mask", "dask.array.ma.filled("),
    ("blocks of SciPy", lambda x: normalize(x.map_blocks(sparse), "tf"), "scipy.sparse", "block.toarray()"),
    ("an unknown shape of dy", lambda x: gradient(x, grow(), "tf"), "?x4", "compute_chunk_sizes()"),
]


@pytest.mark.parametrize(("attempt", "message", "hint"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_wrong_is_refused_at_once_and_not_when_it_is_computed(
    attempt: Callable[[Any], object], message: str, hint: str, computed: list[int]
) -> None:
    with pytest.raises(LrnError) as refused:
        attempt(da.ones((6, 4), chunks=(3, 2), dtype="f4"))
    assert message in refused.value.message
    assert hint in refused.value.hint
    assert not computed


def test_the_hint_for_an_unknown_shape_helps() -> None:
    found = grow()
    found.compute_chunk_sizes()
    assert_same_bits(compute(normalize(found, "tf")), normalize(np.ones((6, 4), "f4"), "tf"))


def test_the_hints_for_a_mask_and_for_blocks_of_scipy_help() -> None:
    x = da.ones((6, 4), chunks=(3, 2), dtype="f4")
    expected = normalize(np.ones((6, 4), "f4"), "tf")
    dense = x.map_blocks(sparse).map_blocks(lambda block: block.toarray(), dtype=x.dtype)
    assert_same_bits(compute(normalize(dense, "tf")), expected)
    filled = da.ma.filled(da.ma.masked_greater(x, 1).astype(float), np.nan)
    assert_same_bits(compute(normalize(filled, "tf")), normalize(np.ones((6, 4)), "tf"))


def test_neither_dask_nor_xarray_is_imported_for_an_array_of_numpy() -> None:
    code = (
        "import sys, numpy; from lrn_cli import normalize, gradient; x = numpy.ones((2, 3)); normalize(x); gradient(x)"
    )
    code += "; print({'dask', 'xarray', 'distributed', 'pandas'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.fixture
def xarray() -> Any:
    return pytest.importorskip("xarray", reason="xarray is not installed: pip install -e '.[test-cluster]'")


def labelled(xarray: Any, values: Any, dims: tuple[str, ...]) -> Any:
    coords = {dims[0]: np.arange(values.shape[0]) * 10.0}
    return xarray.DataArray(values, dims=dims, coords=coords, name="conv1", attrs={"units": "1"})


@pytest.mark.parametrize("lazily", [True, False])
@pytest.mark.parametrize(
    ("dims", "layout"),
    [
        (("batch", "channel", "y", "x"), "NCHW"),
        (("time", "lat", "lon", "band"), "NHWC"),
        (("sample", "channels", "z", "height", "width"), "NCDHW"),
        (("C", "H", "W"), "CHW"),
        (("t", "c", "z", "y", "x"), "NCDHW"),
    ],
)
def test_a_dataarray_keeps_its_labels_and_its_dimensions_say_the_layout(
    xarray: Any, dims: tuple[str, ...], layout: str, lazily: bool, computed: list[int]
) -> None:
    values: Any = np.random.default_rng(1).normal(size=(3, 4, 5, 6, 2)[: len(dims)]).astype("f4")
    given = labelled(xarray, da.from_array(values, chunks=2) if lazily else values, dims)
    given.encoding = {"scale_factor": 0.1, "dtype": "i2"}
    for function in (normalize, gradient):
        call: Callable[..., Any] = partial(function, convention="caffe", local_size=3, alpha=2.0)
        found, expected = call(given), call(values, layout=layout)
        assert isinstance(found, xarray.DataArray)
        assert (found.name, found.dims, found.attrs) == ("conv1", dims, {"units": "1"})
        assert list(found.coords) == [dims[0]]
        assert not found.encoding  # numbers packed into 16 bits would lose digits of the result
        assert isinstance(found.data, da.Array if lazily else np.ndarray)
        assert not computed
        assert_same_bits(compute(found.data) if lazily else found.data, expected)


def test_dimensions_that_say_no_layout_are_asked_for_one(xarray: Any) -> None:
    values = np.ones((2, 3, 4), "f4")
    given = labelled(xarray, values, ("a", "channel", "b"))
    with pytest.raises(LrnError, match="the dimensions a, channel, b do not say which axis is which") as refused:
        normalize(given, "tf")
    assert 'layout="' in refused.value.hint
    assert_same_bits(normalize(given, "tf", layout="NCL").data, normalize(values, "tf", layout="NCL"))
    assert_same_bits(normalize(given, "tf", axis=1).data, normalize(values, "tf", axis=1))
    for dims, hint in ((("y", "x"), 'x.expand_dims("channel")'), (("time", "batch", "c"), 'layout="??C"')):
        with pytest.raises(LrnError) as refused:
            normalize(labelled(xarray, np.ones((2, 3, 4)[: len(dims)]), dims), "tf")
        assert hint in refused.value.hint
    assert normalize(xarray.DataArray(values[0], dims=("y", "x")).expand_dims("channel"), "caffe").shape == (1, 3, 4)


def test_dy_goes_with_x_by_the_names_of_their_dimensions(xarray: Any) -> None:
    x, dy = np.random.default_rng(2).normal(size=(2, 3, 4, 5, 6))
    given = labelled(xarray, x, ("batch", "channel", "y", "x"))
    other = xarray.DataArray(dy.transpose(3, 0, 2, 1), dims=("x", "batch", "y", "channel"))
    expected = gradient(x, dy, "caffe", layout="NCHW")
    assert_same_bits(gradient(given, other, "caffe").data, expected)
    assert parameter_gradient(given, other, "caffe") == parameter_gradient(x, dy, "caffe", layout="NCHW")
    with pytest.raises(LrnError, match="dy has the dimensions"):
        gradient(given, other.rename(x="w"), "caffe")
    with pytest.raises(LrnError, match="dy has other coordinates along batch than x"):
        gradient(given, turned := given[::-1], "caffe")
    assert_same_bits(gradient(given, turned.reindex_like(given), "caffe").data, gradient(given, x, "caffe").data)
    assert_same_bits(gradient(given, turned.data, "caffe").data, gradient(x, x[::-1], "caffe", layout="NCHW"))
    with pytest.raises(LrnError, match="a Dataset of 1 variables"):
        gradient(given, given.to_dataset(), "caffe")


def test_a_dataset_is_asked_for_one_of_its_variables(xarray: Any) -> None:
    data = xarray.Dataset({"conv1": (("batch", "channel"), np.ones((2, 3)))})
    with pytest.raises(LrnError, match="a Dataset of 1 variables is given") as refused:
        normalize(data, "tf")
    assert refused.value.hint == 'x["conv1"]'
