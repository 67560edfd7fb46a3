"""What an HDF5 file contains: its objects, each once."""

from __future__ import annotations

from collections.abc import Iterator

import h5py
from h5py import h5d, h5g, h5l, h5o, h5p, h5s

from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS


def objects(file: h5py.File) -> Iterator[tuple[str, Item | None]]:
    """Every object that hard links lead to, with its path, each once; None for an object that cannot be opened.

    A stack rather than recursion: how deep the groups of a file are nested is up to who made it.
    """
    seen = set()
    waiting = [(h5g.open(file.id, b"/"), b".", "/")]
    while waiting:
        parent, name, path = waiting.pop()
        try:
            item = h5o.open(parent, name)
            mark = identity(item)
        except H5PY_ERRORS:
            yield path, None
            continue
        if mark in seen:
            continue
        seen.add(mark)
        yield path, item
        if isinstance(item, h5g.GroupID):
            waiting.extend(reversed([(item, child, join(path, child)) for child in _hard_links(item)]))


def identity(item: Item) -> tuple[int, int]:
    """What tells an object from all others: its file and its address there."""
    about = h5o.get_info(item)
    return about.fileno, about.addr


def join(path: str, name: bytes) -> str:
    """The path of a group's member."""
    return f"{path.rstrip('/')}/{name.decode('utf-8', 'surrogateescape')}"


def elsewhere(storage: h5p.PropDCID) -> str:
    """How a dataset with this creation list keeps its numbers in other files; empty where it does not."""
    if storage.get_layout() == h5d.VIRTUAL:
        return "virtual"
    return "external storage" if storage.get_external_count() else ""


def declared_space(dataset: h5d.DatasetID) -> h5s.SpaceID:
    """The dataspace that a dataset was made with.

    HDF5 gives the present one, and for that of a virtual dataset opens whatever that is put together from.
    """
    storage = dataset.get_create_plist()
    if storage.get_layout() == h5d.VIRTUAL and storage.get_virtual_count():
        space = storage.get_virtual_vspace(0)
        space.select_all()
        return space
    return dataset.get_space()


def _hard_links(group: h5g.GroupID) -> Iterator[bytes]:
    """Names of the members that are in the group itself, in its order."""
    try:
        for name in group:
            if group.links.get_info(name).type == h5l.TYPE_HARD:
                yield name
    except H5PY_ERRORS:
        return  # the rest of a damaged group cannot be seen
