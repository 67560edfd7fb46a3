"""Libraries that tell standard error themselves what they find in a file: held back while they work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

_STDERR = 2
_one_at_a_time = RLock()  # or one thread would take for standard error what another has put in its place


@contextmanager
def silence() -> Iterator[None]:
    """Lead what is written to standard error nowhere: for as short as can be, as it is the whole process's."""
    with _one_at_a_time:
        try:
            spoken = os.dup(_STDERR)
        except OSError:  # closed: nothing can be said anyway
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _STDERR)
            os.close(nowhere)
            yield
        finally:
            os.dup2(spoken, _STDERR)
            os.close(spoken)
