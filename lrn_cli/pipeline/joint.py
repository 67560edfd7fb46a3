"""Plans for tensors that go to one output together; mostly that is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any

from lrn_cli.errors import LrnError, explain_error
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Report, Request
from lrn_cli.tensors.selection import open_several
from lrn_cli.tensors.targets import check_room


def make_plan(request: Request, **given: Any) -> Plan:
    """The plan for one request; arguments and errors as of `Plan`."""
    if request.dy is None:
        return Plan(request, **given)
    from lrn_cli.pipeline.gradient import GradientPlan

    return GradientPlan(request, **given)


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
