"""`apply` without a command line: all that can be refused is refused by a `Plan`, before a byte is written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

import numpy as np

from lrn_cli import layouts
from lrn_cli._version import __version__
from lrn_cli.arithmetic.precision import precision
from lrn_cli.arithmetic.windows import Window, window_over
from lrn_cli.boxes import Box
from lrn_cli.conventions.binding import Bound, resolve_layout
from lrn_cli.dtypes import Array, result_dtype
from lrn_cli.errors import LrnError
from lrn_cli.passes.transfer import Transfer
from lrn_cli.pipeline.request import Report, Request
from lrn_cli.tensors.output import Destination, destination
from lrn_cli.tensors.selection import open_tensor, values_of
from lrn_cli.tensors.targets import check_room, is_same_file
from lrn_cli.tensors.tensor import Sink, Source, TensorInfo, Writing
from lrn_cli.work.threads import usable_cores


class Plan:
    """An open input and everything that is known before the first byte is written.

    Args:
        request: What was asked for.
        stdin, stdout: What `-` stands for.
        source: The input where it is open already; it is closed with the plan.

    Raises:
        LrnError: Whatever can be refused without doing it.
    """

    def __init__(
        self,
        request: Request,
        *,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        source: Source | None = None,
    ) -> None:
        self.request, self._stdout = request, stdout
        self.notices: list[str] = []
        self.source = source or open_tensor(request.source, request.reading, stdin)
        try:
            self._settle()
        except BaseException:
            self.source.close()
            raise

    def _settle(self) -> None:
        info, request = self.source.info, self.request
        self._values = values_of(self.source)
        self.dtype = result_dtype(self._values.info.dtype, request.dtype)
        try:
            arranged = arrangement(info, request.bound, request.layout, request.axis)
        except LrnError as error:
            raise error.about(request.source) from None
        self.bound, self.layout, self.channels, self.window = arranged
        self.types = precision(self._values.info.dtype, self.dtype, self.bound.norm, request.compute)
        self.destination: Destination = destination(
            request.output, request.output_format, request.source, self.source, request.root
        )
        # An image has no such type, and what is asked for by name is another.
        self._narrow = info.narrow if request.dtype is None and not self.destination.format.is_image else ""
        self._check_output_layout()
        self.writing = self._writing()
        if self.destination.path is not None and not self.destination.missing_folder:
            self.destination.format.check(self.writing)
        check_room(self.destination.path, self.needed)
        if request.force and self._replaces_input():
            self.notices.append(f"{request.source}: the result takes its input's place; run again, it is done twice")
        if not request.reading.part:
            self.notices += [*request.doubts(self.layout, info), *self.source.survey(), *self.bound.remarks]

    def _check_output_layout(self) -> None:
        wanted, path = self.destination.format.layouts, self.destination.path
        if wanted and self.layout not in wanted:
            raise LrnError(
                f"{path}: a {self.destination.format.name} image is {wanted[0]}, and the tensor"
                f" ({layouts.describe(self.source.info.shape)}) is {self.layout}",
                f"-o {Path(path or '').with_suffix('.npy')}, or --layout {wanted[0]} if that is what it is",
            )

    def _replaces_input(self) -> bool:
        """Whether the result stands where the input does."""
        path, member = self.destination.path, self.destination.member.strip("/")
        return is_same_file(path, self.source.path) and member in ("", self.source.info.member.strip("/"))

    def _writing(self) -> Writing:
        request, bound = self.request, self.bound
        return Writing(
            path=self.destination.path or Path("-"),
            member=self.destination.member,
            shape=self.source.info.shape,
            dtype=self.source.info.dtype if self._narrow else self.dtype,
            source=self.source,
            narrow=self._narrow,
            provenance={
                "lrn_convention": bound.convention.name,
                "lrn_parameters": bound.parameters,
                "lrn_version": __version__,
            },
            force=request.force,
            fsync=request.fsync,
            only=request.only,
            stretch=request.stretch,
            notice=self.notices.append,
            threads=request.threads or usable_cores(),
            long_call=request.reading.long_call,
        )

    @property
    def nbytes(self) -> int:
        """How many bytes will be read."""
        return self._values.info.nbytes

    @property
    def needed(self) -> int:
        """How many bytes the result takes on the disk; 0 where that cannot be told."""
        info = self.source.info
        compressed = bool(info.filters) and self.destination.format.keeps_filters
        return 0 if compressed else info.nbytes // info.dtype.itemsize * self.writing.dtype.itemsize

    def run(self, advanced: Callable[[int], None] = lambda _: None) -> Report:
        """Do it: the output appears whole, or not at all."""
        with self.folder(), self._sink() as sink:
            broken = self.fill(sink, advanced)
        return self.report(broken)

    def fill(self, sink: Sink, advanced: Callable[[int], None] = lambda _: None, within: Box | None = None) -> int:
        """Write the results, or those of one part; return how many are NaN or infinite for finite input."""
        transfer = Transfer(
            self._values,
            self._writer(sink),
            in_order=sink.sequential,
            flat=sink.flat,
            dtype=self.dtype,
            norm=self.bound.norm,
            window=self.window,
            types=self.types,
            advanced=advanced,
        )
        return transfer.run(self.request.threads or usable_cores(), self.request.memory, within)

    def _writer(self, sink: Sink) -> Callable[[Box, Array], None]:
        if not self._narrow:
            return sink.write
        from lrn_cli.tensors.widening import narrow

        return narrow(sink.write, self._narrow, self.writing.dtype)

    def report(self, not_finite: int | None = None) -> Report:
        """What is done, or would be."""
        return Report(
            input=self.request.source,
            output=str(self.destination),
            bound=self.bound,
            layout=self.layout,
            shape=self.source.info.shape,
            channels=self.channels,
            dtype=self.source.info.narrow or _name(self.source.info.dtype),
            output_dtype=self._narrow or _name(self.dtype),
            not_finite=not_finite,
            notices=tuple(self.notices),
        )

    @contextmanager
    def folder(self) -> Iterator[None]:
        """Make the output's folder where it is missing, and remove it again if nothing came to be in it."""
        folder = self.destination.missing_folder
        if folder is None:
            yield
            return
        try:
            folder.mkdir(parents=self.request.root is not None, exist_ok=True)
        except OSError as error:
            raise LrnError(f"{folder}: cannot be made: {error.strerror}", f"ls -ld {folder.parent}") from None
        try:
            yield
        except BaseException:
            if self.request.root is None:
                with suppress(OSError):
                    folder.rmdir()
            raise

    def _sink(self) -> Sink:
        if self.destination.path is None:
            from lrn_cli.tensors.npy.streams import StreamSink

            return StreamSink(self._stdout or sys.stdout.buffer, self.writing)
        return self.destination.format.create(self.writing)

    def __enter__(self) -> Plan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.source.close()


@cache
def _name(dtype: np.dtype[Any]) -> str:
    # NumPy puts it together anew each time.
    return dtype.name


class Arrangement(NamedTuple):
    """What is known of a tensor's axes.

    Attributes:
        bound: The convention with its numbers, on such a tensor.
        layout: A letter for each.
        channels: How many are normalised over.
        window: Over the tensor, in the order of its axes.
    """

    bound: Bound
    layout: str
    channels: int
    window: Window


@lru_cache(maxsize=64)
def arrangement(info: TensorInfo, bound: Bound, layout: str | None = None, axis: int | None = None) -> Arrangement:
    """The arrangement of a tensor; found once for all tensors of a batch that are alike.

    Args:
        info: The tensor's description.
        bound: The convention with its numbers.
        layout, axis: As typed, or None.

    Raises:
        LrnError: No layout fits, or the convention's window does not fit the layout.
    """
    shape = info.normalised_shape
    fitted = resolve_layout(bound, shape, **info.asked(layout, axis))
    lying = bound.over(fitted)
    return Arrangement(lying, fitted, shape[fitted.index("C")], window_over(lying.norm.window, fitted, shape))
