"""Tensors in pipes: .npy arrays that are read and written once, from the first element to the last."""

from __future__ import annotations

import os
from math import prod
from pathlib import Path
from select import select
from typing import IO

import numpy as np

from lrn_cli.advice import free
from lrn_cli.boxes import Box, runs, size
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.conversion import check_type
from lrn_cli.tensors.npy.header import MAGIC, encode_header, read
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

_FROM_A_FILE = "save it to a file, then: lrn apply FILE -o out.npy"
_SNIFFED_BYTES = 512


class StreamSource(Source):
    """An .npy array that arrives in order.

    Args:
        stream: Where it comes from; read no further than the array, but for one byte to see that it ends there.
        name: What to call it in messages.
        reading: How to read it.
        member: Its name in an archive.

    Raises:
        LrnError: The stream is empty or does not begin with an .npy header of a numeric array.
    """

    sequential = True
    path: Path | None = None

    def __init__(self, stream: IO[bytes], name: str, reading: Reading, member: str = "") -> None:
        self._stream, self._name = stream, name
        self.info = reading.name_bytes(describe(stream, name, member))
        check_type(name, self.info, reading, _FROM_A_FILE)
        self._next = 0
        self._kept: Array = np.empty(0, self.info.dtype)

    def read(self, box: Box, out: Array) -> None:
        """Read a block, which begins where the last one ended or shares elements with its end."""
        ((start, count),) = runs(box, self.storage_shape)
        flat = out.reshape(-1)
        shared = self._next - start
        if shared:
            flat[:shared] = self._kept[self._kept.size - shared :]
        self._fill(flat[shared:].view("u1").data)
        self._next = start + count
        kept = min(self.shared_elements, count)
        self._kept = flat[count - kept :].copy()

    def finish(self) -> None:
        """Check that the stream ends where the array does."""
        if _Begun(self._stream).peek(1):
            raise LrnError(
                f"{self._name}: more bytes follow the array of {self.info.nbytes} bytes, and lrn reads one array",
                "send one np.save at a time",
            )

    def _fill(self, memory: memoryview) -> None:
        while memory:
            got = self._stream.readinto(memory)  # type: ignore[attr-defined] # every binary stream has it
            if got is None:
                select([self._stream], [], [])  # a pipe that somebody set not to block
                continue
            if not got:
                total = prod(self.info.shape)
                raise LrnError(
                    f"{self._name}: the stream ended early: the header declares {total} elements of {self.info.dtype},"
                    f" fewer came",
                    "check the command that writes to the pipe",
                )
            memory = memory[got:]


class StreamSink(Sink):
    """An .npy array that leaves in order, the header at once."""

    sequential = True

    def __init__(self, stream: IO[bytes], writing: Writing) -> None:
        self._stream, self._shown = stream, "standard output" if str(writing.path) == "-" else str(writing.path)
        self._send(
            memoryview(encode_header(writing.shape, writing.source.info.fortran_order, writing.dtype, writing.narrow))
        )

    def write(self, box: Box, block: Array) -> None:
        """Write a block, which begins where the last one ended."""
        assert prod(size(box)) == block.size  # noqa: S101
        self._send(block.reshape(-1).view("u1").data)

    def _send(self, memory: memoryview) -> None:
        while memory:
            try:
                done: int | None = self._stream.write(memory)
            except BrokenPipeError:
                raise  # nobody reads any more: no failure of ours
            except OSError as error:
                raise LrnError(f"{self._shown}: cannot be written: {error.strerror}", "another output") from None
            if done is None:
                select([], [self._stream], [])
            memory = memory[done or 0 :]

    def commit(self) -> None:
        """Nothing is left to do: what was written has left."""

    def abort(self) -> None:
        """Nothing can be taken back; the reader sees an array that ends early."""


class DeviceSink(StreamSink):
    """An .npy array written straight through to a pipe or device with a name in the file system."""

    def __init__(self, writing: Writing) -> None:
        descriptor = os.open(writing.path, os.O_WRONLY)
        super().__init__(os.fdopen(descriptor, "wb", buffering=0), writing)

    def commit(self) -> None:
        """Close it."""
        self._stream.close()

    def abort(self) -> None:
        """Close it."""
        self._stream.close()


def describe(stream: IO[bytes], name: str, member: str = "") -> TensorInfo:
    """The array that a stream begins with, numeric or not; only its header is read.

    Raises:
        LrnError: The stream is empty or does not begin with an .npy header.
    """
    begun = _Begun(stream)
    if begun.peek(len(MAGIC)) != MAGIC:
        raise _no_array(name, begun.peek(_SNIFFED_BYTES))
    return read(begun, name).describe(member)  # type: ignore[arg-type]


def _no_array(name: str, head: bytes) -> LrnError:
    if not head:
        return LrnError(f"{name}: the stream is empty (0 bytes)", "check the command that writes to the pipe")
    what, hint = _instead(head)
    return LrnError(f"{name}: the stream is no .npy array{what}; other formats are read from files", hint)


def _instead(head: bytes) -> tuple[str, str]:
    """What a stream is by its first bytes, in a clause, and what to type for `lrn` behind the pipe."""
    from lrn_cli.tensors.foreign import recognise, unpacker
    from lrn_cli.tensors.registry import formats

    out = free("out.npy")
    if form := next((form for form in formats() if form.matches(head)), None):
        file = free(f"x{form.suffixes[0]}")
        return f" but {form.name}", f"cat > {file} && lrn apply {file} -o {out}"
    foreign = recognise(head)
    if foreign and (unpack := unpacker(foreign)):
        return f" but {foreign.name}", f"{unpack} | lrn apply - -o {out}"
    return f", it begins with {head[: len(MAGIC)]!r}", _FROM_A_FILE


class _Begun:
    """A stream whose first bytes were looked at."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._head = stream, b""

    def peek(self, count: int) -> bytes:
        """The first bytes; fewer only where the stream ends. A pipe gives them in as many pieces as it likes."""
        while len(self._head) < count and (piece := self._next(count - len(self._head))):
            self._head += piece
        return self._head

    def seekable(self) -> bool:
        """Never: what was read is gone."""
        return False

    def read(self, count: int) -> bytes:
        """The next bytes, at most `count`."""
        taken, self._head = self._head[:count], self._head[count:]
        return taken or self._next(count)

    def _next(self, count: int) -> bytes:
        while (piece := self._stream.read(count)) is None:
            select([self._stream], [], [])
        return piece
