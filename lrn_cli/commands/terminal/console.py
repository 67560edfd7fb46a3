"""What a command says and where: the answer on standard output, everything else on standard error."""

from __future__ import annotations

import os
import shutil
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

TYPED = "lrn.typed"
"""Where the context keeps what was typed."""
TABLES = ("markdown", "tsv", "csv")
"""Formats in which an answer is a table, whatever it is for people."""
_NARROWEST, _USUAL = 40, 80
"""Columns."""


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
        answer_format: In what it was asked for; None for what is usual on a terminal, or off it.
        colour: What `--color` says; None for what the environment and the terminal do.
        pager: Whether long answers are paged.
    """

    streams: Streams
    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    answer_format: str | None = None
    colour: str | None = None
    pager: bool = True

    @classmethod
    def of(cls, asked: AnswerOptions) -> Console:
        """The console that a command's options ask for."""
        streams = click.get_current_context().find_object(Streams) or Streams()
        as_json = asked.as_json or asked.answer_format == "json"
        return cls(streams, asked.quiet, asked.verbose, as_json, asked.answer_format, asked.colour, asked.pager)

    @property
    def words(self) -> tuple[str, ...]:
        """What was typed behind the command's name."""
        return tuple(click.get_current_context().meta.get(TYPED, ()))

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
        """Print a part of the answer, its drawing in other signs where the encoding does not have them."""
        if self.streams.stdout is not None:
            print(self._encodable(text), end=end, file=self.streams.stdout)

    def _encodable(self, text: str) -> str:
        if text.isascii() or (self.encoding or "").lower().startswith("utf"):
            return text
        from lrn_cli.pages.pictures.plain import without_drawing

        return without_drawing(text, self.encoding)

    def page(self, text: str) -> None:
        """Print a whole answer; what is longer than the screen by a pager, where somebody sits before it."""
        long = text.count("\n") >= shutil.get_terminal_size().lines
        if long and self.pager and self.drawn and _is_terminal(self.streams.stdin):
            # Only what does not fit is paged, in its colours, and stays on the screen afterwards.
            os.environ.setdefault("LESS", "FRX")
            click.echo_via_pager(self._encodable(text), color=True)
        else:
            self.print(text, end="")

    def answer(self, data: Any, *, to_stderr: bool = False) -> None:
        """Print one JSON value on a line of its own."""
        import json

        line = json.dumps(data, allow_nan=False)
        if to_stderr:
            print_error(line, self.streams.stderr)
        else:
            self.print(line)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table as it was asked for; else drawn on a terminal, tab-separated with a header elsewhere."""
        cells = [[one_line(cell) for cell in row] for row in (columns, *rows)]
        lines: Iterable[str] = map("\t".join, cells)
        if self.for_people or self.answer_format in ("csv", "markdown"):
            from lrn_cli.commands.terminal import table_lines

            lines = table_lines.lines(cells, self.answer_format, self.width, coloured=self.coloured)
        self.page("".join(f"{line}\n" for line in lines))

    def paint(self, line: str) -> str:
        """A line of the answer with its verdict in colour, where there are colours."""
        if not self.coloured:
            return line
        from lrn_cli.commands.terminal.colours import paint

        return paint(line)

    @property
    def coloured(self) -> bool:
        """Whether the answer is in colours."""
        from lrn_cli.commands.terminal.colours import wanted

        return wanted(self.colour, terminal=self.drawn)

    @property
    def for_people(self) -> bool:
        """Whether the answer is for somebody to read: asked for as text, or on a terminal and not asked for at all."""
        return self.answer_format == "text" or (self.answer_format is None and self.drawn)

    @property
    def drawn(self) -> bool:
        """Whether the answer goes to a terminal, and to somebody who looks at it."""
        return _is_terminal(self.streams.stdout)

    @property
    def width(self) -> int:
        """Columns of the terminal, from 40 on; 80 where there is none."""
        return max(shutil.get_terminal_size().columns, _NARROWEST) if self.drawn else _USUAL

    @property
    def encoding(self) -> str | None:
        """Of standard output."""
        return self.streams.stdout.encoding if self.streams.stdout is not None else None

    @property
    def has_shades(self) -> bool:
        """Whether standard output has the signs of which maps are drawn."""
        from lrn_cli.pages.pictures.characters import SHADES, fits

        return fits(SHADES, self.encoding)

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
