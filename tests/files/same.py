"""What differs between two HDF5 files: every object, link, attribute, datatype and creation property, and the values.

Independent of the code under test, and of h5py's way to read values (see `stored_values`). Not compared are addresses,
the sizes of what is compressed, and the times of objects, which a copy may have of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import h5py
from h5py import h5a, h5d, h5f, h5g, h5l, h5o, h5s, h5z

from tests.files.kinds import bare, kind_of
from tests.files.stored_values import Values, group_numbers, has_symbol_table, refers

with suppress(ImportError):
    import hdf5plugin  # noqa: F401 - with it values behind filters that HDF5 does not have can be compared

PROVENANCE = frozenset({"lrn_convention", "lrn_parameters", "lrn_version"})
Facts: TypeAlias = "dict[tuple[str, str], Any]"
"""What is so of a file, by the path of an object and what it is about."""

_OF_DTYPE = frozenset({"datatype", "fill value", "filter values"})


def differences(
    old: Path,
    new: Path,
    *,
    but: Collection[str] = (),
    added: Collection[str] = (),
    attributes_gone: Collection[str] = (),
) -> list[str]:
    """What differs, a line each; nothing where the files are alike.

    Args:
        old: The file as it was.
        new: The file as it is.
        but: Paths of the tensor, whose numbers may differ, and its dtype with what depends on that.
        added: Paths that only the new file has.
        attributes_gone: Names of attributes of the tensor that the new file must not have any more.
    """
    was, now = facts(old, but), facts(new, but, added)
    for path in {first_name(old, name) for name in but}:
        was = {key: value for key, value in was.items() if key not in _attributes(path, attributes_gone)}
        if bare(was[path, "datatype"]) != bare(now.get((path, "datatype"), ("",) * 3)):
            was, now = (_without(some, {(path, about) for about in _OF_DTYPE}) for some in (was, now))
    return list(_told(was, now))


def facts(path: Path, but: Collection[str] = (), added: Collection[str] = ()) -> Facts:
    """All facts of a file."""
    with h5py.File(path) as file:
        return dict(_Reader(file.id, but, added).facts(path))


def first_name(path: Path, member: str) -> str:
    """Of an object's names the one under which its facts are told, and under which h5dump shows it."""
    with h5py.File(path) as file:
        reader = _Reader(file.id, (), ())
        address = h5o.get_info(file.id, member.encode()).addr
        return next(name for name, item in reader.walk() if h5o.get_info(item).addr == address)


def attribute_facts(path: Path, member: str, *, references: bool = True) -> dict[str, Any]:
    """Facts of one object's attributes by name, without provenance, and with or without those that refer to others."""
    with h5py.File(path) as file:
        reader = _Reader(file.id, (member,), ())
        dict(reader.walk())
        item = h5o.open(file.id, member.encode())
        names = [name for name in _names(item) if references or not refers(h5a.open(item, name).get_type())]
        return {about: fact for about, fact in reader.attributes(item, names, tensor=True) if about != "attributes"}


def _without(some: Facts, keys: Collection[tuple[str, str]]) -> Facts:
    return {key: value for key, value in some.items() if key not in keys}


def _attributes(path: str, names: Collection[str]) -> set[tuple[str, str]]:
    return {(path, f"attribute {name}") for name in names}


def _told(was: Facts, now: Facts) -> Iterator[str]:
    for path, about in sorted({*was, *now}):
        missing = object()
        before, after = was.get((path, about), missing), now.get((path, about), missing)
        if before is missing or after is missing:
            yield f"{path}: {about}: {'only in the old' if after is missing else 'only in the new'}"
        elif before != after:
            yield f"{path}: {about}: {_short(before)} -> {_short(after)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:300]}..."


class _Reader:
    """Gathers the facts of an open file."""

    def __init__(self, file: h5f.FileID, but: Collection[str], added: Collection[str]) -> None:
        self._file, self._added = file, added
        self._tensors = {h5o.get_info(file, name.encode()).addr for name in but}
        self._names: dict[int, str] = {}
        self._nameless = count()
        self._values = Values(file, self._name)

    def facts(self, path: Path) -> Iterator[tuple[tuple[str, str], Any]]:
        """Of the file and of every object, each once."""
        for about, fact in self._file_facts(path):
            yield ("", about), fact
        objects = list(self.walk())  # all are named before references are followed
        for name, item in objects:
            for about, fact in self._object_facts(name, item):
                yield (name, about), fact

    def walk(self) -> Iterator[tuple[str, Any]]:
        """Every object that hard links lead to, under the first of its names."""
        waiting = [("/", h5o.open(self._file, b"/"))]
        while waiting:
            path, item = waiting.pop()
            address = h5o.get_info(item).addr
            if address in self._names:
                continue
            self._names[address] = path
            yield path, item
            if isinstance(item, h5g.GroupID):
                inner = [(f"{path.rstrip('/')}/{name.decode('utf-8', 'replace')}", name) for name in sorted(item)]
                hard = [(where, h5o.open(item, name)) for where, name in inner if _is_hard(item, name)]
                waiting.extend((where, child) for where, child in reversed(hard) if where not in self._added)

    def _name(self, address: int) -> str:
        """An object's first path; those without one are numbered."""
        if address not in self._names:
            self._names[address] = f"nameless {next(self._nameless)}"
        return self._names[address]

    def _file_facts(self, path: Path) -> Iterator[tuple[str, Any]]:
        made = self._file.get_create_plist()
        with path.open("rb") as file:
            yield "user block", file.read(made.get_userblock())
        yield "sizes of addresses and lengths", made.get_sizes()
        yield "superblock", "0 or 1" if made.get_version()[0] < 2 else "2 or 3"

    def _object_facts(self, path: str, item: Any) -> Iterator[tuple[str, Any]]:
        tensor = h5o.get_info(item).addr in self._tensors
        yield "kind of object", type(item).__name__
        if isinstance(item, h5g.GroupID):
            yield from self._group_facts(path, item)
        elif isinstance(item, h5d.DatasetID):
            yield from self._dataset_facts(item, tensor)
        else:
            yield "datatype", kind_of(item, self._name)
        made = item.get_create_plist()
        yield "attribute storage", (made.get_attr_creation_order(), made.get_attr_phase_change())
        yield "track times", made.get_obj_track_times()
        yield from self.attributes(item, _names(item), tensor=tensor)

    def _group_facts(self, path: str, group: h5g.GroupID) -> Iterator[tuple[str, Any]]:
        made = group.get_create_plist()
        yield "link creation order", made.get_link_creation_order()
        yield from group_numbers(made).items()
        yield "symbol table, as before HDF5 1.8", has_symbol_table(group)
        links = [(group.links.get_info(name), name) for name in group]
        links = [(about, name) for about, name in links if _member(path, name) not in self._added]
        for about, name in links:
            target = self._target(group, name, about)
            yield f"link {name.decode('utf-8', 'replace')}", (about.type, about.cset, target)
        if made.get_link_creation_order():
            yield "order of links", [name for about, name in sorted(links, key=lambda link: link[0].corder)]

    def _target(self, group: h5g.GroupID, name: bytes, about: h5l.LinkInfo) -> object:
        if about.type == h5l.TYPE_HARD:
            return self._name(h5o.get_info(group, name).addr)
        return group.links.get_val(name)

    def _dataset_facts(self, dataset: h5d.DatasetID, tensor: bool) -> Iterator[tuple[str, Any]]:
        made, space = dataset.get_create_plist(), dataset.get_space()
        yield "datatype", kind_of(dataset.get_type(), self._name)
        yield "dataspace", _extent(space)
        yield "fill value", (made.fill_value_defined(), self._values.fill(dataset))
        layout = made.get_layout()
        filters = [made.get_filter(at) for at in range(made.get_nfilters())]
        yield "chunk", made.get_chunk() if layout == h5d.CHUNKED else None
        yield "filters", [(code, flags) for code, flags, _, _ in filters]
        yield "filter values", [values for _, _, values, _ in filters]
        if tensor:  # which is written at once, and never into other files
            yield "layout", "chunked" if layout == h5d.CHUNKED else "contiguous"
            return
        outside = [made.get_external(at) for at in range(made.get_external_count())]
        yield "layout", (layout, outside, _mappings(made) if layout == h5d.VIRTUAL else [])
        yield "allocation and fill time", (made.get_alloc_time(), made.get_fill_time())
        if not outside and layout != h5d.VIRTUAL and all(h5z.filter_avail(code) for code, _, _, _ in filters):
            yield "values", self._values.of(dataset)

    def attributes(self, item: Any, names: list[bytes], *, tensor: bool) -> Iterator[tuple[str, Any]]:
        """Each attribute with its exact type, dataspace and value, and their order where that is kept."""
        kept = [name for name in names if not (tensor and name.decode("utf-8", "replace") in PROVENANCE)]
        for name in kept:
            attribute = h5a.open(item, name)
            yield (
                f"attribute {name.decode('utf-8', 'replace')}",
                (
                    h5a.get_info(item, name).cset,
                    kind_of(attribute.get_type(), self._name),
                    _extent(attribute.get_space()),
                    self._values.of(attribute),
                ),
            )
        if item.get_create_plist().get_attr_creation_order():
            yield "order of attributes", sorted(kept, key=lambda name: int(h5a.get_info(item, name).corder))


def _names(item: Any) -> list[bytes]:
    names: list[bytes] = []
    h5a.iterate(item, names.append)
    return names


def _member(path: str, name: bytes) -> str:
    return f"{path.rstrip('/')}/{name.decode('utf-8', 'replace')}"


def _is_hard(group: h5g.GroupID, name: bytes) -> bool:
    return bool(group.links.get_info(name).type == h5l.TYPE_HARD)


def _extent(space: h5s.SpaceID) -> tuple[int, Any, Any]:
    kind = space.get_simple_extent_type()
    if kind != h5s.SIMPLE:
        return kind, (), ()
    return kind, space.get_simple_extent_dims(), space.get_simple_extent_dims(maxdims=True)


def _mappings(made: Any) -> list[tuple[Any, ...]]:
    return [
        (
            made.get_virtual_filename(at),
            made.get_virtual_dsetname(at),
            made.get_virtual_srcspace(at).encode(),
            made.get_virtual_vspace(at).encode(),
        )
        for at in range(made.get_virtual_count())
    ]
