"""The inputs of one run, be it one or many: each is planned and done by itself, a bad one costs the others nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import compress, product
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from lrn_cli.errors import LrnError, explain_error
from lrn_cli.pipeline.joint import Joint
from lrn_cli.pipeline.request import Input, Report, Request, Watch, is_template, unwatched
from lrn_cli.tensors.output import file_named
from lrn_cli.tensors.replace import remove_unfinished
from lrn_cli.tensors.selection import STREAM, split
from lrn_cli.work.isolation import crashed_error, isolate
from lrn_cli.work.threads import usable_cores

if TYPE_CHECKING:
    from lrn_cli.conventions.binding import Bound
    from lrn_cli.pipeline.outputs import Naming
    from lrn_cli.work.processes import Crashed


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

    def repeats(self, before: Outcome) -> bool:
        """Whether it is that of another tensor of the same output, which is missing or there for the same reason."""
        return self.report is None and (self.output, self.error) == (before.output, before.error)


class Batch:
    """Inputs and where their results go.

    Args:
        inputs: The tensors.
        request: What to do with each; its source and output are filled in.
        alone: It is one input, whose output may be a file or a stream; several are given a folder or a template.
            One that stands for several tensors is several inputs unless they go to one file.
        skip_existing: Leave inputs alone whose output is there.
        dry_run: Plan each input, and write nothing.
        here: Do all in this process, where what goes wrong can be seen.
        stdin, stdout: What `-` stands for.

    Attributes:
        count: How many inputs there are.

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
        self._dry_run, self._here, self._stdin, self._stdout = dry_run, here, stdin, stdout
        self._request, self._naming = request, _naming(inputs, request, alone=alone)
        self._inputs = [part for item in inputs for part in self._apart(item)]
        self.count = len(self._inputs)
        self.alone = alone and self.count == 1
        self.single = self.alone and not self._inputs[0].members
        if self.alone and not is_template(request.output or ""):
            self._naming = None
        if self._naming is not None:
            self._naming.check_root()
            self._request = request._replace(root=self._naming.root)
        self.skipped: list[Outcome] = []
        if skip_existing or not self.alone:
            self._settle_files(skip_existing=skip_existing)

    def _apart(self, item: Input) -> list[Input]:
        """An input that stands for several tensors, or each of them where they go to files of their own."""
        together = not item.members or len({self._file(tensor) for tensor in item.tensors}) == 1
        return [item] if together else item.tensors

    def _settle_files(self, *, skip_existing: bool) -> None:
        """See that each input has a file of its own, and leave out those whose file is there."""
        files = [self._file(item.tensors[0]) for item in self._inputs]
        if not self.alone:
            from lrn_cli.pipeline.outputs import check_distinct

            check_distinct([item.word for item in self._inputs], files)
        if not skip_existing:
            return
        from lrn_cli.pipeline.outputs import Present

        present, left = Present(), list[Input]()
        for item, file in zip(self._inputs, files, strict=True):
            there = [present.holds(self._output(tensor), file) for tensor in item.tensors]
            self.skipped += [Outcome(tensor.word, str(Path(file))) for tensor in compress(item.tensors, there)]
            left += item.without(there)
        self._inputs = left

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

    def run(self, watch: Watch = unwatched) -> Iterator[Outcome]:
        """Do all of it, and tell how each input ended, in their order.

        Args:
            watch: Follows the run: of one input by the bytes that are read, of several by their files.
        """
        if self.alone:
            yield from self.skipped
            for item in self._inputs:
                yield from self._isolate(item, watch)
            return
        with watch(lambda: self.nbytes, "") as progress:
            yield from self.skipped
            ended = map(self._attempt, self._inputs) if self._here else self._by_processes()
            for item, outcomes in zip(self._inputs, ended, strict=True):
                if progress.wanted and not self._dry_run:
                    progress.advance(self.size(item.word), item.word)
                yield from outcomes

    def _isolate(self, item: Input, watch: Watch) -> list[Outcome]:
        """One input by itself: in this process, unless it may crash the library that reads it."""
        output, work = self._output(item.tensors[0]), partial(self._attempt, item, watch)
        words = [item.word, self._request.dy or item.word]
        try:
            return isolate(work, words, here=self._here, output=output, output_format=self._request.output_format)
        except LrnError as error:
            return self._failed(item, error)

    def _failed(self, item: Input, error: LrnError) -> list[Outcome]:
        """The outcome of each tensor where one was refused: they have their output together, or none."""
        outputs = [self._output(tensor) or "" for tensor in item.tensors]
        named = [str(Path(self._file(item))) if output.endswith("/") else output for output in outputs]
        return [Outcome(tensor.word, out, error=error) for tensor, out in zip(item.tensors, named, strict=True)]

    def _by_processes(self) -> Iterator[list[Outcome]]:
        from lrn_cli.work.processes import Workers

        jobs = self._request.threads or usable_cores()
        processes = max(1, min(jobs, len(self._inputs)))
        self._request = self._request._replace(threads=max(1, jobs // processes))
        workers: Workers[Input, list[Outcome]] = Workers(self._work, processes)
        finished, shown = dict[int, list[Outcome]](), 0
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
        folders = {Path(self._file(item.tensors[0])).parent for item in self._inputs}
        for folder, process in product(folders, processes):
            remove_unfinished(folder / "any", process)

    def _work(self, item: Input) -> list[Outcome]:
        """One input, in a process of its own; the convention need not be sent back with each report."""
        return [_with_bound(outcome, None) for outcome in self._attempt(item)]

    def _receive(self, item: Input, result: list[Outcome] | Crashed) -> list[Outcome]:
        if isinstance(result, list):
            return [_with_bound(outcome, self._request.bound) for outcome in result]
        output, output_format = self._output(item.tensors[0]), self._request.output_format
        return self._failed(item, crashed_error(item.word, output, output_format, result))

    def _attempt(self, item: Input, watch: Watch = unwatched) -> list[Outcome]:
        """Plan one input and do it, unless it is only planned; whatever goes wrong is the outcome."""
        tensors = item.tensors
        requests = [self._request.about(tensor, self._output(tensor)) for tensor in tensors]
        try:
            with (
                Joint(requests, stdin=self._stdin, stdout=self._stdout) as plan,
                watch(lambda: plan.nbytes, item.word) as progress,
            ):
                reports = plan.report() if self._dry_run else plan.run(progress.advance)
        except Exception as error:  # neither a disk nor a defect of ours must cost the other inputs
            if self.alone and isinstance(error, BrokenPipeError):
                raise  # whoever reads the result has had enough
            return self._failed(item, explain_error(error, item.word))
        return [Outcome(report.input, report.output, report=report) for report in reports]

    def _output(self, item: Input) -> str | None:
        """The output of an input, as a user would type it behind `-o`."""
        return self._request.output if self._naming is None else self._naming.name(item)

    def _file(self, item: Input) -> str:
        """The file that an input's output is, or is in; empty for a stream."""
        output = self._output(item)
        return "" if output in (None, STREAM) else file_named(item.word, output, self._request.output_format)


def _with_bound(outcome: Outcome, bound: Bound | None) -> Outcome:
    """The outcome with another convention in its report; none until it is received."""
    if (report := outcome.report) is None:
        return outcome
    return outcome._replace(report=report._replace(bound=bound and bound.over(report.layout)))  # type: ignore[arg-type]


def _naming(inputs: Sequence[Input], request: Request, *, alone: bool) -> Naming | None:
    """How outputs are called; None where one input's is called as was typed."""
    output, one = request.output, alone and not inputs[0].members
    if one and not is_template(output or ""):
        return None
    from lrn_cli.pipeline.outputs import Naming, is_one_file, output_for_many

    if alone and not one and is_one_file(output):
        return None  # one file for all tensors of another
    if output is None or not one:
        output = output_for_many([tensor.word for item in inputs for tensor in item.tensors], output)
    return Naming(output, request.bound.convention.name)
