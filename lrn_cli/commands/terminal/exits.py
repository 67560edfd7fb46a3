"""How `lrn` ends: its exit codes, and which of them each exception becomes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from io import TextIOWrapper
from types import FrameType
from typing import NoReturn

import click

from lrn_cli.errors import LrnError


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
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What is ignored stays ignored: `nohup` means it.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
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
        return _explained(error)
    return result if isinstance(result, int) else Exit.DONE


def show_error(error: LrnError) -> None:
    """Print an error: one line, and one with a hint."""
    print_error(f"lrn: error: {_one_line(error.message)}")
    if error.hint:
        print_error(f"hint: {_one_line(error.hint)}")


def print_error(line: str) -> None:
    """Print a line on standard error; where that is closed or full, what was to be done is done all the same."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(line, file=sys.stderr)


def _explained(error: BaseException) -> int:
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
        case LrnError():
            show_error(error)
        case click.ClickException():
            show_error(_usage(error))
        case MemoryError():
            show_error(LrnError("not enough memory", "a machine with more of it, or a smaller tensor"))
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            show_error(LrnError(f"{where}{error.strerror or error}", "--debug shows where"))
        case _:
            show_error(LrnError(f"{type(error).__name__}: {error}", "this is a defect; --debug shows where"))
    return Exit.FAILED


def _usage(error: click.ClickException) -> LrnError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "lrn"
    message = error.format_message().rstrip(".")
    return LrnError(message[:1].lower() + message[1:], f"{path} --help")


def _one_line(text: str) -> str:
    """The text without line ends and other control characters, which a file's name or contents may hold."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _let_go_of_stdout() -> None:
    """Keep the interpreter from complaining once more about the closed pipe when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Signalled(number)


def _keep_standard_descriptors() -> None:
    """Fill closed standard streams, so that no file takes their numbers and gets what is meant for them."""
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)
