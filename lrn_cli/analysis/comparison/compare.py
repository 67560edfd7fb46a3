"""`compare`: how far tensors, or what conventions make of one tensor, are apart, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import combinations

from numpy.typing import ArrayLike

from lrn_cli import layouts
from lrn_cli.analysis.comparison.error_map import ErrorMap, plane_of
from lrn_cli.analysis.comparison.judgement import Context, judge
from lrn_cli.analysis.comparison.question import USUAL, Chosen, Question, choose, read_typed
from lrn_cli.analysis.comparison.scan import Ends, Scan
from lrn_cli.analysis.comparison.sides import Normalization, Side
from lrn_cli.analysis.comparison.tally import Tally
from lrn_cli.analysis.comparison.tolerance import Tolerance, common_dtype, of_engine, tolerance
from lrn_cli.analysis.comparison.verdict import Comparison, Pair
from lrn_cli.analysis.grids import Grid, grid_of
from lrn_cli.analysis.reshaping import fold_like
from lrn_cli.arithmetic.precision import precision
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.conventions.binding import Bound, check_tensor, resolve_layout
from lrn_cli.dtypes import result_dtype
from lrn_cli.errors import LrnError
from lrn_cli.passes.frame import Match, frame, match
from lrn_cli.passes.step import Carried
from lrn_cli.tensors.arrays import ArraySource
from lrn_cli.tensors.tensor import Source, TensorInfo
from lrn_cli.work.threads import usable_cores

__all__ = ["Comparing", "Question", "compare"]


def compare(x: ArrayLike, y: ArrayLike | None, question: Question, threads: int | None = None) -> Comparison:
    """Tell how far apart two arrays are, or what conventions make of one.

    One array is compared under several conventions, each pair of them (the second of a pair is the one named first).
    Two arrays are compared as they are; with conventions, what each makes of the first is compared with the second.

    Args:
        x: Booleans, integers or real floating-point numbers, of any rank.
        y: Another such array, or None.
        question: What is asked of them.
        threads: How many to use; by default one for each core this process may use.

    Raises:
        LrnError: A convention, the layout, the tolerance or an array is not what it must be.

    >>> import numpy as np
    >>> x = np.ones((1, 2, 2, 8), "f4")
    >>> found = compare(x, None, Question(["tf:depth_radius=2,alpha=1e-4", "caffe:alpha=1e-4,beta=.5"]))
    >>> found.equal, found.pairs[0].advice
    (False, '-c caffe:local_size=5,alpha=0.0005,beta=0.5,k=1,norm_region=ACROSS_CHANNELS')
    >>> found.pairs[0].cause
    'caffe divides alpha by local_size 5: alpha 0.0005 there equals 0.0001 in tf; the windows are the same'
    """
    with ExitStack() as stack:
        arrays = [("x", stack.enter_context(ArraySource(x)))]
        if y is not None:
            arrays.append(("y", stack.enter_context(ArraySource(y))))
        return Comparing(arrays, question).run(threads or usable_cores())


class Comparing:
    """Everything that is known before the first block is read.

    Args:
        tensors: One or two open tensors, and what they are called.
        question: What is asked.
        matched: How the axes of two correspond, where that does not follow from their shapes.

    Attributes:
        sides: All that is compared.
        layout: A letter for each axis of the first tensor; None where it is not known.

    Raises:
        LrnError: Whatever can be refused without reading.
    """

    def __init__(self, tensors: Sequence[tuple[str, Source]], question: Question, matched: Match | None = None) -> None:
        self._names, self._sources = tuple(name for name, _ in tensors), [source for _, source in tensors]
        self._question, info = question, tensors[0][1].info
        choices = self._choices()
        self.layout = self._layout(info, [choice.bound for choice in choices if choice.bound])
        self._told: tuple[str, ...] = ()
        if choices and len(self._sources) == 2:
            self._sources[1], folded = fold_like(self._sources[1], info.shape, matched.axes if matched else None)
            self._told = (folded,) if folded else ()
        self._match = matched or match(info.shape, self._sources[-1].info.shape)
        self._grid = self._grid_against(choices)
        axes = tuple(range(len(info.shape)))
        matching = [axes, self._match.axes] if self._match else [axes]
        self._common = frame(self._sources[: len(matching)], matching[: len(self._sources)])
        entries = [self._side_of(choice) for choice in choices] + self._plain(both=not choices)
        self.sides = [side for side, _ in entries]
        self._made = {index: how for index, (_, how) in enumerate(entries) if how is not None}
        self._tolerances = {ends: self._tolerance(*ends) for ends in self._ends(len(choices))}

    def _choices(self) -> list[Chosen]:
        question = self._question
        if question.words is None and question.typed is None and len(self._sources) == 2:
            return []
        typed = read_typed(question.typed) if question.typed is not None else {}
        words = [question.words] if isinstance(question.words, str) else question.words
        choices = choose(USUAL if words is None else words, typed)
        if len(choices) + len(self._sources) < 3:
            alone = choices[0].name if choices else self._names[0]
            raise LrnError(f"{alone} alone has nothing to be compared with", "another -c, or --against FILE")
        return choices

    def _layout(self, info: TensorInfo, bounds: Sequence[Bound]) -> str | None:
        """The layout that was given or that an image has, else the first convention's own for this rank."""
        asked = info.asked(self._question.layout, self._question.axis)
        try:
            if not bounds:
                return layouts.choose(info.normalised_shape, **asked)
            # Whether its window fits the channels is each convention's own affair.
            free = bounds[0].convention._replace(window_fits_channels=False)
            return resolve_layout(Bound(free, bounds[0].values), info.normalised_shape, **asked)
        except LrnError as error:
            raise error.about(self._names[0]) from None

    def _grid_against(self, choices: Sequence[Chosen]) -> Grid | None:
        """The grid on which the numbers are that conventions are compared with; None where there are none."""
        return grid_of(self._sources[1], self._sources[0]) if choices and len(self._sources) == 2 else None

    def _side_of(self, choice: Chosen) -> tuple[Side, Normalization | None]:
        """The side of a convention, and how it is made, unless the convention refuses its numbers or this tensor."""
        info = self._sources[0].info
        dtype = result_dtype(info.dtype).newbyteorder("=")
        side = Side(choice.name, info.shape, dtype, choice.bound, choice.refusal, info.narrow)
        if choice.bound is None or self.layout is None:
            return side, None
        shape = info.normalised_shape
        try:
            check_tensor(choice.bound, self.layout, shape)
            lying = choice.bound.over(self.layout)
            window = window_over(lying.norm.window, self.layout, shape).reorder(self._common.order)
        except LrnError as error:
            return side._replace(refusal=error), None
        side, norm = side._replace(bound=lying), lying.norm
        carried = Carried(self._common.order.index(len(shape) - 1), shape[-1]) if info.carried else None
        clipped = self._grid.ends if self._grid else None  # what a file cannot hold
        return side, Normalization(lying, window, precision(info.dtype, dtype, norm), dtype, carried, clipped)

    def _plain(self, *, both: bool) -> list[tuple[Side, int | None]]:
        """The tensors that are compared as they are; the first is not where only what is made of it is."""
        infos = [source.info for source in self._sources]
        return [
            (Side(name, info.shape, info.dtype, narrow=info.narrow), index if self._match else None)
            for index, (name, info) in enumerate(zip(self._names, infos, strict=True))
            if index or both
        ]

    def _ends(self, conventions: int) -> list[Ends]:
        """The pairs: conventions with the second tensor, with the first of them, or with those named before."""
        if len(self._sources) == 2:
            last = len(self.sides) - 1
            return [(index, last) for index in range(last)]
        pairs = [(later, earlier) for earlier, later in combinations(range(conventions), 2)]
        return [pair for pair in pairs if pair[1] == 0] if self._question.reference else pairs

    def _tolerance(self, a: int, b: int) -> tuple[Tolerance, str]:
        """What is allowed between two sides, and whose tolerance that is, if it is an engine's."""
        dtype = common_dtype(self.sides[a].dtype, self.sides[b].dtype)
        narrow = [self.sides[end].narrow for end in (a, b) if self.sides[end].narrow]
        grids = {self._sources[of].grid if isinstance(of := self._made.get(end), int) else 0.0 for end in (a, b)}
        grid = max(grids) if len(grids) > 1 else 0.0  # the one was rounded to it, the other was not
        if self._grid is not None:
            dtype, grid = common_dtype(self._grid.dtype, dtype or self._grid.dtype), self._grid.step
            narrow = [self._grid.narrow] if self._grid.narrow else []
        told = self._question.rtol, self._question.atol
        usual = tolerance(dtype, *told, narrow, grid)
        made, given = self.sides[a].bound, self.sides[b]
        if made is None or given.bound or given.refusal or narrow or grid or told != (None, None):
            return usual, ""
        return of_engine(made.convention.engine, dtype, usual)

    @property
    def nbytes(self) -> int:
        """How many bytes will be read."""
        return sum(source.info.nbytes for source in self._sources) if self._compared else 0

    @property
    def _compared(self) -> list[Ends]:
        """The pairs that can be compared element by element."""
        return [ends for ends in self._tolerances if all(end in self._made for end in ends)]

    def run(
        self,
        threads: int,
        memory: int | None = None,
        advanced: Callable[[int], None] = lambda _: None,
        *,
        mapped: bool = False,
        pictured: bool = False,
    ) -> Comparison:
        """Read the tensors once and answer.

        Args:
            threads: How many.
            memory: Bytes of scratch memory to stay within.
            advanced: Called with the number of bytes read after each block, from any thread.
            mapped: Whether to gather where they differ.
            pictured: Whether to gather how they look there, too.
        """
        # Where the one has the other's axes in another order, that says which they are.
        layout = self.layout or (self._match.layouts[0] if self._match and self._match.layouts else None)
        shape, order = self._sources[0].info.shape, self._common.order
        plane = plane_of(shape, layout or layouts.guess(shape))
        where = partial(ErrorMap, plane, order, pictured=pictured) if mapped else None
        tallies = self._scan(where, advanced).run(threads, memory) if self._compared else {}
        pairs = tuple(self._judge(ends, tallies.get(ends)) for ends in self._tolerances)
        return Comparison(self._names, tuple(self.sides), pairs, self.layout)

    def _judge(self, ends: Ends, tally: Tally | None) -> Pair:
        (allowed, engine), (a, b) = self._tolerances[ends], (self.sides[end] for end in ends)
        found, where = (tally.result(), tally.where) if tally else (None, None)
        return judge(a, b, allowed, found, self._context, where=where)._replace(engine=engine)

    def _scan(self, where: Callable[[], ErrorMap] | None, advanced: Callable[[int], None]) -> Scan:
        def maker(ends: Ends) -> Callable[[], Tally]:
            dtype = common_dtype(*(self.sides[end].dtype for end in ends))
            return lambda: Tally(self._tolerances[ends][0], dtype, self._common, where() if where else None)

        used = {end for ends in self._compared for end in ends}
        return Scan(
            self._sources[: len(self._common.places)],
            self._common,
            {index: how for index, how in self._made.items() if index in used},
            {ends: maker(ends) for ends in self._compared},
            advanced,
        )

    @property
    def _context(self) -> Context:
        info = self._sources[0].info
        lengths = dict(zip(self.layout, info.normalised_shape, strict=True)) if self.layout else {}
        told = (*self._told, f"b: {self._grid.told}") if self._grid and self._grid.told else self._told
        return Context(self._names, lengths, self._match, self._question.any_dtype, self.layout, info.shape, told)
