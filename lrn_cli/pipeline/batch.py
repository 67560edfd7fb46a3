"""The inputs of one run, be it one or many: each is planned and done by itself, a bad one costs the others nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import compress, product
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from lrn_cli.errors import LrnError
from lrn_cli.pipeline.joint import Lazily, Task, attempt
from lrn_cli.pipeline.request import Input, Outcome, Request, Watch, is_template, unwatched
from lrn_cli.tensors.output import file_named
from lrn_cli.tensors.replace import remove_unfinished
from lrn_cli.tensors.selection import STREAM, split
from lrn_cli.tensors.targets import place
from lrn_cli.work.isolation import crashed_error, isolate
from lrn_cli.work.threads import usable_cores

if TYPE_CHECKING:
    from lrn_cli.pipeline.outputs import Naming
    from lrn_cli.work.processes import Crashed


class Engine(Protocol):
    """Works on inputs side by side; `Workers` are one.

    Attributes:
        numbers: The system's numbers of all processes of this machine that may have been killed.
    """

    numbers: list[int]

    def run(self, jobs: Sequence[Task]) -> Iterator[tuple[int, list[Outcome] | LrnError | Crashed]]:
        """Do all and give each result with the index of its job, in the order in which they are done."""

    def stop(self) -> None:
        """End it, also in the middle."""


class Elsewhere(Engine, Protocol):
    """An engine of other machines, which do one input together, too.

    Attributes:
        advanced: Called with the number of bytes read of it.
    """

    advanced: Callable[[int], None]


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
        engine: Does the inputs, also one alone; where none is given, processes of this machine do several.
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
        engine: Elsewhere | None = None,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
    ) -> None:
        self._dry_run, self._here, self._engine = dry_run, here, engine
        self._request, self._stdin, self._stdout = request, stdin, stdout
        self._naming = _naming(inputs, request, alone=alone)
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
            self.skipped += [Outcome(tensor.word, str(place(file))) for tensor in compress(item.tensors, there)]
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
        if self.alone and self._engine is None:
            yield from self.skipped
            for item in self._inputs:
                yield from self._isolate(item, watch)
            return
        with watch(lambda: self.nbytes, "") as progress:
            yield from self.skipped
            if self._engine and self.alone:
                self._engine.advanced = progress.advance
            ended = map(self._attempt, self._inputs) if self._here and not self._engine else self._side_by_side()
            for item, outcomes in zip(self._inputs, ended, strict=True):
                if progress.wanted and not (self._dry_run or self.alone):
                    progress.advance(self.size(item.word), item.word)
                yield from outcomes

    def _isolate(self, item: Input, watch: Watch) -> list[Outcome]:
        """One input by itself: in this process, unless it may crash the library that reads it."""
        output, work = self._output(item.tensors[0]), partial(self._attempt, item, watch)
        words = [item.word, self._request.dy or item.word]
        try:
            return isolate(work, words, here=self._here, output=output, output_format=self._request.output_format)
        except LrnError as error:
            return self._task(item).failed(error)

    def _attempt(self, item: Input, watch: Watch = unwatched) -> list[Outcome]:
        return self._task(item).attempt(watch, stdin=self._stdin, stdout=self._stdout, heard=self.alone)

    def _task(self, item: Input) -> Task:
        """One input with what is asked for of its tensors."""
        requests = [self._request.about(tensor, self._output(tensor)) for tensor in item.tensors]
        return Task(item.word, requests, self._dry_run)

    def _side_by_side(self) -> Iterator[list[Outcome]]:
        """How inputs end, in their order, that an engine works on in one of its own."""
        engine = self._engine or self._processes()
        finished: dict[int, list[Outcome]] = {}
        shown = 0
        try:
            for index, result in engine.run(Lazily(self._task, self._inputs)):
                finished[index] = self._receive(self._inputs[index], result)
                while shown in finished:
                    yield finished.pop(shown)
                    shown += 1
        finally:
            engine.stop()
            if shown < len(self._inputs):  # cut short: a process that had to be killed could not clean up
                self._clean(engine.numbers)

    def _processes(self) -> Engine:
        from lrn_cli.work.processes import Workers

        jobs = self._request.threads or usable_cores()
        processes = max(1, min(jobs, len(self._inputs)))
        self._request = self._request._replace(threads=max(1, jobs // processes))
        return Workers(attempt, processes)

    def _clean(self, processes: Sequence[int]) -> None:
        """Remove what processes that are gone have left unfinished."""
        folders = {Path(self._file(item.tensors[0])).parent for item in self._inputs}
        for folder, process in product(folders, processes):
            remove_unfinished(folder / "any", process)

    def _receive(self, item: Input, result: list[Outcome] | LrnError | Crashed) -> list[Outcome]:
        if isinstance(result, list):
            return [outcome.under(self._request.bound) for outcome in result]
        if not isinstance(result, LrnError):
            output = self._output(item.tensors[0])
            result = crashed_error(item.word, output, self._request.output_format, result)
        return self._task(item).failed(result)

    def _output(self, item: Input) -> str | None:
        """The output of an input, as a user would type it behind `-o`."""
        return self._request.output if self._naming is None else self._naming.name(item)

    def _file(self, item: Input) -> str:
        """The file that an input's output is, or is in; empty for a stream."""
        output = self._output(item)
        return "" if output in (None, STREAM) else file_named(item.word, output, self._request.output_format)


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
