"""Tensors that go to one output together, mostly one: what is to be done with them, and their plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, NamedTuple, TypeVar

from lrn_cli.errors import LrnError, explain_error
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Outcome, Report, Request, Watch, unwatched
from lrn_cli.tensors.selection import open_several
from lrn_cli.tensors.targets import check_room

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def make_plan(request: Request, **given: Any) -> Plan:
    """The plan for one request; arguments and errors as of `Plan`."""
    if request.dy is None:
        return Plan(request, **given)
    from lrn_cli.pipeline.gradient import GradientPlan

    return GradientPlan(request, **given)


class Task(NamedTuple):
    """One input, and what is asked for of each of its tensors, which go to one output.

    Attributes:
        word: The input as typed.
        requests: One for each tensor.
        dry_run: Whether it is only planned.
    """

    word: str
    requests: Sequence[Request]
    dry_run: bool = False

    def attempt(
        self,
        watch: Watch = unwatched,
        *,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        heard: bool = False,
    ) -> list[Outcome]:
        """Plan it and do it, unless it is only planned; whatever goes wrong is the outcome.

        Args:
            watch: Follows it by the bytes that are read.
            stdin, stdout: What `-` stands for.
            heard: Whether somebody reads the result meanwhile, who may have had enough: then `BrokenPipeError` says so.
        """
        try:
            with (
                Joint(self.requests, stdin=stdin, stdout=stdout) as plan,
                watch(lambda: plan.nbytes, self.word) as progress,
            ):
                reports = plan.report() if self.dry_run else plan.run(progress.advance)
        except Exception as error:  # neither a disk nor a defect of ours must cost the other inputs
            if heard and isinstance(error, BrokenPipeError):
                raise
            return self.failed(explain_error(error, self.word))
        return [Outcome(report.input, report.output, report=report) for report in reports]

    def failed(self, error: LrnError) -> list[Outcome]:
        """The outcome of each tensor where one was refused: they have their output together, or none."""
        return [Outcome(request.source, request.shown_output, error=error) for request in self.requests]


class Lazily(Sequence[Result]):
    """What is made of each of some things, when it is asked for: there may be a million, in several processes.

    >>> list(Lazily(abs, [-1, 2]))
    [1, 2]
    """

    def __init__(self, make: Callable[[Thing], Result], things: Sequence[Thing]) -> None:
        self._make, self._things = make, things

    def __len__(self) -> int:
        return len(self._things)

    def __getitem__(self, index: Any) -> Any:
        return self._make(self._things[index])


def attempt(task: Task) -> list[Outcome]:
    """How one input ends, in a process of its own; the convention need not be sent back with each report."""
    return [outcome.under(None) for outcome in task.attempt()]


class Joint:
    """A plan for each of some tensors of one file, and for the one output that has all of them.

    Args:
        requests: What was asked for of each.
        stdin, stdout: What `-` stands for.

    Raises:
        LrnError: Whatever can be refused of one or of all together, before a byte is written.
    """

    def __init__(
        self, requests: Sequence[Request], *, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None
    ) -> None:
        with ExitStack() as opened:
            if len(requests) == 1:
                self._plans = [opened.enter_context(make_plan(requests[0], stdin=stdin, stdout=stdout))]
            else:
                sources = open_several([request.source for request in requests], requests[0].reading)
                for source in sources:
                    opened.callback(source.close)
                self._plans = [
                    opened.enter_context(make_plan(request, source=source))
                    for request, source in zip(requests, sources, strict=True)
                ]
                self._check_together()
            self._opened = opened.pop_all()

    def _check_together(self) -> None:
        """Refuse several tensors where one alone could go."""
        destination, count = self._plans[0].destination, len(self._plans)
        if not destination.format.holds_several:
            raise destination.format.holds_one(self._plans[0].writing.path, count)
        places = [self._place(plan) for plan in self._plans]
        taken = next((place for place, times in Counter(places).items() if times > 1), None)
        if taken is not None:
            raise LrnError(f"{count} tensors would write {taken}", f"-o '{destination.path}::/{{member}}'")
        check_room(destination.path, sum(plan.needed for plan in self._plans))

    @property
    def nbytes(self) -> int:
        """How many bytes will be read."""
        return sum(plan.nbytes for plan in self._plans)

    def run(self, advanced: Callable[[int], None] = lambda _: None) -> list[Report]:
        """Do it: the output appears with all tensors, or not at all."""
        if len(self._plans) == 1:
            return [self._plans[0].run(advanced)]
        first = self._plans[0]
        with first.folder(), first.destination.format.create_several([plan.writing for plan in self._plans]) as sinks:
            broken = []
            for plan, sink in zip(self._plans, sinks, strict=True):
                try:
                    broken.append(plan.fill(sink, advanced))
                except Exception as error:
                    raise explain_error(error, plan.request.source) from error
        return self._reports(broken)

    def report(self) -> list[Report]:
        """What would be done."""
        return self._reports([None] * len(self._plans))

    def _reports(self, broken: Sequence[int | None]) -> list[Report]:
        reports = [plan.report(count) for plan, count in zip(self._plans, broken, strict=True)]
        if len(reports) == 1:
            return reports
        return [report._replace(output=self._place(plan)) for report, plan in zip(reports, self._plans, strict=True)]

    def _place(self, plan: Plan) -> str:
        """Where in the output a tensor stands: under its own name where no other was typed."""
        where = plan.destination
        return str(where) if where.member or where.path is None else plan.source.info.word(where.path)

    def __enter__(self) -> Joint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._opened.close()
