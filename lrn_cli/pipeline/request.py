"""One tensor: which, what was asked for of it, what was done, and who is told meanwhile how far that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from lrn_cli import layouts
from lrn_cli.conventions.binding import Bound
from lrn_cli.errors import LrnError
from lrn_cli.tensors.output import file_named
from lrn_cli.tensors.selection import STREAM
from lrn_cli.tensors.targets import place
from lrn_cli.tensors.tensor import Reading, TensorInfo


class Input(NamedTuple):
    """One input.

    Attributes:
        word: As a user would type it: a file, `x.h5::/path`, `x.npz::name`.
        folder: The folder in which it was found, relative to the one that was searched; None where none was.
        members: The words of the tensors of its file that it stands for, where they are several.
    """

    word: str
    folder: Path | None = None
    members: tuple[str, ...] = ()

    @property
    def tensors(self) -> list[Input]:
        """Each tensor as an input by itself."""
        return [Input(word, self.folder) for word in self.members] or [self]

    def without(self, left_out: Sequence[bool]) -> list[Input]:
        """The same for what is not left out of its tensors: nothing, if that is none of them."""
        words = [tensor.word for tensor, out in zip(self.tensors, left_out, strict=True) if not out]
        if len(words) < 2:
            return [Input(word, self.folder) for word in words]
        return [self._replace(members=tuple(words))]


def is_template(output: str) -> bool:
    """Whether an output is a name with fields to fill in."""
    return "{" in output


class Request(NamedTuple):
    """What was asked for, of one tensor.

    Attributes:
        source: The input as typed.
        output: The output as typed; None where nothing was.
        bound: The convention with its numbers.
        layout, axis: As typed, or None.
        dtype, compute: Names of floating-point types, or None.
        output_format: A format's name, or None.
        reading: How to read.
        force, fsync, only, stretch: See `Writing`.
        threads: How many; None for one for each usable core.
        memory: Bytes of scratch memory to stay within; None for what is quickest.
        root: The folder below which folders may be made; None where only the last part of a path may.
        folder: The folder in which the input was found; see `Input`.
        dy: Where derivatives are wanted: by the results, as typed; see `pipeline.gradient`.
        forward: Whether that is a change of the input, and the change of the results is wanted.
    """

    source: str
    output: str | None
    bound: Bound
    layout: str | None = None
    axis: int | None = None
    dtype: str | None = None
    compute: str | None = None
    output_format: str | None = None
    reading: Reading = Reading()
    force: bool = False
    fsync: bool = False
    only: bool = False
    stretch: bool = False
    threads: int | None = None
    memory: int | None = None
    root: Path | None = None
    folder: Path | None = None
    dy: str | None = None
    forward: bool = False

    def about(self, item: Input, output: str | None) -> Request:
        """The same of one input, for an output as typed."""
        return self._replace(source=item.word, folder=item.folder, output=output)

    @property
    def output_file(self) -> str:
        """The file that the output is, or is in; empty for a stream."""
        output = self.output
        return "" if output is None or output == STREAM else file_named(self.source, output, self.output_format)

    @property
    def shown_output(self) -> str:
        """Where the result would be, in a folder too."""
        output = self.output or ""
        return str(place(self.output_file)) if output.endswith("/") else output

    def doubts(self, layout: str, info: TensorInfo) -> Iterator[str]:
        """What speaks against the layout that was taken for a tensor where nobody said one, and against its type."""
        if info.layout:
            return
        if self.layout is None and self.axis is None and info.named is None:
            integers = info.dtype.kind in "biu" and not info.narrow
            yield from (f"{self.source}: {doubt}" for doubt in layouts.doubts(layout, info.shape, integers=integers))
        taken, name = self.bound.convention.dtypes, info.narrow or info.dtype.name
        if taken and name not in taken:
            yield f"{self.bound.convention.name} itself takes {' and '.join(taken)}, and {self.source} is {name}"


class Report(NamedTuple):
    """What was done to one tensor, or would be.

    Attributes:
        input, output: As typed, and where the result is.
        bound: The convention with its numbers.
        layout: A letter for each axis.
        shape: Of the tensor.
        channels: How many were normalised over.
        dtype, output_dtype: Names of the input's and the output's type.
        not_finite: How many results are NaN or infinite for finite input; None where nothing was computed.
        notices: What the user should know besides.
        dy: Of derivatives, by which results; empty where it is the results themselves that were computed.
    """

    input: str
    output: str
    bound: Bound
    layout: str
    shape: tuple[int, ...]
    channels: int
    dtype: str
    output_dtype: str
    not_finite: int | None
    notices: tuple[str, ...]
    dy: str = ""

    def __str__(self) -> str:
        channels = f"{self.channels} channel{'' if self.channels == 1 else 's'} on axis {self.layout.index('C')}"
        shape = f"{layouts.describe(self.shape)} {self.output_dtype}"
        given = f", {self.dy}" if self.dy else ""
        return f"{self.input}{given} -> {self.output}: {self.bound}; {self.layout}, {channels}; {shape}"

    def row(self) -> list[str]:
        """The plan as cells: input, output, layout, channels, shape, dtype, output dtype."""
        shape = layouts.describe(self.shape)
        return [self.input, self.output, self.layout, str(self.channels), shape, self.dtype, self.output_dtype]

    def as_data(self) -> dict[str, Any]:
        """The report as JSON types."""
        return {
            "input": self.input,
            **({"dy": self.dy} if self.dy else {}),
            "output": self.output,
            "convention": self.bound.convention.name,
            "parameters": self.bound.parameters,
            **self.bound.norm.as_data(),
            "layout": self.layout,
            "channel_axis": self.layout.index("C"),
            "channels": self.channels,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "output_dtype": self.output_dtype,
            "not_finite": self.not_finite,
            "notices": list(self.notices),
        }


class Outcome(NamedTuple):
    """How one input ended.

    Attributes:
        input: As typed.
        output: Where its result is, or would be.
        report: What was done; None where nothing was.
        error: Why not; None where it was skipped because its output is there.
    """

    input: str
    output: str
    report: Report | None = None
    error: LrnError | None = None

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        if self.report is not None:
            return self.report.as_data()
        if self.error is not None:
            return {"input": self.input, "error": self.error.message, "hint": self.error.hint}
        return {"input": self.input, "output": self.output, "skipped": True}

    def under(self, bound: Bound | None) -> Outcome:
        """The same with another convention in its report, on its layout; none until it is received."""
        if (report := self.report) is None:
            return self
        return self._replace(report=report._replace(bound=bound and bound.over(report.layout)))  # type: ignore[arg-type]

    def repeats(self, before: Outcome) -> bool:
        """Whether it is that of another tensor of the same output, which is missing or there for the same reason."""
        return self.report is None and (self.output, self.error) == (before.output, before.error)


class Progress(Protocol):
    """What is told how far a run has come.

    Attributes:
        wanted: Whether it listens.
    """

    wanted: bool

    def advance(self, size: int, what: str | None = None) -> None:
        """Count `size` bytes as done; from any thread."""


Watch = Callable[[Callable[[], int], str], AbstractContextManager[Progress]]
"""Called when a run begins, with what tells its bytes and with what it works on: follows it through a `with` block."""


class _Unwatched:
    wanted = False

    def advance(self, size: int, what: str | None = None) -> None:
        """Nobody listens."""


def unwatched(_total: Callable[[], int], _what: str) -> AbstractContextManager[Progress]:
    """A run that nobody follows."""
    return nullcontext(_Unwatched())
