"""Virtual datasets: whether what they are put together from may be read, and is there.

HDF5 says nothing of a source that is missing, and fills in; circles it follows until it crashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from math import prod
from pathlib import Path
from typing import NamedTuple

import h5py
from h5py import h5d, h5f, h5g, h5i, h5l, h5o, h5p, h5s

from lrn_cli import layouts
from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5 import filters, links, source_files
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS, open_to_read
from lrn_cli.tensors.hdf5.listing import elsewhere, identity

_DEEPEST = 32
_MOST_BLOCKS = 1 << 20


def leads_outside(item: h5d.DatasetID) -> bool:
    """Whether a virtual dataset is put together from more than sound datasets of its own file."""
    try:
        Sources("", allow_external=False).check(item)
    except LrnError:
        return True
    return False


class _Mapping(NamedTuple):
    """What a virtual dataset takes from one source, or from one after the other if its names have a `%b`."""

    file: str
    dataset: str
    taken: h5s.SpaceID
    filled: h5s.SpaceID

    @property
    def blocks(self) -> bool:
        return "%b" in (self.file + self.dataset).replace("%%", "")


class _Home(NamedTuple):
    """The file that a virtual dataset is in."""

    file: h5py.File
    path: Path


class Sources:
    """What a virtual dataset is put together from; the other files stay open as long as this, as HDF5 needs them.

    Args:
        shown: What to call the dataset in messages.
        allow_external: Whether it may be put together from other files.
    """

    def __init__(self, shown: str, *, allow_external: bool) -> None:
        self._shown, self._allowed = shown, allow_external
        self._files: dict[str, h5py.File] = {}
        self._found: dict[tuple[Path, str, str], tuple[tuple[int, ...], Path]] = {}
        self._above: list[tuple[int, int]] = []
        self._sound: set[tuple[int, int]] = set()

    def check(self, item: h5d.DatasetID) -> None:
        """Look at every source of a virtual dataset, and at theirs.

        Raises:
            LrnError: One is missing or too small, is not to be read, or leads back to where it is from.
        """
        file = h5i.get_file_id(item)
        path = Path(h5f.get_name(file).decode("utf-8", "surrogateescape"))
        mark = identity(item)
        if mark in self._sound:
            return
        if mark in self._above or len(self._above) == _DEEPEST:
            raise LrnError(f"{self._shown}: is put together from itself, in a circle", f"h5dump -p -H {path}")
        self._above.append(mark)
        for mapping in _mappings(item.get_create_plist()):
            self._check_mapping(mapping, _Home(h5py.File(file), path))
        self._sound.add(self._above.pop())

    def close(self) -> None:
        """Let go of the other files."""
        self._files.clear()  # which closes them: to close 10,000 one by one takes h5py minutes

    def _check_mapping(self, mapping: _Mapping, home: _Home) -> None:
        """Look at all blocks of a mapping: HDF5 takes them up to the first that is missing."""
        for block in count():
            file, dataset = _spell(mapping.file, block), _spell(mapping.dataset, block)
            found = self._look(home, file, dataset, optional=block > 0)
            if found is None:
                return
            shape, where = found
            _check_size(mapping, shape, self._made_from(where, dataset), where)
            if not mapping.blocks:
                return
            if block == _MOST_BLOCKS:
                raise LrnError(f"{self._shown}: is put together from more than {block:,} datasets", "h5repack it")

    def _look(self, home: _Home, file: str, dataset: str, *, optional: bool) -> tuple[tuple[int, ...], Path] | None:
        """Shape and file of a source; None where it is missing, and may be."""
        key = home.path, file, dataset
        if key not in self._found:
            where = self._open(home, file, optional=optional)
            if where is None or (optional and not self._is_there(where, dataset)):
                return None
            self._found[key] = self._check_source(where, dataset), where.path
        return self._found[key]

    def _is_there(self, where: _Home, dataset: str) -> bool:
        return (_opens if self._allowed else _is_there)(where.file, dataset)

    def _made_from(self, path: Path, dataset: str) -> str:
        return f"{self._shown}: is put together from {path}::{links.normal(dataset)}"

    def _open(self, home: _Home, name: str, *, optional: bool) -> _Home | None:
        if name == ".":
            return home
        path = source_files.find(name, home.path)
        if path is not None and path.samefile(home.path):
            return home
        if not self._allowed:
            raise LrnError(f"{self._shown}: is put together from other files, {name}", links.ALLOW)
        if path is None:
            if optional:
                return None
            raise LrnError(
                f"{self._shown}: is put together from {name}, which is missing",
                f"put it beside {home.path}, or HDF5_VDS_PREFIX=FOLDER",
            )
        key = str(path.resolve())
        if key not in self._files:
            source_files.allow(self._shown, len(self._files) + 1)
            self._files[key] = open_to_read(path)
        return _Home(self._files[key], path)

    def _check_source(self, where: _Home, dataset: str) -> tuple[int, ...]:
        """The shape of a source, once nothing speaks against reading it."""
        what, hint = self._made_from(where.path, dataset), f"lrn info {where.path}"
        if not self._is_there(where, dataset):
            raise LrnError(f"{what}, which is missing", hint)
        item = (
            h5o.open(where.file.id, links.encode(dataset))
            if self._allowed
            else links.resolve(where.file, where.path, dataset, allow_external=False).open()
        )
        if not isinstance(item, h5d.DatasetID):
            raise LrnError(f"{what}, which is no dataset", hint)
        storage = item.get_create_plist()
        if elsewhere(storage) == "virtual":
            self.check(item)  # before its shape, for which HDF5 opens whatever it is put together from
        elif elsewhere(storage) and not self._allowed:
            raise LrnError(f"{what}, which keeps its numbers in another file", links.ALLOW)
        if lacking := filters.missing(storage):
            raise LrnError(f"{what}, which is stored with {lacking}, which is not installed", "pip install hdf5plugin")
        if item.shape is None:
            raise LrnError(f"{what}, which has no numbers", hint)
        return tuple(int(length) for length in item.shape)


def _mappings(storage: h5p.PropDCID) -> Iterator[_Mapping]:
    for place in range(storage.get_virtual_count()):
        yield _Mapping(
            storage.get_virtual_filename(place),
            storage.get_virtual_dsetname(place),
            storage.get_virtual_srcspace(place),
            storage.get_virtual_vspace(place),
        )


def _spell(name: str, block: int) -> str:
    """A source's name for that block, as in H5Pset_virtual: `%b` is its number, `%%` is `%`."""
    return "%".join(part.replace("%b", str(block)) for part in name.split("%%"))


def _check_size(mapping: _Mapping, shape: tuple[int, ...], what: str, where: Path) -> None:
    """Refuse a source that is not as large as what is taken from it."""
    hint = f"lrn info {where}, or copy that file again"
    last: tuple[int, ...] = ()
    try:
        if mapping.taken.get_select_type() == h5s.SEL_ALL:
            needed = mapping.filled.get_select_npoints()
        else:
            needed, (_, last) = prod(shape), mapping.taken.get_select_bounds()
    except H5PY_ERRORS:
        return  # without an end: as much is taken as there is
    if needed != prod(shape):
        raise LrnError(f"{what}, which holds {prod(shape):,} numbers, not {needed:,}", hint)
    if len(last) == len(shape) and any(end >= length for end, length in zip(last, shape, strict=True)):
        size, least = (layouts.describe(lengths) for lengths in (shape, [int(end) + 1 for end in last]))
        raise LrnError(f"{what}, which is {size} and should be {least}", hint)


def _opens(file: h5py.File, path: str) -> bool:
    try:
        h5o.open(file.id, links.encode(path))
    except H5PY_ERRORS:
        return False
    return True


def _is_there(file: h5py.File, path: str) -> bool:
    """Whether there is an object of that path, or a link on the way to it, which is not followed."""
    group, steps = h5g.open(file.id, b"/"), [links.encode(step) for step in links.parts(path)]
    for place, step in enumerate(steps):
        kind = links.link_type(group, step)
        if kind != h5l.TYPE_HARD or place == len(steps) - 1:
            return kind is not None
        group = h5o.open(group, step)
        if not isinstance(group, h5g.GroupID):
            return False
    return True
