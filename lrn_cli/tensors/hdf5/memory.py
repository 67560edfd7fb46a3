"""A limit on the memory that HDF5 may take to unpack a chunk: a small one may become any size."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from lrn_cli.tensors.limits import LARGEST_CHUNK

_FOR_EACH_CHUNK = 4
"""Copies of a chunk that HDF5 may have at one time: before and behind filters, and as it doubles its memory."""

_one_at_a_time = Lock()  # the limit is the whole process's; HDF5 lets in one thread at a time, too


@contextmanager
def limited(chunk: int) -> Iterator[None]:
    """Limit the memory of this process to what it has and what unpacking takes.

    HDF5 doubles its memory until what is packed in a chunk fits, whatever the chunk's size should be: 5 MB took 20 GB.
    What it cannot get it reports as an error.

    Args:
        chunk: Bytes of a chunk.
    """
    try:
        import resource
    except ImportError:  # this system has no such limit
        yield
        return
    with _one_at_a_time:
        before = resource.getrlimit(resource.RLIMIT_DATA)
        with suppress(OSError, ValueError):
            held = int(Path("/proc/self/statm").read_text().split()[5]) * mmap.PAGESIZE
            wanted = held + LARGEST_CHUNK + _FOR_EACH_CHUNK * chunk
            if before[0] == resource.RLIM_INFINITY or wanted < before[0]:
                resource.setrlimit(resource.RLIMIT_DATA, (wanted, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, before)
