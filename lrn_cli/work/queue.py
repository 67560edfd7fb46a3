"""The numbers of jobs, in a pipe from which each process takes the next one when it is free."""

from __future__ import annotations

import os
import struct
from multiprocessing.connection import Connection
from select import PIPE_BUF
from typing import Any

_NUMBER = struct.Struct("I")
_AT_ONCE = PIPE_BUF // _NUMBER.size
"""So many numbers go into a pipe all or not at all."""


class Numbers:
    """The numbers of the jobs that nobody has begun.

    Attributes:
        reader, writer: The ends of the pipe.
    """

    def __init__(self, context: Any) -> None:
        self.reader, self.writer = context.Pipe(duplex=False)
        os.set_blocking(self.writer.fileno(), False)
        self._offered = 0

    def offer(self, count: int) -> None:
        """Put in as many as there is room for, up to `count` in all; after the last one the pipe ends."""
        while self._offered < count:
            some = range(self._offered, min(self._offered + _AT_ONCE, count))
            try:
                os.write(self.writer.fileno(), b"".join(map(_NUMBER.pack, some)))
            except BlockingIOError:
                return
            self._offered = some.stop
        self.writer.close()

    def close(self) -> None:
        """Offer no more."""
        self.reader.close()
        self.writer.close()


def next_job(numbers: Connection) -> int | None:
    """The next job's number; None where none is left."""
    data = os.read(numbers.fileno(), _NUMBER.size)
    return _NUMBER.unpack(data)[0] if data else None
