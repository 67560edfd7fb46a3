"""What a command says and where: the answer on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from lrn_cli.commands.terminal.exits import one_line, print_error
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.commands.terminal.options import AnswerOptions


class Console(NamedTuple):
    """The streams of one command.

    Attributes:
        quiet: Say nothing but errors.
        verbose: Say more.
        as_json: Give the answer as JSON.
    """

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, options: AnswerOptions) -> Console:
        """The console that a command's options ask for."""
        return cls(options.quiet, options.verbose, options.as_json or options.answer_format == "json")

    def note(self, text: str) -> None:
        """Say something on standard error."""
        if not self.quiet:
            print_error(text)

    def warn(self, text: str) -> None:
        """Say on standard error what may surprise."""
        self.note(f"lrn: warning: {text}")

    def answer(self, data: Any, *, to_stderr: bool = False) -> None:
        """Print one JSON value on a line of its own."""
        import json

        line = json.dumps(data, allow_nan=False)
        if to_stderr:
            print_error(line)
        else:
            print(line)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table: drawn on a terminal, tab-separated with a header elsewhere."""
        if is_terminal(sys.stdout):
            _draw(columns, rows)
            return
        for row in (columns, *rows):
            print("\t".join(map(one_line, row)))

    @property
    def binary_input(self) -> IO[bytes]:
        """Standard input as bytes.

        Raises:
            LrnError: It is a terminal, where nobody types an array.
        """
        if sys.stdin is None:
            raise LrnError("standard input is closed", "lrn apply x.npy -o out.npy")
        if is_terminal(sys.stdin):
            raise LrnError("standard input is a terminal, not a tensor", "cat x.npy | lrn apply - -o out.npy")
        return _raw(0, "rb")

    @property
    def binary_output(self) -> IO[bytes]:
        """Standard output as bytes.

        Raises:
            LrnError: It is a terminal, which an array would garble.
        """
        if sys.stdout is None:
            raise LrnError("standard output is closed", "-o out.npy")
        if is_terminal(sys.stdout):
            raise LrnError(
                "standard output is a terminal, and the result is binary", "-o out.npy, or | another command"
            )
        return _raw(1, "wb")


def is_terminal(stream: Any) -> bool:
    """Whether a standard stream is there and is a terminal."""
    return stream is not None and stream.isatty()


def _raw(descriptor: int, mode: str) -> IO[bytes]:
    """A standard stream without Python's buffer, whose lock a thread that waits for data would hold when we exit."""
    return cast("IO[bytes]", os.fdopen(descriptor, mode, buffering=0, closefd=False))


def _draw(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns side by side. What is wider than the terminal is left to it: what is copied must stay in one piece."""
    cells = [[one_line(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    for number, row in enumerate(cells):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(line if number or plain else f"\033[1m{line}\033[0m")
