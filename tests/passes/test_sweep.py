"""One sweep reads each block once, in its turn where it must be, whatever the threads and the memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import numpy as np
import pytest

from lrn_cli.api import normalize
from lrn_cli.arithmetic.precision import precision
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.boxes import Block, Box
from lrn_cli.conventions.binding import bound
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span
from lrn_cli.passes.cutting import Cut
from lrn_cli.passes.frame import frame
from lrn_cli.passes.sweep import Step, Sweep
from lrn_cli.passes.transfer import Transfer
from lrn_cli.tensors.arrays import ArraySource

X = np.arange(6 * 4 * 5, dtype="f4").reshape(6, 4, 5)
STILL = (Span(0, 0),) * 3
NEIGHBOURS = (Span(1, 1), Span(0, 0), Span(0, 0))


class Watched(ArraySource):
    """An array that notes which boxes are read of it, and whether it was finished."""

    def __init__(self, array: Array, *, sequential: bool = False) -> None:
        super().__init__(array)
        self.sequential, self.boxes, self.finished = sequential, list[Box](), False

    def read(self, box: Box, out: Array) -> None:
        """Read a block."""
        self.boxes.append(box)
        super().read(box, out)

    def finish(self) -> None:
        """Note it."""
        self.finished = True


def by_rows(nbytes: int = 1) -> Callable[[int | None], Cut]:
    """One row after another, each said to take so much memory."""
    return lambda _: Cut((1, 4, 5), pieces=6, tile=20, nbytes=nbytes, shared=0)


def doing(step: Callable[[Block, Sequence[Array], AbstractContextManager[None]], int]) -> Callable[[Cut], Step]:
    """The same step in each thread."""
    return lambda _: step


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("sequential", [False, True])
def test_each_block_of_two_tensors_is_read_once_and_only_the_first_with_its_neighbours(
    threads: int, sequential: bool
) -> None:
    axes = (0, 1, 2)
    x, y, seen = Watched(X, sequential=sequential), Watched(2 * X), list[int]()

    def step(block: Block, tensors: Sequence[Array], _: AbstractContextManager[None]) -> int:
        np.testing.assert_array_equal(tensors[0], X[block.reach])
        np.testing.assert_array_equal(tensors[1], 2 * X[block.core])
        seen.append(block.core[0].start)
        return tensors[1].size

    told = list[int]()
    sweep = Sweep([x, y], frame([x, y], [axes, axes]), NEIGHBOURS, advanced=told.append)
    assert sweep.run(by_rows(), doing(step), threads) == X.size
    assert sorted(seen) == [*range(6)]
    assert sorted(box[0].start for box in y.boxes) == [*range(6)]
    assert sum(told) == 2 * X.nbytes
    assert x.finished
    assert y.finished
    if sequential:
        assert [(box[0].start, box[0].stop) for box in x.boxes] == [(0, 2), (0, 3), (1, 4), (2, 5), (3, 6), (4, 6)]


def test_as_many_tensors_as_are_told_are_read_with_their_neighbours() -> None:
    x, dy, mine = (Watched(factor * X) for factor in (1, 2, 3))

    def step(block: Block, tensors: Sequence[Array], _: AbstractContextManager[None]) -> int:
        for tensor, expected in zip(tensors, (X[block.reach], 2 * X[block.reach], 3 * X[block.core]), strict=True):
            np.testing.assert_array_equal(tensor, expected)
        return 1

    sweep = Sweep([x, dy, mine], frame([x, dy, mine], [(0, 1, 2)] * 3), NEIGHBOURS, reaching=2)
    assert sweep.run(by_rows(), doing(step), 2) == 6


def test_turns_of_steps_come_in_the_order_of_the_blocks() -> None:
    x, order, meet = Watched(X), list[int](), threading.Barrier(2)

    def step(block: Block, _: Sequence[Array], turn: AbstractContextManager[None]) -> int:
        meet.wait(10)  # two blocks are always under way
        with turn:
            order.append(block.core[0].start)
        return 0

    Sweep([x], frame([x], [(0, 1, 2)]), STILL, in_order=True).run(by_rows(), doing(step), 2)
    assert order == [*range(6)]


@pytest.mark.parametrize(
    ("nbytes", "memory", "threads"), [(1, None, 4), (100 << 20, None, 1), (80 << 20, None, 2), (10, 35, 3), (10, 1, 1)]
)
def test_as_many_threads_as_there_is_memory_for(nbytes: int, memory: int | None, threads: int) -> None:
    x, made = Watched(X), list[int]()

    def make_step(_: Cut) -> Step:
        made.append(threading.get_ident())
        return lambda *_: 0

    Sweep([x], frame([x], [(0, 1, 2)]), STILL).run(by_rows(nbytes), make_step, 4, memory)
    assert len(made) == threads


def test_what_fails_in_one_thread_ends_those_that_wait_for_their_turn() -> None:
    x = Watched(X)

    def step(block: Block, _: Sequence[Array], turn: AbstractContextManager[None]) -> int:
        if not block.core[0].start:
            raise LrnError("the first block", "")
        with turn:
            return 0

    with pytest.raises(LrnError, match="the first block"):
        Sweep([x], frame([x], [(0, 1, 2)]), STILL, in_order=True).run(by_rows(), doing(step), 3)
    assert not x.finished


@pytest.mark.parametrize("memory", [None, 1, 300, 5000])
@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("word", ["tf:alpha=.5", "caffe:alpha=.5,norm_region=WITHIN_CHANNEL"])
def test_transparency_is_carried_over_and_colours_are_normalised_however_little_memory_there_is(
    word: str, colours: int, memory: int | None
) -> None:
    image = np.random.default_rng(0).random((7, 6, colours + 1), "f4")
    source, norm, results = ArraySource(image), bound(word, {}).norm, np.empty_like(image)
    source.info = source.info._replace(carried=1)

    def write(box: Box, block: Array) -> None:
        results[box] = block

    window = window_over(norm.window, "HWC", source.info.normalised_shape)
    types = precision(image.dtype, image.dtype, norm)
    Transfer(source, write, dtype=image.dtype, norm=norm, window=window, types=types).run(2, memory)
    np.testing.assert_array_equal(results[..., colours], image[..., colours])
    np.testing.assert_array_equal(results[..., :colours], normalize(image[..., :colours], word, layout="HWC"))
