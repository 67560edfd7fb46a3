"""What a command says and where: the answer on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import UnsupportedOperation
from stat import S_ISFIFO
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TextIO, cast

import click

from lrn_cli.commands.terminal.exits import print_error, show_error
from lrn_cli.errors import LrnError, one_line

if TYPE_CHECKING:
    from lrn_cli.commands.terminal.options import AnswerOptions, ReadingOptions
    from lrn_cli.tensors.tensor import Source


class Streams:
    """The standard streams, whatever stands for them when they are used: a bar of progress does for a time."""

    @property
    def stdin(self) -> TextIO | None:
        """What is read for `-`; None where it is closed."""
        return sys.stdin

    @property
    def stdout(self) -> TextIO | None:
        """Where the answer goes; None where it is closed."""
        return sys.stdout

    @property
    def stderr(self) -> TextIO | None:
        """Where all else goes; None where it is closed."""
        return sys.stderr


class Console(NamedTuple):
    """What one command says, and its streams.

    Attributes:
        streams: Those of the process, unless a command is called with others.
        quiet: Say nothing but errors.
        verbose: Say more.
        as_json: Give the answer as JSON.
    """

    streams: Streams
    quiet: bool = False
    verbose: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, options: AnswerOptions) -> Console:
        """The console that a command's options ask for."""
        streams = click.get_current_context().find_object(Streams) or Streams()
        return cls(streams, options.quiet, options.verbose, options.as_json or options.answer_format == "json")

    def note(self, text: str) -> None:
        """Say something on standard error."""
        if not self.quiet:
            print_error(text, self.streams.stderr)

    def warn(self, text: str) -> None:
        """Say on standard error what may surprise."""
        self.note(f"lrn: warning: {text}")

    def error(self, error: LrnError) -> None:
        """Say on standard error what has gone wrong, though the command goes on."""
        show_error(error, self.streams.stderr)

    def print(self, text: str, *, end: str = "\n") -> None:
        """Print a part of the answer."""
        if self.streams.stdout is not None:
            print(text, end=end, file=self.streams.stdout)

    def answer(self, data: Any, *, to_stderr: bool = False) -> None:
        """Print one JSON value on a line of its own."""
        import json

        line = json.dumps(data, allow_nan=False)
        if to_stderr:
            print_error(line, self.streams.stderr)
        else:
            self.print(line)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table: drawn on a terminal, tab-separated with a header elsewhere."""
        if self.drawn:
            lines: Iterable[str] = _draw(columns, rows)
        else:
            lines = ("\t".join(map(one_line, row)) for row in (columns, *rows))
        for line in lines:
            self.print(line)

    @property
    def drawn(self) -> bool:
        """Whether the answer goes to a terminal, and to somebody who looks at it."""
        return _is_terminal(self.streams.stdout)

    @property
    def watched(self) -> bool:
        """Whether standard error is a terminal."""
        return _is_terminal(self.streams.stderr)

    @contextmanager
    def open_tensors(self, words: Sequence[str], options: ReadingOptions) -> Iterator[list[Source]]:
        """Open tensors for a `with` block, and warn of what may surprise in them."""
        from lrn_cli.tensors.selection import open_values

        reading, stdin = options.resolve(), self.binary_input if "-" in words else None
        with ExitStack() as stack:
            sources = [stack.enter_context(open_values(word, reading, stdin)) for word in words]
            for source in sources:
                for notice in source.survey():
                    self.warn(notice)
            yield sources

    @property
    def piped(self) -> bool:
        """Whether something comes through a pipe."""
        try:
            return self.streams.stdin is not None and S_ISFIFO(os.fstat(self.streams.stdin.fileno()).st_mode)
        except (OSError, UnsupportedOperation):
            return False

    @property
    def binary_input(self) -> IO[bytes]:
        """Standard input as bytes.

        Raises:
            LrnError: It is a terminal, where nobody types an array.
        """
        stream = self.streams.stdin
        if stream is None:
            raise LrnError("standard input is closed", "lrn apply x.npy -o out.npy")
        if _is_terminal(stream):
            verb = click.get_current_context().info_name
            how = "apply - -o out.npy" if verb == "apply" else f"{verb} -"
            raise LrnError("standard input is a terminal, not a tensor", f"cat x.npy | lrn {how}")
        return _raw(stream, "rb")

    @property
    def binary_output(self) -> IO[bytes]:
        """Standard output as bytes.

        Raises:
            LrnError: It is a terminal, which an array would garble.
        """
        stream = self.streams.stdout
        if stream is None:
            raise LrnError("standard output is closed", "-o out.npy")
        if _is_terminal(stream):
            raise LrnError(
                "standard output is a terminal, and the result is binary", "-o out.npy, or | another command"
            )
        return _raw(stream, "wb")


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a standard stream is there and is a terminal."""
    return stream is not None and stream.isatty()


def _raw(stream: TextIO, mode: str) -> IO[bytes]:
    """A stream without Python's buffer, whose lock a thread that waits for data would hold when we exit."""
    try:
        descriptor = stream.fileno()
    except UnsupportedOperation:  # one in memory
        return cast("IO[bytes]", stream.buffer)
    return cast("IO[bytes]", os.fdopen(descriptor, mode, buffering=0, closefd=False))


def _draw(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns side by side. What is wider than the terminal is left to it: what is copied must stay in one piece."""
    cells = [[one_line(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    for number, row in enumerate(cells):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield (line if number or plain else f"\033[1m{line}\033[0m")
