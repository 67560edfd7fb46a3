"""Many inputs in one run: each is planned and done by itself, a bad one is reported and the others go on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import compress
from pathlib import Path
from typing import Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.pipeline.outputs import Input, Naming, check_distinct, is_template
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Report, Request
from lrn_cli.tensors.output import file_named
from lrn_cli.tensors.replace import remove_unfinished
from lrn_cli.tensors.selection import STREAM, split
from lrn_cli.work.isolation import crash
from lrn_cli.work.processes import Crashed, Workers
from lrn_cli.work.threads import usable_cores


class Outcome(NamedTuple):
    """How one input of many ended.

    Attributes:
        input: As typed.
        output: Where its result is, or would be.
        report: What was done; None where nothing was.
        error: Why not; None where it was skipped because its output is there.
    """

    input: str
    output: str
    report: Report | None = None
    error: LrnError | None = None

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        if self.report is not None:
            return self.report.as_data()
        if self.error is not None:
            return {"input": self.input, "error": self.error.message, "hint": self.error.hint}
        return {"input": self.input, "output": self.output, "skipped": True}


class Batch:
    """Many inputs and where their results go.

    Args:
        inputs: The tensors.
        request: What to do with each; its source and output are filled in.
        skip_existing: Leave inputs alone whose output is there.
        dry_run: Plan each input, and write nothing.

    Raises:
        LrnError: No output follows from what was asked for, or two inputs would write one.
    """

    def __init__(
        self, inputs: Sequence[Input], request: Request, *, skip_existing: bool = False, dry_run: bool = False
    ) -> None:
        self._dry_run = dry_run
        output = _output_for_many(inputs, request)
        self._naming = Naming(output, request.bound.convention.name)
        self._request = request._replace(root=self._naming.root)
        files = [file_named(item.word, self._naming.name(item), request.output_format) for item in inputs]
        check_distinct([item.word for item in inputs], files)
        there = [skip_existing and os.path.exists(file) for file in files]
        done = compress(zip(inputs, files, strict=True), there)
        self.skipped = [Outcome(item.word, str(Path(file))) for item, file in done]
        self._inputs = [item for item, skipped in zip(inputs, there, strict=True) if not skipped]

    @property
    def nbytes(self) -> int:
        """Size of all input files."""
        return sum(self.size(item.word) for item in self._inputs)

    def size(self, word: str) -> int:
        """Size of one input's file in bytes; 0 where it cannot be told."""
        try:
            return os.stat(split(word)[0]).st_size
        except OSError:
            return 0

    def run(self) -> Iterator[Outcome]:
        """Do all of it, and tell how each input ended, in their order."""
        yield from self.skipped
        jobs = self._request.threads or usable_cores()
        processes = max(1, min(jobs, len(self._inputs)))
        self._request = self._request._replace(threads=max(1, jobs // processes))
        workers: Workers[Input, Outcome] = Workers(self._work, processes)
        finished: dict[int, Outcome] = {}
        shown = 0
        try:
            for index, result in workers.run(self._inputs):
                finished[index] = self._received(self._inputs[index], result)
                while shown in finished:
                    yield finished.pop(shown)
                    shown += 1
        finally:
            workers.stop()
            if shown < len(self._inputs):  # cut short: a process that had to be killed could not clean up
                self._clean(workers.numbers)

    def _clean(self, processes: Sequence[int]) -> None:
        """Remove what processes that are gone have left unfinished."""
        files = (file_named(item.word, self._naming.name(item), self._request.output_format) for item in self._inputs)
        for folder in {Path(file).parent for file in files}:
            for process in processes:
                remove_unfinished(folder / "any", process)

    def _work(self, item: Input) -> Outcome:
        """One input, in a process of its own; the convention need not be sent back with each report."""
        outcome = attempt(self._requested(item), dry_run=self._dry_run)
        if outcome.report is None:
            return outcome
        return outcome._replace(report=outcome.report._replace(bound=None))  # type: ignore[arg-type] # until received

    def _received(self, item: Input, result: Outcome | Crashed) -> Outcome:
        if isinstance(result, Crashed):
            output = self._naming.name(item)
            return Outcome(item.word, output, error=crash(item.word, output, self._request.output_format, result))
        if result.report is None:
            return result
        return result._replace(report=result.report._replace(bound=self._request.bound))

    def _requested(self, item: Input) -> Request:
        return self._request._replace(source=item.word, output=self._naming.name(item))


def attempt(request: Request, *, dry_run: bool) -> Outcome:
    """Plan one input and do it, unless it is only planned; whatever goes wrong is the outcome."""
    try:
        with Plan(request) as plan:
            report = plan.expected() if dry_run else plan.run()
    except LrnError as error:
        return Outcome(request.source, request.output or "", error=error)
    except Exception as error:  # neither a disk nor a defect of ours must cost the other inputs
        reason = (error.strerror if isinstance(error, OSError) else None) or f"{type(error).__name__}: {error}"
        refusal = LrnError(f"{request.source}: {reason}", f"lrn apply {request.source} --debug shows where")
        return Outcome(request.source, request.output or "", error=refusal)
    return Outcome(request.source, report.output, report=report)


def _output_for_many(inputs: Sequence[Input], request: Request) -> str:
    if any(item.word == STREAM for item in inputs):
        raise LrnError("- is one stream and cannot be one of many inputs", "lrn apply - -o out.npy")
    output = request.output
    if output is None:
        raise LrnError(f"{len(inputs)} inputs and nothing says where their results go", "-o out/")
    if is_template(output) or output.endswith("/") or Path(output).is_dir():
        return output
    if output == STREAM:
        raise LrnError(f"{len(inputs)} inputs cannot be written to standard output, which carries one", "-o out/")
    raise LrnError(
        f"{output}: {len(inputs)} inputs cannot be written to one output", f"-o {os.path.splitext(output)[0]}/"
    )
