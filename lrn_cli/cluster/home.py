"""Names that hold on every machine, and that are shown as they were typed."""

from __future__ import annotations

import os
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.pipeline.joint import Task
from lrn_cli.pipeline.request import Outcome, Request
from lrn_cli.tensors.selection import STREAM
from lrn_cli.tensors.targets import is_url, place


class Home(NamedTuple):
    """The folder in which names were typed: a worker's own is another.

    Attributes:
        prefix: The folder with two slashes in front, which lead where one does (POSIX leaves it to systems, and those
            that Dask's workers run on do so), and one behind. Nobody types two: what begins so was made by us.

    >>> home = Home("//data/")
    >>> home.away("x.h5::/conv1"), home.away("/x.npy"), home.typed("//data/x.npy: no such file; ls //data")
    ('//data/x.h5::/conv1', '/x.npy', 'x.npy: no such file; ls .')
    """

    prefix: str

    @classmethod
    def here(cls) -> Home:
        """This process's."""
        return cls("/" + os.path.join(os.getcwd(), ""))

    def away(self, word: str) -> str:
        """A name as it holds elsewhere; what stands behind `::` comes along."""
        return word if word in {"", STREAM} or os.path.isabs(word) or is_url(word) else self.prefix + word

    def typed(self, text: str) -> str:
        """A text with names as they were typed."""
        return text.replace(self.prefix, "").replace(self.prefix[:-1], ".") if self.prefix[:-1] in text else text

    def task(self, task: Task) -> Task:
        """A task as it is elsewhere."""
        return task._replace(word=self.away(task.word), requests=[self.request(request) for request in task.requests])

    def request(self, request: Request) -> Request:
        """A request as it is elsewhere."""
        return request._replace(
            source=self.away(request.source),
            output=request.output and self.away(request.output),
            root=request.root and place(self.away(str(request.root))),
        )

    def error(self, error: LrnError) -> LrnError:
        """An error in the names as they were typed."""
        return LrnError(self.typed(error.message), self.typed(error.hint))

    def outcome(self, outcome: Outcome) -> Outcome:
        """What came of it, in the names as they were typed."""
        report = outcome.report
        return Outcome(
            self.typed(outcome.input),
            self.typed(outcome.output),
            report
            and report._replace(
                input=self.typed(report.input),
                output=self.typed(report.output),
                notices=tuple(map(self.typed, report.notices)),
            ),
            outcome.error and self.error(outcome.error),
        )
