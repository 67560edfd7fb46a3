"""Writing a dataset block by block, into a new file or into a copy of the one that it joins."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import h5py
import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.hdf5.creation import add_dataset, copy_user_block, open_to_add, start_file
from lrn_cli.tensors.hdf5.destination import Destination, destination
from lrn_cli.tensors.hdf5.floats import write_bytes
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS, in_words
from lrn_cli.tensors.hdf5.raw.places import Elements, elements_of
from lrn_cli.tensors.replace import Replacement
from lrn_cli.tensors.tensor import Array, Sink, Writing


def create(writing: Writing) -> Sink:
    """Begin the output: a new file with what belongs to the dataset, or a copy of the old one to which it is added.

    Raises:
        LrnError: What `check` refuses, or the output's beginnings cannot be written.
    """
    where = destination(writing)
    replacement = Replacement(writing.path, force=writing.force or where.adds, fsync=writing.fsync)
    try:
        return Hdf5Sink(writing, where, replacement)
    except BaseException:
        replacement.abort()
        raise


class Hdf5Sink(Sink):
    """A dataset being written.

    Args:
        writing: What to write.
        where: Where it is to stand.
        replacement: The file being made.
    """

    def __init__(self, writing: Writing, where: Destination, replacement: Replacement) -> None:
        self._path, self._replacement, self._source = writing.path, replacement, writing.source
        self._shown = f"{writing.path}::{where.member}"
        self._long_call, self._narrow = writing.long_call, writing.narrow
        self._reversed = writing.source.info.fortran_order
        self._elements: Elements | None = None
        self._old = Unchanged(writing.path) if where.adds else None
        with in_words(writing.path, "cannot be written"):
            if where.adds:
                _duplicate(writing.path, replacement.path)
            self._file = open_to_add(replacement.path) if where.adds else start_file(replacement.path, writing)
        try:
            with in_words(self._shown, "cannot be written"):
                self._dataset, self._copies = add_dataset(self._file, writing, where)
                self._elements = elements_of(self._dataset, writing.dtype, made=True)
                if self._elements is not None:
                    self._elements.reserve()
        except BaseException:
            with suppress(OSError):
                self._close_elements()
            _let_go(self._file)
            raise

    def write(self, box: Box, block: Array) -> None:
        """Write a block."""
        if not block.size:
            return
        if self._reversed:
            box, block = box[::-1], block.T
        with in_words(self._shown, "cannot be written"):
            if self._elements is not None:
                self._elements.write(box, np.ascontiguousarray(block))
            else:
                with self._long_call():
                    if self._narrow:
                        write_bytes(self._dataset.id, box, np.ascontiguousarray(block))
                    else:
                        self._dataset.write_direct(np.ascontiguousarray(block), dest_sel=box)

    def _close_elements(self) -> None:
        elements, self._elements = self._elements, None
        if elements is not None:
            elements.close()

    def commit(self) -> None:
        """Make the output appear under its name."""
        with in_words(self._path, "cannot be written"):
            self._close_elements()
            # A close that fails cannot be repeated, a flush can: errors are to come from the flush.
            with self._long_call():  # the last chunks are compressed now
                self._file.flush()
                self._file.close()
                if self._copies is not None:
                    self._copies.verify(self._replacement.path, self._path)
            if self._old is None:
                copy_user_block(self._replacement.path, self._source)
                self._replacement.commit()
                return
            with _one_at_a_time(self._path):
                self._old.check()  # or what another has added to it meanwhile would be lost
                self._replacement.commit()

    def abort(self) -> None:
        """Remove every trace of the output."""
        with suppress(OSError):
            self._close_elements()
        try:
            with self._long_call():
                _let_go(self._file)
        finally:
            with suppress(OSError):
                self._replacement.abort()


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Have other runs wait that would replace a file in this folder, where the file system knows locks."""
    try:
        from fcntl import LOCK_EX, flock
    except ImportError:  # this system has no such lock
        yield
        return
    with ExitStack() as stack:
        with suppress(OSError):
            folder = os.open(Path(os.path.realpath(path)).parent, os.O_RDONLY)
            stack.callback(os.close, folder)
            flock(folder, LOCK_EX)
        yield


def _let_go(file: h5py.File) -> None:
    """Close a file that will be removed, even if its disk is full.

    HDF5 insists on writing what it has cached, and a file that it could not close crashes the process when that ends
    (segmentation fault in HDF5 2.0). So where writing fails, its writes are led to the null device.
    """
    if not file:
        return
    try:
        file.flush()
    except H5PY_ERRORS:
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, file.id.get_vfd_handle())
            os.close(nowhere)
    with suppress(*H5PY_ERRORS):
        file.close()


def _duplicate(old: Path, new: Path) -> None:
    """Copy a file's bytes, inside the kernel where it can: some file systems then share them until one changes."""
    with old.open("rb") as source, new.open("r+b") as copy:
        try:
            while os.copy_file_range(source.fileno(), copy.fileno(), 1 << 30):
                pass
        except (AttributeError, OSError):
            source.seek(0)
            copy.seek(0)
            copy.truncate()
            shutil.copyfileobj(source, copy, 1 << 22)
