"""Writing datasets block by block, into a new file or into a copy of the one that they join."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import h5py
import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.hdf5.creation import add_datasets, copy_user_block, open_to_add, start_file
from lrn_cli.tensors.hdf5.destination import Destinations, destinations
from lrn_cli.tensors.hdf5.floats import write_bytes
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS, in_words
from lrn_cli.tensors.hdf5.raw.places import Elements, elements_of
from lrn_cli.tensors.pieces import copy_bytes
from lrn_cli.tensors.replace import Replacement, one_at_a_time
from lrn_cli.tensors.tensor import Sink, Writing


def begin(writings: Sequence[Writing]) -> Sequence[Sink]:
    """Begin the output: a new file with what belongs to the datasets, or a copy of the old one to which they are added.

    Raises:
        LrnError: What `check` refuses, or the output's beginnings cannot be written.
    """
    where = destinations(writings)
    first = writings[0]
    replacement = Replacement(first.path, force=first.force or where.adds, fsync=first.fsync)
    try:
        return Output(writings, where, replacement).sinks
    except BaseException:
        replacement.abort()
        raise


class Output:
    """A file being made, with one or several datasets that are written.

    Args:
        writings: What to write: datasets of one file.
        where: Where they are to stand.
        replacement: The file being made.

    Attributes:
        sinks: One for each dataset. They are written to one after the other, and any of them commits and aborts all.
    """

    def __init__(self, writings: Sequence[Writing], where: Destinations, replacement: Replacement) -> None:
        first = writings[0]
        self._path, self._replacement, self._source = first.path, replacement, first.source
        self._long_call = first.long_call
        self._old = Unchanged(first.path) if where.adds else None
        self._elements: Elements | None = None
        self._turn: Sink | None = None
        self._lock = Lock()
        with in_words(first.path, "cannot be written"):
            if where.adds:
                _duplicate(first.path, replacement.path)
            self._file = open_to_add(replacement.path) if where.adds else start_file(replacement.path, first)
        try:
            shown = [f"{first.path}::{member}" for member in where.members]
            with in_words(shown[0], "cannot be written"):
                datasets, self._copies = add_datasets(self._file, writings, where)
            self.sinks = [Hdf5Sink(self, *of) for of in zip(writings, datasets, shown, strict=True)]
            for sink in self.sinks:
                sink.reserve()
        except BaseException:
            with suppress(OSError):
                self._close_elements()
            _let_go(self._file)
            raise

    def turn_to(self, sink: Sink, dataset: h5py.Dataset, dtype: np.dtype[Any]) -> Elements | None:
        """The elements of the dataset that is being written, from any thread.

        Those of the one before are let go of: each holds memory and a descriptor.
        """
        with self._lock:
            if self._turn is not sink:
                self._close_elements()
                self._turn, self._elements = sink, elements_of(dataset, dtype, made=True)
            return self._elements

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
            with one_at_a_time(self._path):
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


class Hdf5Sink(Sink):
    """A dataset being written.

    Args:
        output: The file that it is in.
        writing: What to write.
        dataset: The dataset.
        shown: What to call it.
    """

    def __init__(self, output: Output, writing: Writing, dataset: h5py.Dataset, shown: str) -> None:
        self._output, self._dataset, self._dtype, self._shown = output, dataset, writing.dtype, shown
        self._long_call, self._narrow = writing.long_call, writing.narrow
        self._reversed = writing.source.info.fortran_order

    def reserve(self) -> None:
        """Take the room on the disk."""
        with in_words(self._shown, "cannot be written"):
            elements = self._output.turn_to(self, self._dataset, self._dtype)
            if elements is not None:
                elements.reserve()

    def write(self, box: Box, block: Array) -> None:
        """Write a block."""
        if not block.size:
            return
        if self._reversed:
            box, block = box[::-1], block.T
        with in_words(self._shown, "cannot be written"):
            elements = self._output.turn_to(self, self._dataset, self._dtype)
            if elements is not None:
                elements.write(box, np.ascontiguousarray(block))
            else:
                with self._long_call():
                    if self._narrow:
                        write_bytes(self._dataset.id, box, np.ascontiguousarray(block))
                    else:
                        self._dataset.write_direct(np.ascontiguousarray(block), dest_sel=box)

    def commit(self) -> None:
        """Make the file appear under its name."""
        self._output.commit()

    def abort(self) -> None:
        """Remove every trace of the file."""
        self._output.abort()


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
    """Copy a file's bytes."""
    with old.open("rb") as source, new.open("r+b") as copy:
        copy_bytes(source.fileno(), copy.fileno(), os.fstat(source.fileno()).st_size)
