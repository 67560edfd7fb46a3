"""Slabs of one output: together they are all of it, and no two of them write to one page of a file, or to one chunk."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrn_cli.boxes import Box, runs, size
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span, Spans
from lrn_cli.tensors.npy import files, pages
from lrn_cli.tensors.npy.pages import PAGE, Pages, SharedNpy
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.shared import cut_into_chunks, cut_into_runs
from lrn_cli.tensors.tensor import Reading, Writing

SHAPES = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[tuple[int, ...], Spans, int, tuple[int, ...] | None]:
    """A shape, a window over it, elements of a slab, and the source's chunks if it has any."""
    shape = draw(SHAPES)
    spans = tuple(Span(draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in shape)
    chunks = tuple(draw(st.integers(1, length)) for length in shape) if draw(st.booleans()) else None
    return shape, spans, draw(st.integers(1, 5000)), chunks


@given(cuts())
def test_slabs_are_runs_that_cover_all_once(of: tuple[tuple[int, ...], Spans, int, tuple[int, ...] | None]) -> None:
    shape, spans, elements, chunks = of
    seen = np.zeros(shape, int)
    for box in cut_into_runs(shape, spans, elements, chunks):
        assert len(list(runs(box, shape))) == 1
        seen[box] += 1
    assert (seen == 1).all()


@given(cuts())
def test_where_the_source_has_chunks_no_slab_ends_in_one(
    of: tuple[tuple[int, ...], Spans, int, tuple[int, ...] | None],
) -> None:
    shape, spans, elements, chunks = of
    if chunks is None:
        return
    for box in cut_into_runs(shape, spans, elements, chunks):
        for piece, chunk, length in zip(box, chunks, shape, strict=True):
            assert piece.start % chunk == 0
            assert piece.stop % chunk == 0 or piece.stop == length


AXIS = st.tuples(st.integers(1, 40), st.integers(1, 12), st.integers(1, 12), st.integers(0, 3), st.integers(0, 3))


@given(st.lists(AXIS, min_size=1, max_size=3), st.integers(1, 20000))
def test_slabs_are_whole_chunks_of_which_each_is_in_one(axes: list[tuple[int, ...]], elements: int) -> None:
    shape, edges, chunks, before, after = (tuple(one) for one in zip(*axes, strict=True))
    spans = tuple(Span(*of) for of in zip(before, after, strict=True))
    boxes = cut_into_chunks(shape, spans, elements, edges, chunks)
    written = np.zeros(shape, int)
    for box in boxes:
        written[box] += 1
        assert all(piece.start % edge == 0 for piece, edge in zip(box, edges, strict=True))
        assert all(piece.stop % edge == 0 or piece.stop == n for piece, edge, n in zip(box, edges, shape, strict=True))
    assert (written == 1).all()
    assert is_small(boxes, edges, spans, 4 * elements)


def is_small(boxes: list[Box], edges: tuple[int, ...], spans: tuple[Span, ...], elements: int) -> bool:
    """Whether the slabs are no larger than asked for, unless a chunk or twice the window is."""
    least = prod([-(-max(edge, 2 * sum(span)) // edge) * edge for edge, span in zip(edges, spans, strict=True)])
    return all(prod(size(box)) <= max(elements, least) for box in boxes)


class Recorded:
    """What is written to a file, and where."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.places: list[tuple[int, int]] = []
        put = files.put

        def record(descriptor: int, memory: memoryview, position: int) -> None:
            self.places.append((position, len(memory)))
            put(descriptor, memory, position)

        monkeypatch.setattr(pages, "put", record)


# (shape, dtype, elements of a slab): of many pages, of one and a bit, of less than one, of an odd size
FILES = [((40, 50, 60), "f4", 20_000), ((7, 11, 173), "f8", 700), ((900, 3), "f4", 200), ((5, 4099), "f2", 4096)]


@pytest.mark.parametrize(("shape", "dtype", "elements"), FILES)
def test_no_two_slabs_write_to_one_page(
    shape: tuple[int, ...], dtype: str, elements: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    np.save(tmp_path / "x.npy", x)
    recorded, mine, left = Recorded(monkeypatch), list[set[int]](), []
    with (
        open_tensor(str(tmp_path / "x.npy"), Reading()) as source,
        SharedNpy(Writing(tmp_path / "y.npy", "", shape, x.dtype, source)) as shared,
    ):
        boxes = cut_into_runs(shape, (Span(0, 0),) * len(shape), elements)
        for box in reversed(boxes):
            recorded.places.clear()
            left.append(write(shared.place, box, x))
            mine.append({page for at, size in recorded.places for page in range(at // PAGE, -(-(at + size) // PAGE))})
        assert not (tmp_path / "y.npy").exists()
        shared.take(left)
    assert len(boxes) > 2
    assert sum(map(len, mine)) == len(set().union(*mine))
    assert all(sum(len(data) for _, data in pieces) < 2 * PAGE for pieces in left)
    assert np.array_equal(np.load(tmp_path / "y.npy"), x)


def write(place: object, box: Box, x: Array) -> list[tuple[int, bytes]]:
    """Write a slab in two blocks; what is left of it."""
    assert isinstance(place, Pages)
    middle = box[-1].start + size(box)[-1] // 2
    with place.open(box) as sink:
        for piece in (slice(middle, box[-1].stop), slice(box[-1].start, middle)):
            block = (*box[:-1], piece)
            sink.write(block, np.ascontiguousarray(x[block]))
    return list(sink.left)


def test_an_output_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((4, 5)))
    with open_tensor(str(tmp_path / "x.npy"), Reading()) as source:
        shared = SharedNpy(Writing(tmp_path / "y.npy", "", (4, 5), np.dtype("f8"), source))
    assert isinstance(shared.place, Pages)
    assert Path(shared.place.path).exists()
    shared.abort()
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]
