"""One tensor in slabs: a worker has begun the output, workers write it, and it is given its name here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lrn_cli.cluster.dispatch import Gone
from lrn_cli.cluster.remote import Result
from lrn_cli.cluster.slabs import Begun, Slab, Written, slabs_of
from lrn_cli.errors import LrnError, explain_error
from lrn_cli.pipeline.joint import Task
from lrn_cli.pipeline.request import Outcome
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.selection import split

Work = Callable[[Sequence[Slab]], Iterator[tuple[int, Result]]]
"""Has workers do slabs, and gives each result with its index."""


def unchanged(word: str) -> Callable[[], None]:
    """What raises where an input's file is another than now."""
    path = Path(split(word)[0])
    return Unchanged(path).check if path.is_file() else lambda: None


def assemble(
    task: Task, begun: Begun, check: Callable[[], None], work: Work, advanced: Callable[[int], None]
) -> list[Outcome]:
    """Have all slabs of an input written, and name the output.

    Args:
        task: The input.
        begun: The output.
        check: Raises where the input is another now.
        work: Has workers do slabs.
        advanced: Called with the number of bytes read after each slab.

    Raises:
        Gone: Nobody is there any more who could do the rest.
    """
    slabs, report, broken = slabs_of(task.requests[0], begun), begun.outcome.report, 0
    try:
        with begun.shared as shared:
            for _, result in work(slabs):
                if isinstance(result, LrnError):
                    raise result
                assert isinstance(result, Written)  # noqa: S101 - it was a slab
                shared.take([result.left])
                broken += result.broken
                advanced(begun.nbytes // len(slabs))
            if not begun.growing:
                check()
    except Gone:
        raise
    except Exception as error:
        return task.failed(explain_error(error, task.word))
    assert report is not None  # noqa: S101 - it was planned
    return [begun.outcome._replace(report=report._replace(not_finite=broken))]
