"""One tensor in slabs: planned and begun here, done by the workers, and given its name here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lrn_cli.cluster.dispatch import Gone
from lrn_cli.cluster.remote import Result
from lrn_cli.cluster.slabs import Slab, Written, bytes_of_slab
from lrn_cli.errors import LrnError, explain_error
from lrn_cli.pipeline.joint import Task
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Outcome
from lrn_cli.tensors.selection import STREAM
from lrn_cli.tensors.shared import Shareable, Shared
from lrn_cli.work.isolation import may_crash

Work = Callable[[Sequence[Slab]], Iterator[tuple[int, Result]]]
"""Has workers do slabs, and gives each result with its index."""


def assemble(task: Task, threads: int, work: Work, advanced: Callable[[int], None]) -> list[Outcome] | None:
    """Do one input in slabs; None where its output cannot be written so, or its input not be read by this process.

    Args:
        task: The input.
        threads: How many the workers have.
        work: Has them do slabs.
        advanced: Called with the number of bytes read after each slab.

    Raises:
        Gone: Nobody is there any more who could do the rest.
    """
    if len(task.requests) > 1 or task.dry_run or may_crash(task.word):
        return None
    try:
        with Plan(task.requests[0]) as plan:
            form = plan.destination.format
            if not isinstance(form, Shareable) or plan.source.sequential or plan.destination.path is None:
                return None
            with plan.folder():
                shared = form.share(plan.writing)
                if shared is None:
                    return None
                with shared:
                    report = plan.report(_fill(plan, shared, threads, work, advanced))
    except Gone:
        raise
    except Exception as error:
        return task.failed(explain_error(error, task.word))
    return [Outcome(report.input, report.output, report)]


def _fill(plan: Plan, shared: Shared, threads: int, work: Work, advanced: Callable[[int], None]) -> int:
    """Have all slabs written; return how many results are NaN or infinite for finite input."""
    info, window = plan.source.info, plan.window
    order = tuple(range(len(info.shape)))[:: -1 if info.fortran_order else 1]
    elements = bytes_of_slab(info.nbytes, threads) // info.dtype.itemsize
    chunks = info.chunks and [info.chunks[axis] for axis in order]
    boxes = shared.cut(window.reorder(order).spans, elements, chunks)
    # A worker plans it again, and would refuse an output that is there, or a disk on which the room is taken.
    request = plan.request._replace(output=STREAM, output_format=None, threads=plan.request.threads or 1)
    broken = 0
    for _, result in work([Slab(request.source, request, box, shared.place) for box in boxes]):
        if isinstance(result, LrnError):
            raise result
        assert isinstance(result, Written)  # noqa: S101 - it was a slab
        shared.take([result.left])
        broken += result.broken
        advanced(info.nbytes // len(boxes))
    plan.source.finish()
    return broken
