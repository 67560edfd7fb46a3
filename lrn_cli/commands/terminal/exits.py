"""How `lrn` ends: its exit codes, and which of them each exception becomes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from io import TextIOWrapper
from types import FrameType
from typing import TextIO

import click

from lrn_cli.errors import LrnError, explain_error, one_line

_ENDS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_MOMENT, _PATIENCE = 0.01, 3.0  # seconds
_told: list[tuple[int, float]] = []
"""The signals that have come, and when."""


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    NO = 1
    """The answer is no: a difference, nothing found, no equivalent."""
    FAILED = 2
    """Usage, bad input, any failure."""
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    HUNG_UP = 129
    TERMINATED = 143


class Signalled(BaseException):
    """A signal to end arrived; raised like Ctrl-C, so that unfinished files are removed on the way out.

    Attributes:
        code: The exit code that tells of it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def run(command: Callable[[], object], *, debug: bool) -> int:
    """Call `command` and turn however it ends into an exit code and at most two lines on standard error."""
    _keep_standard_descriptors()
    for number in _ENDS:
        # What is ignored stays ignored: `nohup` means it.
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _end)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _end_again)
        sys.unraisablehook = _not_lost
    if isinstance(sys.stdout, TextIOWrapper):
        # A file's name need not be in the terminal's encoding.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        result = command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseException as error:
        if debug and not isinstance(error, (click.exceptions.Exit, SystemExit)):
            import traceback

            traceback.print_exc()
        if _told and _told[-1][0] == signal.SIGINT and sys.stderr is not None and sys.stderr.isatty():
            print_error("lrn: interrupted, nothing unfinished is left", sys.stderr)
        # Whatever became of a signal's exception on its way: Python wraps it where it comes in the body of a class.
        return 128 + _told[-1][0] if _told else report_end(error, sys.stderr)
    return result if isinstance(result, int) else Exit.DONE


def report_end(error: BaseException, stream: TextIO | None) -> int:
    """Print what is to be said of an exception that ends a run, and give its exit code."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case SystemExit():
            return error.code if isinstance(error.code, int) else Exit.FAILED
        case KeyboardInterrupt() | click.Abort():
            return Exit.INTERRUPTED
        case Signalled():
            return error.code
        case BrokenPipeError():
            _let_go_of_stdout()
            return Exit.BROKEN_PIPE
        case click.ClickException():
            from lrn_cli.commands.terminal.usage import explain_usage

            show_error(explain_usage(error), stream)
        case _:
            show_error(explain_error(error), stream)
    return Exit.FAILED


def show_error(error: LrnError, stream: TextIO | None) -> None:
    """Print an error: one line, and one with a hint that holds."""
    print_error(f"lrn: error: {error.message}", stream)
    if error.hint:
        from lrn_cli.commands.terminal.hints import holds
        from lrn_cli.commands.terminal.typed import improve

        if holds(error.hint):
            print_error(f"hint: {improve(error)}", stream)


def print_error(line: str, stream: TextIO | None) -> None:
    """Print a line on standard error; where that is closed or full, what was to be done is done all the same."""
    if stream is not None:
        with suppress(OSError):
            print(_coloured(one_line(line), stream), file=stream)


def _coloured(line: str, stream: TextIO) -> str:
    """The line, on a terminal with its beginning in colour."""
    if not (stream.isatty() or "FORCE_COLOR" in os.environ or "--color" in " ".join(sys.argv)):
        return line
    from lrn_cli.commands.terminal.colours import chosen, paint_error, wanted

    return paint_error(line) if wanted(chosen(sys.argv), terminal=stream.isatty()) else line


def _let_go_of_stdout() -> None:
    """Keep the interpreter from complaining once more about the closed pipe when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _end(number: int, _frame: FrameType | None) -> None:
    """End the run, once: another signal would come in the way of the cleaning up, unless that takes long."""
    if _told and time.monotonic() - _told[-1][1] < _PATIENCE:
        return
    _told.append((number, time.monotonic()))
    raise Signalled(number)


def _not_lost(dropped: sys.UnraisableHookArgs) -> None:
    """Raise the end again where it came at a place at which Python drops exceptions: when an object is let go of."""
    if isinstance(dropped.exc_value, Signalled):
        signal.setitimer(signal.ITIMER_REAL, _MOMENT)
    else:
        sys.__unraisablehook__(dropped)


def _end_again(_number: int, _frame: FrameType | None) -> None:
    raise Signalled(_told[-1][0])


def _keep_standard_descriptors() -> None:
    """Fill closed standard streams, so that no file takes their numbers and gets what is meant for them."""
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)
