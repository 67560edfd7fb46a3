"""Writing arrays into an .npz archive as `np.savez` does, with the other entries copied as they are."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext, suppress
from typing import IO

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.archive_plan import SUFFIX, Plan, plan
from lrn_cli.tensors.npy.archives import descriptor_of
from lrn_cli.tensors.npy.entries import Entry
from lrn_cli.tensors.npy.files import NewFile
from lrn_cli.tensors.npy.header import encode_header
from lrn_cli.tensors.pieces import copy_bytes
from lrn_cli.tensors.replace import one_at_a_time
from lrn_cli.tensors.targets import Pending
from lrn_cli.tensors.tensor import Sink, Writing

_BUFFER = 1 << 20


class _NewArchive(Pending):
    """An archive that is being written, entry by entry.

    Args:
        writings: The outputs.
        planned: What else there is to be in it; the base stays open until it is complete.
        stack: Closes the base.
    """

    def __init__(self, writings: Sequence[Writing], planned: Plan, stack: ExitStack) -> None:
        self._writings, self._planned, self._stack = writings, planned, stack
        self._file = NewFile(writings[0], adds=planned.places[0].adds)
        # With a descriptor of its own: what is left in the buffer of a file that is given up must go nowhere else.
        self._stream = os.fdopen(os.dup(self._file.descriptor), "wb", buffering=_BUFFER)
        self._archive = zipfile.ZipFile(self._stream, "w")
        self._archive.comment = planned.comment
        self._left, self._number = list(planned.order), -1
        self._entry: IO[bytes] | None = None

    def write(self, number: int, memory: memoryview) -> None:
        """Write the next bytes of an output."""
        with self._file.in_words():
            self._begin(number)
            assert self._entry is not None  # noqa: S101
            self._entry.write(memory)

    def _begin(self, number: int) -> None:
        """Begin an output, after the entries that stand before it; those before one that comes later stay for then."""
        if number == self._number:
            return
        self._end()
        place = self._left.index(number)
        self._copy([item for item in self._left[:place] if isinstance(item, Entry)])
        self._left[: place + 1] = [item for item in self._left[:place] if isinstance(item, int)]
        writing = self._writings[number]
        about = zipfile.ZipInfo(self._planned.places[number].member + SUFFIX)  # of 1980, as np.savez has it
        about.compress_type = self._planned.methods[number]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an archive in which a name stood twice
            self._entry, self._number = self._archive.open(about, "w", force_zip64=True), number
        order = writing.source.info.fortran_order
        self._entry.write(encode_header(writing.shape, order, writing.dtype, writing.narrow))

    def _end(self) -> None:
        entry, self._entry = self._entry, None
        if entry is not None:
            entry.close()

    def _copy(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            at = self._archive.start_dir
            head, about = entry.placed(at)
            self._stream.seek(at)
            self._stream.write(head)
            self._stream.flush()
            base, size, to = self._planned.base, about.compress_size, at + len(head)
            assert base is not None  # noqa: S101
            if copy_bytes(descriptor_of(base), self._file.descriptor, size, entry.at, to) < size:
                raise LrnError(f"{self._file.path}: {about.filename} was cut while it was copied", "try again")
            self._archive.start_dir = self._stream.seek(to + size)
            self._archive.filelist.append(about)
            self._archive.NameToInfo[about.filename] = about

    def commit(self) -> None:
        """Write what is left, and give the file its name, unless the one that it is from has changed meanwhile."""
        with self._file.in_words():
            for number in [item for item in self._left if isinstance(item, int)]:
                self._begin(number)
            self._end()
            self._copy([item for item in self._left if isinstance(item, Entry)])
            self._archive.close()
            self._stream.close()
        old, adds = self._planned.old, self._planned.places[0].adds
        with one_at_a_time(self._file.path) if adds else nullcontext():
            if old is not None:
                old.check()
            self._file.commit()
        self._stack.close()

    def abort(self) -> None:
        """Remove the unfinished file."""
        for ending in (self._end, self._archive.close, self._stream.close):
            with suppress(OSError, ValueError):
                ending()
        self._file.abort()
        self._stack.close()


class NpzSink(Sink):
    """An array of an archive, written in its order."""

    sequential = True

    def __init__(self, archive: _NewArchive, number: int) -> None:
        self._archive, self._number = archive, number

    def write(self, _box: Box, block: Array) -> None:
        """Write a block, which begins where the last one ended."""
        self._archive.write(self._number, block.reshape(-1).view("u1").data)

    def commit(self) -> None:
        """Give the archive its name."""
        self._archive.commit()

    def abort(self) -> None:
        """Remove the unfinished archive."""
        self._archive.abort()


def begin(writings: Sequence[Writing]) -> list[Sink]:
    """Begin an archive of arrays, or arrays beside the other entries of an archive, in whose order they should come.

    Raises:
        LrnError: As `plan`, or the file cannot be made.
    """
    with ExitStack() as stack:
        planned = stack.enter_context(plan(writings))
        archive = _NewArchive(writings, planned, stack.pop_all())
    return [NpzSink(archive, number) for number in range(len(writings))]
