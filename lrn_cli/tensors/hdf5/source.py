"""Reading a dataset block by block."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock

import h5py
from h5py import h5d, h5g

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import Unchanged, check_chunk, limit_memory
from lrn_cli.tensors.hdf5 import filters, links
from lrn_cli.tensors.hdf5.description import tensor_info
from lrn_cli.tensors.hdf5.floats import read_bytes
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS, in_words, open_to_read
from lrn_cli.tensors.hdf5.listing import elsewhere
from lrn_cli.tensors.hdf5.meaning import attributes_as_json, axes_of_matlab, meaning_of
from lrn_cli.tensors.hdf5.properties import access_list
from lrn_cli.tensors.hdf5.raw.places import Elements, elements_of
from lrn_cli.tensors.hdf5.virtual import Sources
from lrn_cli.tensors.meaning import Attributes
from lrn_cli.tensors.silence import silence
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo


class Hdf5Source(Source):
    """An open dataset.

    Args:
        path: The file.
        member: The dataset's path in it, which may lead through links.
        reading: Whether to follow links and storage into other files.
        beside: A source of the same file, which is closed after this one: they share it, for HDF5 takes long to close
            one with many open datasets.

    Attributes:
        file: The file, open.
        dataset: The dataset, open.
        foreign: Whether the dataset is in another file, to which a link led.
        meaning: What its attributes say of its numbers.

    Raises:
        LrnError: There is no such dataset, it is in other files, or this machine lacks one of its filters.
    """

    path: Path
    file: h5py.File

    def __init__(self, path: Path, member: str, reading: Reading, beside: Hdf5Source | None = None) -> None:
        self.path, self._beside = path, beside
        self._elements: Elements | None = None
        self._lock = Lock()
        self._long_call = reading.long_call
        self.file = open_to_read(path) if beside is None else beside.file
        # What is added to a file meanwhile, as HDF5 lets another program, does not concern what was there.
        self.growing = bool(self.file.swmr_mode)
        self._unchanged = None if self.growing else Unchanged(path)
        self._sources = Sources(f"{path}::{links.normal(member)}", allow_external=reading.allow_external)
        try:
            self._open(member, reading)
        except BaseException:
            self._sources.close()
            self._close_file()
            raise
        if beside is not None:
            self._let_go()

    def _open(self, member: str, reading: Reading) -> None:
        place = links.resolve(self.file, self.path, member, allow_external=reading.allow_external)
        shown = f"{self.path}::{place.path}"
        with in_words(shown, "the dataset is damaged"):
            self.info = self._describe(place, reading)
            self.foreign = place.foreign
            storage = place.open().get_create_plist()
            self.dataset = h5py.Dataset(
                h5d.open(place.group, place.name, access_list(storage, self.info.dtype.itemsize))
            )
            self._plugins = filters.are_plugins(storage) or self.info.filters[:1] == ("virtual",)
            self._elements = elements_of(self.dataset, self.info.dtype)
            self._plain = self._elements is not None
            self._chunk = _chunk_size(self.info)
            self.meaning = meaning_of(self.dataset, self.info, reading.cf)
        if self.meaning.decoding is not None:
            self.info = self.info._replace(dtype=self.meaning.decoding.dtype)

    def _describe(self, place: links.Place, reading: Reading) -> TensorInfo:
        """The dataset's description, once nothing speaks against reading it."""
        item = place.open()
        shown = f"{self.path}::{place.path}"
        if not isinstance(item, h5d.DatasetID):
            near = links.nearest(self.file, place.path)
            what = "a group" if isinstance(item, h5g.GroupID) else "a datatype"
            hint = f"did you mean {self.path}::{near}?" if near else f"lrn info {self.path}"
            raise LrnError(f"{shown}: is {what}, not a dataset", hint)
        storage = item.get_create_plist()
        outside = elsewhere(storage)
        if outside == "virtual":
            self._sources.check(item)
        elif outside and not reading.allow_external:
            name = storage.get_external(0)[0].decode("utf-8", "replace")
            raise LrnError(f"{shown}: keeps its numbers in another file, {name}", links.ALLOW)
        if lacking := filters.missing(storage):
            raise LrnError(f"{shown}: is stored with {lacking}, which is not installed", "pip install hdf5plugin")
        described = tensor_info(item, place.path, reading)
        if described is None:
            raise LrnError(f"{shown}: has no shape and no numbers (an empty dataspace)", f"lrn info {self.path}")
        info = reading.name_bytes(described)
        if "damaged" in info.filters:
            raise LrnError(f"{shown}: the dataset is damaged", "copy or download the file again")
        if info.chunks and storage.get_nfilters():
            repacked = ", or h5repack into smaller chunks"
            check_chunk(shown, _chunk_size(info), reading.max_bytes, what="chunks", otherwise=repacked)
        return info

    def survey(self) -> tuple[str, ...]:
        """Look at what the attributes say of the numbers; see `Source`."""
        shown = f"{self.path}::{self.info.member}"
        said = self.meaning.survey(shown, self._read_stored)
        found = (*said, *axes_of_matlab(shown, self.info, self.meaning))
        if self._beside is not None:
            self._let_go()
        return found

    def attributes(self) -> Attributes:
        """Those that are numbers or text; see `Described`."""
        return attributes_as_json(self.dataset)

    def read(self, box: Box, out: Array) -> None:
        """Read a block."""
        self.meaning.read(self._read_stored, box, out)

    def _read_stored(self, box: Box, out: Array) -> None:
        """Read a block as it is in the file."""
        if not out.size:
            return
        with in_words(_name_block(self.path, self.info, box), "the file ends early or a chunk is damaged", "--debug"):
            elements = self._at_hand()
            if elements is not None and elements.has(box):
                elements.read(box, out)
            else:
                with self._long_call(), self._unpacking():
                    if self.info.narrow:
                        read_bytes(self.dataset.id, box, out)
                    else:
                        self.dataset.read_direct(out, source_sel=box)

    def _at_hand(self) -> Elements | None:
        """The elements past HDF5, opened again where they were let go of."""
        with self._lock:
            if self._plain and self._elements is None:
                self._elements = elements_of(self.dataset, self.meaning.stored)
                if self._elements is None:
                    raise OSError("the file was cut")  # HDF5 would take zeros for what is missing
            return self._elements

    def _let_go(self) -> None:
        """Close the elements until they are read: each of many open datasets would hold memory and a descriptor."""
        elements, self._elements = self._elements, None
        if elements is not None:
            elements.close()

    @contextmanager
    def _unpacking(self) -> Iterator[None]:
        """Keep filters within bounds: in memory, and those that are not HDF5's own in what they say."""
        with ExitStack() as stack:
            if self.info.filters:
                stack.enter_context(limit_memory(self._chunk))
            if self._plugins:
                stack.enter_context(silence())
            yield

    def finish(self) -> None:
        """Check that nobody has written to the file meanwhile."""
        self._let_go()
        if self._unchanged is not None:
            self._unchanged.check()

    def _close_file(self) -> None:
        if self._beside is None:
            self.file.close()

    def close(self) -> None:
        """Let go of the dataset and the file."""
        self._let_go()
        try:
            self.dataset.id.close()
            self._sources.close()
            self._close_file()
        except H5PY_ERRORS:
            pass  # closed before; nothing that was only read can be lost


def _chunk_size(info: TensorInfo) -> int:
    """Bytes of a chunk, unpacked; 0 where there are none."""
    return math.prod(info.chunks) * info.dtype.itemsize if info.chunks else 0


def _name_block(path: Path, info: TensorInfo, box: Box) -> str:
    return f"{path}::{info.member}[{', '.join(f'{part.start}:{part.stop}' for part in box)}]"
