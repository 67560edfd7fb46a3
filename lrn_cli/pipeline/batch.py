"""The inputs of one run, be it one or many: each is planned and done by itself, a bad one costs the others nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import compress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

from lrn_cli.errors import LrnError, explain_error
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Input, Report, Request, is_template
from lrn_cli.tensors.output import file_named
from lrn_cli.tensors.replace import remove_unfinished
from lrn_cli.tensors.selection import STREAM, split
from lrn_cli.work.isolation import crashed_error, isolate
from lrn_cli.work.threads import usable_cores

if TYPE_CHECKING:
    from lrn_cli.pipeline.outputs import Naming
    from lrn_cli.work.processes import Crashed


class Progress(Protocol):
    """What is told how far a run has come.

    Attributes:
        wanted: Whether it listens.
    """

    wanted: bool

    def advance(self, size: int, what: str | None = None) -> None:
        """Count `size` bytes as done; from any thread."""


Watch = Callable[[Callable[[], int], str], AbstractContextManager[Progress]]
"""Called when a run begins, with what tells its bytes and with what it works on: follows it through a `with` block."""


class _Unwatched:
    wanted = False

    def advance(self, size: int, what: str | None = None) -> None:
        """Nobody listens."""


def _watch_nothing(_total: Callable[[], int], _what: str) -> AbstractContextManager[Progress]:
    return nullcontext(_Unwatched())


class Outcome(NamedTuple):
    """How one input ended.

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
    """Inputs and where their results go.

    Args:
        inputs: The tensors.
        request: What to do with each; its source and output are filled in.
        alone: It is one input, whose output may be a file or a stream; several are given a folder or a template.
        skip_existing: Leave inputs alone whose output is there.
        dry_run: Plan each input, and write nothing.
        here: Do all in this process, where what goes wrong can be seen.
        stdin, stdout: What `-` stands for.

    Raises:
        LrnError: No output follows from what was asked for, or two inputs would write one.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        request: Request,
        *,
        alone: bool = False,
        skip_existing: bool = False,
        dry_run: bool = False,
        here: bool = False,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
    ) -> None:
        self.alone = alone
        self._dry_run, self._here = dry_run, here
        self._stdin, self._stdout = stdin, stdout
        self._request = request
        self._naming = _naming(inputs, request, alone=alone)
        if self._naming is not None:
            self._request = request._replace(root=self._naming.root)
        self.skipped: list[Outcome] = []
        self._inputs = inputs
        if skip_existing or not alone:
            self._settle_files(skip_existing=skip_existing)

    def _settle_files(self, *, skip_existing: bool) -> None:
        """See that each input has a file of its own, and leave out those whose file is there."""
        inputs = self._inputs
        files = [self._file(item) for item in inputs]
        if not self.alone:
            from lrn_cli.pipeline.outputs import check_distinct

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

    def run(self, watch: Watch = _watch_nothing) -> Iterator[Outcome]:
        """Do all of it, and tell how each input ended, in their order.

        Args:
            watch: Follows the run: of one input by the bytes that are read, of several by their files.
        """
        if self.alone:
            yield from self.skipped
            yield from (self._isolate(item, watch) for item in self._inputs)
            return
        with watch(lambda: self.nbytes, "") as progress:
            yield from self.skipped
            for outcome in map(self._attempt, self._inputs) if self._here else self._by_processes():
                if progress.wanted and not self._dry_run:
                    progress.advance(self.size(outcome.input), outcome.input)
                yield outcome

    def _isolate(self, item: Input, watch: Watch) -> Outcome:
        """One input by itself: in this process, unless it may crash the library that reads it."""
        output, work = self._output(item), partial(self._attempt, item, watch)
        try:
            return isolate(work, [item.word], here=self._here, output=output, output_format=self._request.output_format)
        except LrnError as error:
            return Outcome(item.word, output or "", error=error)

    def _by_processes(self) -> Iterator[Outcome]:
        from lrn_cli.work.processes import Workers

        jobs = self._request.threads or usable_cores()
        processes = max(1, min(jobs, len(self._inputs)))
        self._request = self._request._replace(threads=max(1, jobs // processes))
        workers: Workers[Input, Outcome] = Workers(self._work, processes)
        finished: dict[int, Outcome] = {}
        shown = 0
        try:
            for index, result in workers.run(self._inputs):
                finished[index] = self._receive(self._inputs[index], result)
                while shown in finished:
                    yield finished.pop(shown)
                    shown += 1
        finally:
            workers.stop()
            if shown < len(self._inputs):  # cut short: a process that had to be killed could not clean up
                self._clean(workers.numbers)

    def _clean(self, processes: Sequence[int]) -> None:
        """Remove what processes that are gone have left unfinished."""
        for folder in {Path(self._file(item)).parent for item in self._inputs}:
            for process in processes:
                remove_unfinished(folder / "any", process)

    def _work(self, item: Input) -> Outcome:
        """One input, in a process of its own; the convention need not be sent back with each report."""
        outcome = self._attempt(item)
        if outcome.report is None:
            return outcome
        return outcome._replace(report=outcome.report._replace(bound=None))  # type: ignore[arg-type] # until received

    def _receive(self, item: Input, result: Outcome | Crashed) -> Outcome:
        if not isinstance(result, Outcome):
            output = self._output(item)
            return Outcome(
                item.word, output or "", error=crashed_error(item.word, output, self._request.output_format, result)
            )
        if result.report is None:
            return result
        return result._replace(report=result.report._replace(bound=self._request.bound))

    def _attempt(self, item: Input, watch: Watch = _watch_nothing) -> Outcome:
        """Plan one input and do it, unless it is only planned; whatever goes wrong is the outcome."""
        request = self._request._replace(source=item.word, output=self._output(item))
        try:
            with (
                Plan(request, stdin=self._stdin, stdout=self._stdout) as plan,
                watch(lambda: plan.nbytes, request.source) as progress,
            ):
                report = plan.report() if self._dry_run else plan.run(progress.advance)
        except Exception as error:  # neither a disk nor a defect of ours must cost the other inputs
            if self.alone and isinstance(error, BrokenPipeError):
                raise  # whoever reads the result has had enough
            return Outcome(request.source, request.output or "", error=explain_error(error, request.source))
        return Outcome(request.source, report.output, report=report)

    def _output(self, item: Input) -> str | None:
        """The output of an input, as a user would type it behind `-o`."""
        return self._request.output if self._naming is None else self._naming.name(item)

    def _file(self, item: Input) -> str:
        """The file that an input's output is, or is in; empty for a stream."""
        output = self._output(item)
        return "" if output in (None, STREAM) else file_named(item.word, output, self._request.output_format)


def _naming(inputs: Sequence[Input], request: Request, *, alone: bool) -> Naming | None:
    """How outputs are called; None where one input's is called as was typed."""
    output = request.output
    if alone and not (output and is_template(output)):
        return None
    from lrn_cli.pipeline.outputs import Naming, output_for_many

    if output is None or not alone:
        output = output_for_many([item.word for item in inputs], output)
    return Naming(output, request.bound.convention.name)
