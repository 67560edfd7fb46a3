"""One tensor in slabs, each normalised by itself: what one reads beyond itself is read once more."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from lrn_cli.boxes import Box
from lrn_cli.cluster.home import Home
from lrn_cli.errors import LrnError, explain_error
from lrn_cli.pipeline.joint import Task, attempt
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Outcome, Request
from lrn_cli.tensors.registry import for_output
from lrn_cli.tensors.replace import end_unfinished
from lrn_cli.tensors.selection import STREAM
from lrn_cli.tensors.shared import Left, Place, Shareable, Shared

_LARGEST, _LEAST = 256 << 20, 1 << 20
"""Bytes of a slab at most, which takes a second or so, and at least."""
_EACH = 8
"""Slabs for each thread that works, so that none waits long for the last one."""


class Begun(NamedTuple):
    """An output that is begun.

    Attributes:
        shared: The output.
        boxes: Its slabs, in storage order.
        nbytes: Of the input.
        outcome: What will have come of it.
        growing: Whether another program may be adding to the input.
    """

    shared: Shared
    boxes: Sequence[Box]
    nbytes: int
    outcome: Outcome
    growing: bool


class Beginning(NamedTuple):
    """A tensor that is planned, and its output begun, by a worker: it may crash the library that reads it.

    Attributes:
        task: The input, whose output is replaced if it comes to be there.
        force: Whether that was asked for.
        threads: How many will work on it.
    """

    task: Task
    force: bool
    threads: int

    @property
    def word(self) -> str:
        """The input as typed."""
        return self.task.word

    @property
    def requests(self) -> Sequence[Request]:
        """Those of the task."""
        return self.task.requests

    def elsewhere(self, home: Home) -> Beginning:
        """The same for another machine."""
        return self._replace(task=home.task(self.task))

    def failed(self, error: LrnError) -> list[Outcome]:
        """What came of it."""
        return self.task.failed(error)

    def do(self) -> Begun | list[Outcome]:
        """Begin it, or do all of it where it cannot be done in slabs."""
        begun = None
        try:
            if len(self.requests) == 1 and not self.task.dry_run and _is_shareable(self.requests[0]):
                begun = self._begin()
        except Exception as error:
            return self.failed(explain_error(error, self.word))
        return begun or attempt(self.task)

    def _begin(self) -> Begun | None:
        with Plan(self.requests[0]._replace(force=self.force)) as plan:
            form = plan.destination.format
            if not isinstance(form, Shareable) or plan.source.sequential:
                return None
            with plan.folder():
                shared = form.share(plan.writing)
            if shared is None:
                return None
            end_unfinished(shared.unfinished)
            outcome = Outcome(self.word, str(plan.destination), plan.report()).under(None)
            boxes, source = _cut(plan, shared, self.threads), plan.source
            return Begun(shared, boxes, source.info.nbytes, outcome, source.growing)


def _is_shareable(request: Request) -> bool:
    """Whether the output's format is; so that nothing is planned twice, which may take to read all of it."""
    file = request.output_file
    with suppress(LrnError):  # whoever plans it says so, unless there is worse
        return bool(file) and isinstance(for_output(Path(file), request.output_format), Shareable)
    return True


def _cut(plan: Plan, shared: Shared, threads: int) -> list[Box]:
    info = plan.source.info
    order = tuple(range(len(info.shape)))[:: -1 if info.fortran_order else 1]
    chunks = info.chunks and [info.chunks[axis] for axis in order]
    elements = bytes_of_slab(info.nbytes, threads) // info.dtype.itemsize
    return shared.cut(plan.window.reorder(order).spans, elements, chunks)


def bytes_of_slab(nbytes: int, threads: int) -> int:
    """How large the slabs of a tensor are.

    >>> bytes_of_slab(500 << 30, 100) >> 20, bytes_of_slab(1 << 30, 2) >> 20, bytes_of_slab(1 << 10, 2) >> 20
    (256, 64, 1)
    """
    return max(_LEAST, min(_LARGEST, nbytes // (_EACH * max(threads, 1))))


class Written(NamedTuple):
    """What came of a slab.

    Attributes:
        left: What is left to whoever names the output.
        broken: How many results are NaN or infinite for finite input.
    """

    left: Left
    broken: int


class Slab(NamedTuple):
    """One part of a tensor.

    Attributes:
        word: The input as typed.
        request: What is asked for; its output is not looked at.
        box: Which part, in storage order.
        place: Where it goes.
    """

    word: str
    request: Request
    box: Box
    place: Place

    def elsewhere(self, home: Home) -> Slab:
        """The same for another machine."""
        request = home.request(self.request)
        return self._replace(word=request.source, request=request, place=self.place.elsewhere(home.away))

    def failed(self, error: LrnError) -> LrnError:
        """What came of it."""
        return error

    def do(self) -> Written | LrnError:
        """Write it, or say why not."""
        try:
            with Plan(self.request) as plan, self.place.open(self.box) as sink:
                broken = plan.fill(sink, within=self.box)
        except Exception as error:
            return explain_error(error, self.word)
        return Written(sink.left, broken)


def slabs_of(request: Request, begun: Begun) -> list[Slab]:
    """The slabs of a tensor whose output is begun."""
    # A worker plans each again, and would refuse an output that is there, or a disk on which the room is taken.
    reading = request.reading._replace(part=True)
    part = request._replace(output=STREAM, output_format=None, threads=request.threads or 1, reading=reading)
    return [Slab(part.source, part, box, begun.shared.place) for box in begun.boxes]
