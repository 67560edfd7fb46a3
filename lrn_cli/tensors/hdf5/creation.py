"""Making the dataset to be written, with everything that belongs to it except its numbers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import h5py
from h5py import h5d, h5f, h5g, h5p, h5s, h5t

from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import LARGEST_CHUNK
from lrn_cli.tensors.hdf5 import calls, filters, links
from lrn_cli.tensors.hdf5.amendments import amend, amendments, fit_fill_value
from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.copying import scales
from lrn_cli.tensors.hdf5.copying.companions import Companions
from lrn_cli.tensors.hdf5.copying.copies import Copies
from lrn_cli.tensors.hdf5.copying.references import name_of
from lrn_cli.tensors.hdf5.destination import Destination, exists, remove
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


def add_dataset(file: h5py.File, writing: Writing, where: Destination) -> tuple[h5py.Dataset, Copies | None]:
    """Make the dataset in its file, with its attributes and scales; in a new file also the source file's other objects.

    Returns:
        The dataset, and what was copied with it; None where there was nothing to copy.

    Raises:
        LrnError: It cannot be made.
    """
    source, member = writing.source, where.member
    if where.adds:
        remove(file, writing.path, member)
    copies = None
    if not isinstance(source, Hdf5Source):
        _make(file, writing, member, None)
    elif where.adds or writing.only:
        _make(file, writing, member, source.dataset)
        copies = _describe_alone(file, writing, where, source)
    else:
        copies = _make_among_companions(file, writing, member, source)
    dataset = file[member]
    if isinstance(source, Hdf5Source):
        amend(source.dataset, dataset, source.meaning, writing.notice)
    elif source.left_behind:
        writing.notice(f"{writing.path}: not kept of {source.path}: {source.left_behind}")
    for name, value in writing.provenance.items():
        text = value if isinstance(value, str) else json.dumps(value)
        dataset.attrs.create(name, text, dtype=h5py.string_dtype())
    return dataset, copies


def _make_among_companions(file: h5py.File, writing: Writing, member: str, source: Hdf5Source) -> Copies:
    companions = Companions(source, file, writing.notice)
    made = _make(file, writing, None, source.dataset, companions.copies)
    companions.copy(made, member, without=_not_copied(writing, source))
    return companions.copies


def _not_copied(writing: Writing, source: Hdf5Source) -> set[bytes]:
    """Names of the source's attributes that results do not have, or have with other values."""
    return {links.encode(name) for name in (*writing.provenance, *amendments(source.meaning, writing.dtype))}


def _describe_alone(file: h5py.File, writing: Writing, where: Destination, source: Hdf5Source) -> Copies:
    """Give a dataset its attributes and scales where the other objects of its file are not there, or are others."""
    own = identity(source.dataset.id)

    def find(item: Item) -> str | None:
        if identity(item) == own:
            return where.member
        name = name_of(item)
        return name if name and exists(file, name) else None

    copies = Copies(source.dataset.file, file, find, writing.notice, whole=False)
    new = file[where.member]
    if where.adds:
        scales.attach_present_scales(source.dataset, new, lambda path: exists(file, path), writing.notice)
    else:
        scales.copy_scales(source.dataset, new, copies, writing.notice)
    copies.describe(source.dataset.id, new.id, where.member, without=_not_copied(writing, source) | scales.LISTS)
    return copies


def _make(
    file: h5py.File, writing: Writing, member: str | None, like: h5py.Dataset | None, copies: Copies | None = None
) -> h5d.DatasetID:
    """Make the dataset.

    Args:
        file: In which file.
        writing: What will be written to it.
        member: Its path; None where it gets its name later.
        like: A dataset that is stored as this one shall be; contiguous and without filters where there is none.
        copies: Brings the type along where it is an object of the old file.
    """
    dtype = writing.dtype
    storage, limits = plain_storage(), writing.shape
    if like is not None and like.shape == writing.shape:
        storage = storage_like(like, dtype, writing.notice)
        if isinstance(writing.source, Hdf5Source):
            fit_fill_value(storage, writing.source.meaning, dtype)
        limits = like.id.get_space().get_simple_extent_dims(maxdims=True) if like.chunks else writing.shape
    space = h5s.create_simple(writing.shape, limits)

    def make() -> h5d.DatasetID:
        kind = h5t.py_create(dtype, logical=True)
        if copies is not None and like is not None and kind.equal(like.id.get_type()):
            kind = copies.datatypes.bring(like.id.get_type())
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
