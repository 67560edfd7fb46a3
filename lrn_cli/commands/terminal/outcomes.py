"""How the inputs of a run have ended, as lines on the console."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from lrn_cli.commands.terminal.console import TABLES, Console
from lrn_cli.commands.terminal.exits import Exit, Signalled
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.commands.terminal.repeats import Repeats
    from lrn_cli.pipeline.request import Outcome, Report

_COLUMNS = ("input", "output", "layout", "channels", "shape", "dtype", "output dtype")
_MOST_GROUPS = 8
"""What a closing line names; so many layouts are no accident."""


def say_how_it_ended(
    outcomes: Iterable[Outcome], console: Console, *, single: bool, planned: bool, debug: bool
) -> Exit:
    """Tell how each input has ended as soon as it has, and of several how many were done and as what.

    Args:
        outcomes: One for each input.
        console: Where to say it.
        single: It is one tensor, of which more is said.
        planned: Nothing was done.
        debug: Show tracebacks.

    Returns:
        How the command ends.
    """
    if planned:
        outcomes = list(outcomes)
        if not console.as_json:
            console.table(_COLUMNS, [outcome.report.row() for outcome in outcomes if outcome.report])
    ended: list[Outcome] = []
    teller = _Teller(console, everything=single or console.verbose or debug, planned=planned, debug=debug)
    for outcome in outcomes:
        if console.as_json:
            console.answer(outcome.as_data(), to_stderr=outcome.output == "-" and not planned)
        if not (ended and outcome.repeats(ended[-1])):
            teller.tell(outcome, line=not console.as_json and (single or console.verbose))
        ended.append(outcome)
    teller.count()
    if console.answer_format in TABLES and not planned:
        console.table(_COLUMNS, [outcome.report.row() for outcome in ended if outcome.report])
    return Exit.DONE if single else _sum_up(ended, console, planned=planned)


class Count:
    """How many inputs of a run have ended, and how many of them failed; says so where it is interrupted.

    Args:
        total: How many there are; None where it is one by itself.
        console: Where to say it.
    """

    def __init__(self, total: int | None, console: Console) -> None:
        self._total, self._console = total, console
        self._ended = self._failed = 0

    def __str__(self) -> str:
        if self._total is None:
            return ""
        return f"{self._ended}/{self._total} files{f', {self._failed} failed' if self._failed else ''}: "

    def each(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The same outcomes, counted."""
        for outcome in outcomes:
            self._ended += 1
            self._failed += outcome.error is not None
            yield outcome

    def __enter__(self) -> Count:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._total is not None and kind is not None and issubclass(kind, (KeyboardInterrupt, Signalled)):
            done = self._ended - self._failed
            going_on = "the same command with --skip-existing goes on"
            self._console.note(f"lrn: interrupted: {done} of {self._total} inputs done; {going_on}")


class _Teller:
    """Tells how inputs have ended; of those that are done as they should be only where more is wanted.

    Args:
        console: Where to say it.
        everything: Say what many have in common of each of them.
        planned, debug: As in `say_how_it_ended`.
    """

    def __init__(self, console: Console, *, everything: bool, planned: bool, debug: bool) -> None:
        self._console, self._planned, self._debug = console, planned, debug
        self._repeats: Repeats | None = None
        if not everything:
            from lrn_cli.commands.terminal.repeats import Repeats

            self._repeats = Repeats()

    def tell(self, outcome: Outcome, *, line: bool) -> None:
        """Tell how one input has ended, and all that is done of it where a line is wanted."""
        if outcome.error:
            if self._debug:
                from traceback import print_exception

                print_exception(outcome.error, file=self._console.streams.stderr)
            if self._is_new(self._fail, outcome.error.message, outcome):
                self._console.error(outcome.error)
        elif outcome.report is None:
            self._say(self._note, f"{outcome.output} is there already, skipped", outcome)
        else:
            self._tell_report(outcome.report, outcome, line=line and not self._planned)

    def _tell_report(self, report: Report, outcome: Outcome, *, line: bool) -> None:
        if line:
            self._console.note(str(report))
        if self._console.verbose and not self._planned:
            self._console.note(f"lrn: {report.bound.norm}")
        for notice in report.notices:
            self._say(self._console.warn, notice, outcome)
        if report.not_finite:
            text = (
                f"{report.output}: {report.not_finite} values are NaN or infinite though their input is finite, as the"
                f" framework gives them (bias {report.bound.norm.bias:g}, beta {report.bound.norm.beta:g})"
            )
            self._say(self._console.warn, text, outcome)

    def count(self) -> None:
        """Tell of how many inputs the same was to be said."""
        for say, text in self._repeats.rest() if self._repeats is not None else ():
            say(text)

    def _say(self, say: Callable[[str], None], text: str, outcome: Outcome) -> None:
        if self._is_new(say, text, outcome):
            say(text)

    def _is_new(self, say: Callable[[str], None], text: str, outcome: Outcome) -> bool:
        return self._repeats is None or self._repeats.is_new(say, text, outcome.input, outcome.output)

    def _note(self, text: str) -> None:
        self._console.note(f"lrn: {text}")

    def _fail(self, text: str) -> None:
        self._console.error(LrnError(text))


def _sum_up(outcomes: list[Outcome], console: Console, *, planned: bool) -> Exit:
    failed = sum(outcome.error is not None for outcome in outcomes)
    reports = [outcome.report for outcome in outcomes if outcome.report is not None]
    skipped = len(outcomes) - failed - len(reports)
    also = f", {skipped} skipped" if skipped else ""
    if not planned and (reports or not failed):
        what = f": {group(reports)}" if reports else ""
        console.note(f"lrn: {len(reports)} of {len(outcomes)} inputs done{'' if failed else also}{what}")
    if failed:
        console.error(LrnError(f"{failed} of {len(outcomes)} inputs failed{also}", "the lines above say why"))
        return Exit.FAILED
    return Exit.DONE


def group(reports: Sequence[Report]) -> str:
    """As what tensors were taken, the most frequent first, so that one that is unlike the others is seen."""
    alike: dict[tuple[str, int], list[Report]] = defaultdict(list)
    for report in reports:
        alike[report.layout, report.channels].append(report)
    groups = sorted(alike.items(), key=lambda item: -len(item[1]))
    if len(groups) == 1:
        return _taken_as(*groups[0][0])
    told = [
        f"{len(of_it)} {_taken_as(*what)}{f' ({of_it[0].input})' if len(of_it) == 1 else ''}" for what, of_it in groups
    ]
    return ", ".join(told[:_MOST_GROUPS]) + (f" and {len(told) - _MOST_GROUPS} more" if told[_MOST_GROUPS:] else "")


def _taken_as(layout: str, channels: int) -> str:
    return f"{layout} with {channels} channel{'' if channels == 1 else 's'}"
