"""Making the dataset to be written, with everything that belongs to it except its numbers."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
from h5py import h5d, h5g, h5i, h5s, h5t

from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5 import filters, links, scales
from lrn_cli.tensors.hdf5.amendments import amend, fit_fill_value
from lrn_cli.tensors.hdf5.companions import Companions
from lrn_cli.tensors.hdf5.complaints import H5PY_ERRORS, open_file
from lrn_cli.tensors.hdf5.destination import Destination, exists, remove
from lrn_cli.tensors.hdf5.listing import Item, identity
from lrn_cli.tensors.hdf5.properties import access_list, link_list, plain_storage, report_dropped, storage_like
from lrn_cli.tensors.hdf5.references import References
from lrn_cli.tensors.hdf5.source import Hdf5Source
from lrn_cli.tensors.tensor import Writing

_RECENT = ("v108", "latest")


def start_file(path: Path, writing: Writing) -> h5py.File:
    """A new file, of the source file's generation, which keeps the order of its members if that does.

    Args:
        path: The empty file that it takes the place and the permissions of.
        writing: What will be written to it.

    Raises:
        LrnError: It cannot be made.
    """
    settings: dict[str, object] = {}
    if isinstance(writing.source, Hdf5Source):
        like = writing.source.file.id
        settings["track_order"] = bool(h5g.open(like, b"/").get_create_plist().get_link_creation_order())
        # A file of HDF5 1.8 or later may have attributes above 64 KiB, which only its own object headers hold.
        settings["libver"] = _RECENT if like.get_create_plist().get_version()[0] >= 2 else None
    # Made anew rather than emptied: when a file that was once emptied is closed, ext4 first assigns its blocks, which
    # doubles the time that a large file takes.
    path.unlink()
    file = open_file(path, "x", **settings)
    path.chmod(0o600)
    return file


def add_dataset(file: h5py.File, writing: Writing, where: Destination) -> h5py.Dataset:
    """Make the dataset in its file, with its attributes and scales; in a new file also the source file's other objects.

    Raises:
        LrnError: It cannot be made.
    """
    source, member = writing.source, where.member
    if where.adds:
        remove(file, writing.path, member)
    if not isinstance(source, Hdf5Source):
        _make(file, writing, member, None)
    elif where.adds or writing.only:
        _make(file, writing, member, source.dataset)
        _describe_alone(file, writing, where, source)
    else:
        _make_among_companions(file, writing, member, source)
    dataset = file[member]
    if isinstance(source, Hdf5Source):
        amend(dataset, source.meaning, writing.notice)
    for name, value in writing.provenance.items():
        text = value if isinstance(value, str) else json.dumps(value)
        dataset.attrs.create(name, text, dtype=h5py.string_dtype())
    return dataset


def _make_among_companions(file: h5py.File, writing: Writing, member: str, source: Hdf5Source) -> None:
    companions = Companions(source, file, writing.notice)
    companions.copy(lambda: _make(file, writing, member, source.dataset), member)
    companions.references.copy_attributes(source.dataset.id, file[member].id, member, without=writing.provenance)


def _describe_alone(file: h5py.File, writing: Writing, where: Destination, source: Hdf5Source) -> None:
    """Give a dataset its attributes and scales where the other objects of its file are not there, or are others."""
    own = identity(source.dataset.id)

    def find(item: Item) -> str | None:
        if identity(item) == own:
            return where.member
        name = (h5i.get_name(item) or b"").decode("utf-8", "surrogateescape")
        return name if name and exists(file, name) else None

    references = References(source.dataset.file, file, find, writing.notice)
    new = file[where.member]
    if where.adds:
        scales.attach_present_scales(source.dataset, new, lambda path: exists(file, path), writing.notice)
    else:
        scales.copy_scales(source.dataset, new, references, writing.notice)
    references.copy_attributes(source.dataset.id, new.id, where.member, without={*writing.provenance, *scales.LISTS})


def _make(file: h5py.File, writing: Writing, member: str, like: h5py.Dataset | None) -> None:
    """Make the dataset, stored as `like` is; contiguous and without filters where there is none."""
    dtype = writing.dtype
    storage, limits = plain_storage(), writing.shape
    if like is not None and like.shape == writing.shape:
        storage = storage_like(like, dtype, writing.notice)
        if isinstance(writing.source, Hdf5Source):
            fit_fill_value(storage, writing.source.meaning, dtype)
        limits = like.id.get_space().get_simple_extent_dims(maxdims=True) if like.chunks else writing.shape
    space = h5s.create_simple(writing.shape, limits)

    def make() -> None:
        kind, names = h5t.py_create(dtype, logical=True), link_list(with_groups=True)
        h5d.create(file.id, links.encoded(member), kind, space, storage, names, access_list(storage, dtype.itemsize))

    try:
        make()
    except H5PY_ERRORS as error:
        # A filter from elsewhere may refuse the new dtype; only it knows.
        dropped = filters.drop_particular(storage)
        if not dropped:
            raise LrnError(f"{writing.path}::{member}: HDF5 cannot make this dataset as {dtype}", "--only") from error
        report_dropped(dropped, dtype, writing.notice)
        make()
