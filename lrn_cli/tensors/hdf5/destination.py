"""Where in which file datasets are to stand, and whether they can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
from h5py import h5a, h5d, h5ds, h5g, h5l

from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5 import links
from lrn_cli.tensors.hdf5.library import in_words, open_file
from lrn_cli.tensors.hdf5.listing import identity
from lrn_cli.tensors.hdf5.source import Hdf5Source
from lrn_cli.tensors.joining import NAMELESS, check_file, default_member, in_the_way, taken_error
from lrn_cli.tensors.tensor import Writing


@dataclass(frozen=True)
class Destinations:
    """Where the datasets of one output are to stand.

    Attributes:
        members: Their paths in the file.
        adds: Whether they join the objects of a file that is there, instead of making a new file.
    """

    members: tuple[str, ...]
    adds: bool


def destinations(writings: Sequence[Writing]) -> Destinations:
    """Where the output is to stand, after what would refuse it there has been looked for.

    Args:
        writings: What is to be written, all to one file.

    Raises:
        LrnError: A place is taken and `force` is not given, something that is no group is in its way, or its file
            cannot be written.
    """
    members, adds = zip(*[_destination(writing) for writing in writings], strict=True)
    return Destinations(members, adds[0])


def _destination(writing: Writing) -> tuple[str, bool]:
    if writing.member and not links.parts(writing.member):
        raise LrnError(f"{writing.path}: / is the root group, not a dataset", f"-o {writing.path}::/{NAMELESS}")
    adds = check_file(writing, "HDF5", named=bool(writing.member))
    _check_settled(writing)
    member = links.normal(writing.member or default_member(writing))
    if adds:
        with open_file(writing.path) as file, in_words(writing.path, "is damaged: nothing can be added to it"):
            _check_addition(file, writing, member)
    elif isinstance(writing.source, Hdf5Source) and not writing.only:
        _check_among_companions(writing.source, writing, member)
    return member, adds


def _check_settled(writing: Writing) -> None:
    """Refuse to replace a file to which another program adds: what that adds later would be lost."""
    source, path = writing.source, writing.path
    if isinstance(source, Hdf5Source) and source.growing and path.exists() and path.samefile(source.path):
        raise LrnError(f"{path}: is being written", "wait for the writer, or another file behind -o")


def _check_addition(file: h5py.File, writing: Writing, member: str) -> None:
    place = _way_to(file, writing.path, member)
    kind = None if place is None else links.link_type(place.group, place.name)
    if place is None or kind is None:
        return
    shown = f"{writing.path}::{member}"
    if kind != h5l.TYPE_HARD:
        raise LrnError(f"{shown}: is a link, and is not replaced", "another path behind ::")
    if not isinstance(place.open(), h5d.DatasetID):
        raise LrnError(f"{shown}: is a group, and is not replaced by a dataset", f"-o {shown}/{NAMELESS}")
    if not writing.force:
        raise taken_error(shown)
    if _is_attached(place.open()):
        raise LrnError(
            f"{shown}: is a dimension scale of other datasets, which would lose it", "another path behind ::"
        )


def _is_attached(dataset: h5d.DatasetID) -> bool:
    """Whether it is a scale to which others refer: netCDF opens no file in which such a reference leads nowhere."""
    return bool(h5ds.is_scale(dataset)) and h5a.exists(dataset, b"REFERENCE_LIST")


def _check_among_companions(source: Hdf5Source, writing: Writing, member: str) -> None:
    """Refuse a path that the new file will have already, as a copy of another object of the source's file."""
    if member == source.info.member:
        if source.foreign:
            _way_to(source.file, source.path, member)
        return
    own = identity(source.dataset.id)
    place = _way_to(source.file, source.path, member, own)
    if place is not None and links.link_type(place.group, place.name) is not None:
        raise in_the_way(writing, member)


def _way_to(file: h5py.File, shown: Path, member: str, ignored: tuple[int, int] | None = None) -> links.Place | None:
    """The group in which a dataset is to stand and its name there; None where there is no such group yet.

    Raises:
        LrnError: What is on the way is no group, or a link into another file: that file would be written to.
    """
    *above, last = links.parts(member)
    group, path = h5g.open(file.id, b"/"), ""
    for part in above:
        if links.link_type(group, links.encode(part)) is None:
            return None
        path = f"{path}/{part}"
        item = links.resolve(file, shown, path, allow_external=False, hint="another path behind ::, or --only").open()
        if ignored is not None and identity(item) == ignored:
            return None
        if not isinstance(item, h5g.GroupID):
            raise LrnError(
                f"{shown}::{path}: is no group, so that nothing can stand at {member}", "another path behind ::"
            )
        group = item
    return links.Place(group, links.encode(last), member)


def remove(file: h5py.File, shown: Path, member: str) -> None:
    """Remove the dataset at that path, if there is one; the dimension scales attached to it forget it."""
    place = _way_to(file, shown, member)
    if place is None or links.link_type(place.group, place.name) is None:
        return
    with in_words(f"{shown}::{member}", "the dataset that is replaced is damaged"):
        old = h5py.Dataset(h5d.open(place.group, place.name))
        for dimension in old.dims:
            for scale in dimension.values():
                dimension.detach_scale(scale)
        del old
        place.group.unlink(place.name)
