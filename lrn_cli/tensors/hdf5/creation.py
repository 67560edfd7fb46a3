"""Making the datasets to be written, with everything that belongs to them except their numbers."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import h5py
from h5py import h5d, h5f, h5g, h5p, h5s, h5t

from lrn_cli.errors import LrnError
from lrn_cli.tensors.amendments import amendments
from lrn_cli.tensors.guards import LARGEST_CHUNK
from lrn_cli.tensors.hdf5 import calls, filters, links
from lrn_cli.tensors.hdf5.amendments import amend, fit_fill_value
from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.copying import scales
from lrn_cli.tensors.hdf5.copying.companions import Companions
from lrn_cli.tensors.hdf5.copying.copies import Copies
from lrn_cli.tensors.hdf5.copying.references import name_of
from lrn_cli.tensors.hdf5.destination import Destinations, remove
from lrn_cli.tensors.hdf5.floats import make_type
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS, open_file
from lrn_cli.tensors.hdf5.listing import identity
from lrn_cli.tensors.hdf5.properties import access_list, link_list, plain_storage, report_dropped, storage_like
from lrn_cli.tensors.hdf5.source import Hdf5Source
from lrn_cli.tensors.tensor import Source, Writing

_GENERATIONS = {2: h5f.LIBVER_V18, 3: h5f.LIBVER_V110}
"""The oldest version of HDF5 that a file with such a superblock is for. A file of HDF5 1.8 or later may have attributes
above 64 KiB, which only its own object headers hold."""
_PIECE = 1 << 20
"""Bytes of a user block to copy at a time."""


def start_file(path: Path, writing: Writing) -> h5py.File:
    """A new file, of the source file's generation and settings: user block, sizes of addresses, order of members.

    Args:
        path: The empty file that it takes the place and the permissions of.
        writing: What will be written to it.

    Raises:
        LrnError: It cannot be made.
    """
    settings = h5p.create(h5p.FILE_CREATE)
    if isinstance(writing.source, Hdf5Source):
        settings = _settings_of(writing.source, writing.path)
    # Made anew rather than emptied: when a file that was once emptied is closed, ext4 first assigns its blocks, which
    # doubles the time that a large file takes.
    path.unlink()
    file = h5py.File(h5f.create(os.fsencode(path), h5f.ACC_EXCL, settings, _access(settings)))
    path.chmod(0o600)
    return file


def open_to_add(path: Path) -> h5py.File:
    """A file to which a dataset is to be added, in the way of its generation.

    Raises:
        LrnError: It cannot be opened.
    """
    with open_file(path) as file:
        access = _access(file.id.get_create_plist())
    return h5py.File(h5f.open(os.fsencode(path), h5f.ACC_RDWR, access))


def _access(settings: h5p.PropFCID) -> h5p.PropFAID:
    """How a file with such settings is written to: so that the versions of HDF5 that it is for can read it."""
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_libver_bounds(_GENERATIONS.get(settings.get_version()[0], h5f.LIBVER_EARLIEST), h5f.LIBVER_LATEST)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    return access


def _settings_of(source: Hdf5Source, output: Path) -> h5p.PropFCID:
    """The creation list of the source's file."""
    settings = source.file.id.get_create_plist()
    block = settings.get_userblock()
    if block > LARGEST_CHUNK:
        what = f"begins with a user block of {block:,} bytes, the limit is {LARGEST_CHUNK:,}"
        raise LrnError(f"{source.path}: {what}", f"-o {output.with_suffix('.npy')}")
    # HDF5 tells what holds for the root group only where it is asked as a group.
    calls.copy_group_settings(h5g.open(source.file.id, b"/"), settings)
    return settings


def copy_user_block(path: Path, source: Source) -> None:
    """Give a new file, which is closed, the user block of the source's: the bytes before HDF5's own.

    Raises:
        OSError: They cannot be read or written.
    """
    size = source.file.userblock_size if isinstance(source, Hdf5Source) else 0
    if isinstance(source, Hdf5Source) and size:
        with source.path.open("rb") as old, path.open("r+b") as new:
            while size and (piece := old.read(min(size, _PIECE))):
                size -= new.write(piece)


class Result(NamedTuple):
    """A dataset to be made from one of an HDF5 file.

    Attributes:
        source: The one that it is made from.
        writing: What will be written to it.
        member: Its path.
    """

    source: Hdf5Source
    writing: Writing
    member: str

    @property
    def not_copied(self) -> set[bytes]:
        """Names of the source's attributes that results do not have, or have with other values."""
        changed = amendments(self.source.meaning, self.writing.dtype)
        return {links.encode(name) for name in (*self.writing.provenance, *changed)}


def add_datasets(
    file: h5py.File, writings: Sequence[Writing], where: Destinations
) -> tuple[list[h5py.Dataset], Copies | None]:
    """Make datasets in their file, with attributes and scales; in a new file also the source file's other objects.

    Args:
        file: The file.
        writings: What will be written to them, all from one file.
        where: Where they are to stand.

    Returns:
        The datasets, and what was copied with them; None where there was nothing to copy.

    Raises:
        LrnError: They cannot be made.
    """
    places = list(zip(writings, where.members, strict=True))
    if where.adds:
        for writing, member in places:
            remove(file, writing.path, member)
    results = [Result(source, *of) for of in places if isinstance(source := of[0].source, Hdf5Source)]
    copies = None
    if not results:
        for writing, member in places:
            _make(file, writing, member)
    elif where.adds or writings[0].only:
        copies = _make_alone(file, results, adds=where.adds)
    else:
        copies = _make_among_companions(file, results)
    for source, writing, member in results:
        amend(source.dataset, file[member], source.meaning, writing.notice)
    datasets = [file[member] for member in where.members]
    first = writings[0]
    if not results and first.source.left_behind:
        first.notice(f"{first.path}: not kept of {first.source.path}: {first.source.left_behind}")
    for writing, dataset in zip(writings, datasets, strict=True):
        for name, value in writing.provenance.items():
            text = value if isinstance(value, str) else json.dumps(value)
            dataset.attrs.create(name, text, dtype=h5py.string_dtype())
    return datasets, copies


def _make_among_companions(file: h5py.File, results: Sequence[Result]) -> Copies:
    companions = Companions(results[0].source, file, results[0].writing.notice)
    for result in results:
        made = _make(file, result.writing, None, companions.copies)
        companions.replace(result.source, made, result.member, without=result.not_copied)
    companions.copy()
    return companions.copies


def _make_alone(file: h5py.File, results: Sequence[Result], *, adds: bool) -> Copies:
    """Make datasets, with attributes and scales, where the other objects of their file are not there, or are others."""
    members = {identity(result.source.dataset.id): result.member for result in results}

    def find(item: Item) -> str | None:
        name = members.get(identity(item)) or name_of(item)
        return name if name and links.exists(file, name) else None

    copies = Copies(results[0].source.dataset.file, file, find, results[0].writing.notice, whole=False)
    made = [_make(file, result.writing, result.member) for result in results]
    for result, dataset in zip(results, made, strict=True):
        old, new, notice = result.source.dataset, h5py.Dataset(dataset), result.writing.notice
        if adds:
            scales.attach_present_scales(old, new, lambda path: links.exists(file, path), notice)
        else:
            scales.copy_scales(old, new, copies, notice)
        copies.describe(old.id, dataset, result.member, without=result.not_copied | scales.LISTS)
    return copies


def _make(file: h5py.File, writing: Writing, member: str | None, copies: Copies | None = None) -> h5d.DatasetID:
    """Make a dataset: stored as its source is if that is one too, else contiguous and without filters.

    Args:
        file: In which file.
        writing: What will be written to it.
        member: Its path; None where it gets its name later.
        copies: Brings the type along where it is an object of the old file.
    """
    dtype = writing.dtype
    source = writing.source if isinstance(writing.source, Hdf5Source) else None
    storage, limits = plain_storage(), writing.shape
    if source is not None and source.dataset.shape == writing.shape:
        storage = storage_like(source.dataset, dtype, writing.notice)
        fit_fill_value(storage, source.meaning, dtype)
        if source.dataset.chunks:
            limits = source.dataset.id.get_space().get_simple_extent_dims(maxdims=True)
    space = h5s.create_simple(writing.shape, limits)

    def make() -> h5d.DatasetID:
        kind = make_type(writing.narrow) if writing.narrow else h5t.py_create(dtype, logical=True)
        if writing.narrow and source is not None and source.dataset.dtype == dtype:
            kind = source.dataset.id.get_type()  # raw bytes, whose type was said
        if copies is not None and source is not None and kind.equal(source.dataset.id.get_type()):
            kind = copies.datatypes.bring(source.dataset.id.get_type())
        name, entering = (links.encode(member), link_list(path=member)) if member is not None else (None, None)
        return h5d.create(file.id, name, kind, space, storage, entering, access_list(storage, dtype.itemsize))

    try:
        return make()
    except H5PY_ERRORS as error:
        # A filter from elsewhere may refuse the new dtype; only it knows.
        dropped = filters.drop_particular(storage)
        if not dropped:
            raise LrnError(f"{writing.path}: HDF5 cannot make this dataset as {dtype}", "--only") from error
        report_dropped(dropped, dtype, writing.notice)
        return make()
