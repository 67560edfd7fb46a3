"""How the inputs of a run have ended, as lines on the console."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from lrn_cli.commands.terminal.console import TABLES, Console
from lrn_cli.commands.terminal.exits import Exit, Signalled
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.pipeline.batch import Outcome
    from lrn_cli.pipeline.request import Report

_COLUMNS = ("input", "output", "layout", "channels", "shape", "dtype", "output dtype")


def say_how_it_ended(
    outcomes: Iterable[Outcome], console: Console, *, single: bool, planned: bool, debug: bool
) -> Exit:
    """Tell how each input has ended as soon as it has, and of several how many have failed.

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
    for outcome in outcomes:
        if console.as_json:
            console.answer(outcome.as_data(), to_stderr=outcome.output == "-" and not planned)
        if not (ended and outcome.repeats(ended[-1])):
            _say(
                outcome, console, line=not console.as_json and (single or console.verbose), planned=planned, debug=debug
            )
        ended.append(outcome)
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


def _say(outcome: Outcome, console: Console, *, line: bool, planned: bool, debug: bool) -> None:
    """Tell how one input has ended; of several that are done as they should be only where more is wanted."""
    if outcome.error:
        if debug:
            from traceback import print_exception

            print_exception(outcome.error, file=console.streams.stderr)
        console.error(outcome.error)
    elif outcome.report is None:
        console.note(f"lrn: {outcome.output} is there already, skipped")
    elif not planned:
        _say_report(outcome.report, console, line=line)


def _say_report(report: Report, console: Console, *, line: bool) -> None:
    if line:
        console.note(str(report))
    if console.verbose:
        console.note(f"lrn: {report.bound.norm}")
    for notice in report.notices:
        console.warn(notice)
    if report.not_finite:
        console.warn(
            f"{report.output}: {report.not_finite} values are NaN or infinite though their input is finite, as the"
            f" framework gives them (bias {report.bound.norm.bias:g}, beta {report.bound.norm.beta:g})"
        )


def _sum_up(outcomes: list[Outcome], console: Console, *, planned: bool) -> Exit:
    failed = sum(outcome.error is not None for outcome in outcomes)
    skipped = sum(outcome.error is None and outcome.report is None for outcome in outcomes)
    also = f", {skipped} skipped" if skipped else ""
    if failed:
        console.error(LrnError(f"{failed} of {len(outcomes)} inputs failed{also}", "the lines above say why"))
        return Exit.FAILED
    if not planned:
        console.note(f"lrn: {len(outcomes) - skipped} of {len(outcomes)} inputs done{also}")
    return Exit.DONE
