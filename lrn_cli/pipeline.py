"""`apply` without a command line: all that can be refused is refused in `plan`, before a byte is written."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import lrn_cli
from lrn_cli import layouts
from lrn_cli.arithmetic.blocks import Spans, spans_of
from lrn_cli.arithmetic.normalize import resolve_layout
from lrn_cli.arithmetic.precision import Precision, precision, result_dtype
from lrn_cli.arithmetic.threads import usable_cores
from lrn_cli.conventions.binding import Bound
from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.streams import StreamSink
from lrn_cli.tensors.output import Destination, destination
from lrn_cli.tensors.replace import is_stream
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading, Sink, Writing
from lrn_cli.tensors.transfer import Transfer


@dataclass(frozen=True)
class Request:
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
    """

    source: str
    output: str | None
    bound: Bound
    layout: str | None = None
    axis: int | None = None
    dtype: str | None = None
    compute: str | None = None
    output_format: str | None = None
    reading: Reading = field(default_factory=Reading)
    force: bool = False
    fsync: bool = False
    only: bool = False
    stretch: bool = False
    threads: int | None = None


@dataclass(frozen=True)
class Report:
    """What was done: numbers for a person or for JSON."""

    input: str
    output: str
    bound: Bound
    layout: str
    shape: tuple[int, ...]
    channels: int
    dtype: str
    output_dtype: str
    not_finite: int
    notices: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.input} -> {self.output}: {self.bound}; {self.layout}, {self.channels} channels on axis"
            f" {self.layout.index('C')}; {layouts.describe(self.shape)} {self.output_dtype}"
        )

    def as_data(self) -> dict[str, Any]:
        """The report as JSON types."""
        norm = self.bound.norm
        return {
            "input": self.input,
            "output": self.output,
            "convention": self.bound.convention.name,
            "parameters": dict(self.bound.values),
            "window": {axis: list(span) for axis, span in norm.window.items()},
            "scale": norm.scale,
            "bias": norm.bias,
            "beta": norm.beta,
            "layout": self.layout,
            "channel_axis": self.layout.index("C"),
            "channels": self.channels,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "output_dtype": self.output_dtype,
            "not_finite": self.not_finite,
            "notices": list(self.notices),
        }


class Plan:
    """An open input and everything that is known before the first byte is written.

    Args:
        request: What was asked for.
        stdin: What `-` stands for.
        stdout: Where `-o -` goes.

    Raises:
        LrnError: Whatever can be refused without doing it.
    """

    def __init__(self, request: Request, *, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> None:
        self.request, self._stdout = request, stdout
        self.notices: list[str] = []
        self.source = open_tensor(request.source, request.reading, stdin)
        try:
            self._settle()
        except BaseException:
            self.source.close()
            raise

    def _settle(self) -> None:
        info, request = self.source.info, self.request
        self.dtype = result_dtype(info.dtype, request.dtype)
        numbers = (*info.shape[:-1], info.shape[-1] - info.carried) if info.carried else info.shape
        norm = request.bound.norm
        try:
            self.layout = self._layout(numbers)
            self.spans: Spans = spans_of(norm.window, self.layout, numbers)
        except LrnError as error:
            raise error.about(request.source) from None
        self.channels = numbers[self.layout.index("C")]
        self.types: Precision = precision(self.dtype, norm, request.compute)
        self.destination: Destination = destination(request.output, request.output_format, request.source, self.source)
        self.writing = self._writing()
        if self.destination.path is not None and self.destination.format.check and not self.destination.missing_folder:
            self.destination.format.check(self.writing)
        self._check_space()

    def _check_space(self) -> None:
        """Refuse what the disk cannot hold; a file of a few bytes may declare a tensor of terabytes."""
        path, info = self.destination.path, self.source.info
        if path is None or is_stream(path) or info.filters:
            return
        needed = info.nbytes // info.dtype.itemsize * self.dtype.itemsize
        folder = self.destination.missing_folder or Path(os.path.realpath(path))
        free = shutil.disk_usage(folder.parent).free
        if needed > free:
            raise LrnError(
                f"{path}: the result takes {needed:,} bytes and its disk has {free:,} free",
                "another disk behind -o, or --dtype float16",
            )

    def _layout(self, shape: tuple[int, ...]) -> str:
        fixed, request = self.source.info.layout, self.request
        if fixed is None:
            return resolve_layout(request.bound, shape, layout=request.layout, axis=request.axis)
        given = request.layout and layouts.given(request.layout, shape)
        if given not in (None, fixed) or (request.axis is not None and request.axis % len(shape) != fixed.index("C")):
            raise LrnError(
                f"an image is {fixed}, not {given or f'with channels on axis {request.axis}'}", "leave --layout out"
            )
        return resolve_layout(request.bound, shape, layout=fixed)

    def _writing(self) -> Writing:
        request, bound = self.request, self.request.bound
        return Writing(
            path=self.destination.path or Path("-"),
            member=self.destination.member,
            shape=self.source.info.shape,
            dtype=self.dtype,
            source=self.source,
            provenance={
                "lrn_convention": bound.convention.name,
                "lrn_parameters": json.dumps(dict(bound.values)),
                "lrn_version": lrn_cli.__version__,
            },
            force=request.force,
            fsync=request.fsync,
            only=request.only,
            stretch=request.stretch,
            notice=self.notices.append,
        )

    @property
    def nbytes(self) -> int:
        """How many bytes will be read."""
        return self.source.info.nbytes

    def run(self, advanced: Callable[[int], None] = lambda _: None) -> Report:
        """Do it: the output appears whole, or not at all."""
        request = self.request
        with self._folder(), self._sink() as sink:
            transfer = Transfer(
                self.source,
                sink,
                dtype=self.dtype,
                norm=request.bound.norm,
                spans=self.spans,
                types=self.types,
                advanced=advanced,
            )
            broken = transfer.run(request.threads or usable_cores())
        info = self.source.info
        return Report(
            input=request.source,
            output=str(self.destination),
            bound=request.bound,
            layout=self.layout,
            shape=info.shape,
            channels=self.channels,
            dtype=info.dtype.name,
            output_dtype=self.dtype.name,
            not_finite=broken,
            notices=tuple(self.notices),
        )

    @contextmanager
    def _folder(self) -> Iterator[None]:
        """Make the output's folder where it is missing, and remove it again if nothing came to be in it."""
        folder = self.destination.missing_folder
        if folder is None:
            yield
            return
        folder.mkdir(exist_ok=True)
        try:
            yield
        except BaseException:
            with suppress(OSError):
                folder.rmdir()
            raise

    def _sink(self) -> Sink:
        if self.destination.path is None:
            return StreamSink(self._stdout or sys.stdout.buffer, self.writing)
        create = self.destination.format.create
        assert create is not None  # noqa: S101 - a destination's format can be written
        return create(self.writing)

    def __enter__(self) -> Plan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.source.close()
