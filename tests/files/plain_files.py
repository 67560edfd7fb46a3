"""HDF5 as such: every datatype in datasets and attributes, committed or not, every storage, in both generations."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5g, h5o, h5p, h5s, h5t

from tests.files.by_hand import Memory, Sample, add_attribute, add_dataset, set_fill
from tests.files.made import Made, Seen, X, shown
from tests.files.samples import samples


def of_every_type(path: Path, *, libver: str = "earliest", only: str = "") -> None:
    """Each value, or only one, as a dataset and as attributes of the root, a group, a dataset and the tensor."""
    memory = Memory()
    with h5py.File(path, "w", libver=libver) as file:
        file["target"] = np.arange(12).reshape(3, 4)
        group, tensor = file.create_group("group"), file.create_dataset("tensor", data=X, chunks=(1, 3, 4, 5))
        for sample in samples(file, memory):
            if only not in ("", sample.name):
                continue
            other = add_dataset(group, sample.name, sample)
            for holder in (file["/"], group, tensor, other):
                add_attribute(holder, sample.name, sample)


def with_fill_values(path: Path, *, libver: str = "earliest") -> None:
    """Each value in chunks and not, with the first element as fill value, some elements never written."""
    memory = Memory()
    with h5py.File(path, "w", libver=libver) as file:
        file["target"] = np.arange(12).reshape(3, 4)
        file.create_dataset("tensor", data=X, fillvalue=np.nan)
        for sample in samples(file, memory):
            if sample.shape and sample.memory and not _has_regions(sample.kind):
                _with_fill(file, sample)


def _with_fill(file: h5py.File, sample: Sample) -> None:
    shape = sample.shape or ()
    for layout in (h5d.CONTIGUOUS, h5d.CHUNKED, h5d.COMPACT):
        storage = h5p.create(h5p.DATASET_CREATE)
        storage.set_layout(layout)
        if layout == h5d.CHUNKED:
            storage.set_chunk(shape)
            storage.set_deflate(4)
        if "reference" not in sample.name and "all" not in sample.name:
            set_fill(storage, sample.kind, sample.memory[: sample.kind.get_size()])
        name = f"{('compact', 'contiguous', 'chunked')[layout]}/{sample.name}"
        add_dataset(file, name, sample, storage=storage)
        never = f"{name}, never written"
        h5d.create(file.id, never.encode(), sample.kind, h5s.create_simple(shape), storage)


def _has_regions(kind: h5t.TypeID) -> bool:
    return bool(kind.equal(h5t.STD_REF_DSETREG))


def with_committed_types(path: Path, *, libver: str = "earliest") -> None:
    """Types with a name, with several, with attributes, and without a name, of datasets and attributes."""
    memory = Memory()
    with h5py.File(path, "w", libver=libver) as file:
        file["target"] = np.arange(12).reshape(3, 4)
        float_type = h5t.IEEE_F32LE.copy()
        types = file.create_group("types")
        float_type.commit(types.id, b"number")
        tensor = add_dataset(file, "tensor", Sample("tensor", h5t.IEEE_F32LE, X.shape, X.tobytes()), float_type)
        for sample in samples(file, memory):
            kind = sample.kind.copy()
            kind.commit(types.id, sample.name.encode())
            other = add_dataset(file, f"committed/{sample.name}", sample, kind)
            for holder in (tensor, other, file["/"]):
                add_attribute(holder, sample.name, sample, kind)
        types["number"].attrs["meaning"] = "a committed type may have attributes"
        types["another name"] = types["number"]
        add_attribute(tensor, "one", Sample("", h5t.IEEE_F32LE, (), b"\0\0\x80\x3f"), float_type)


def with_a_nameless_type(path: Path) -> None:
    """A committed type that has no name, which two datasets and an attribute share."""
    with h5py.File(path, "w") as file:
        kind = h5t.STD_I16LE.copy()
        kind.commit(file.id, b"soon gone")
        sample = Sample("", h5t.STD_I16LE, (2,), b"\1\0\2\0")
        for name in "ab":
            add_dataset(file, name, sample, kind)
        file["tensor"] = X
        add_attribute(file["tensor"], "shared", sample, kind)
        del file["soon gone"]


def with_links(path: Path, *, libver: str = "earliest") -> None:
    """Links of every kind, several names, circles, names in both character sets, kept orders."""
    with h5py.File(path, "w", libver=libver, track_order=True, userblock_size=1024) as file:
        for name in ("z", "a/deep/tensor", "m"):
            file.create_dataset(name, data=X, track_order=True)
        file["soft"], file["dangling"] = h5py.SoftLink("/a/deep/tensor"), h5py.SoftLink("nowhere/x")
        file["outside"] = h5py.ExternalLink("other.h5", "/x")
        file["z too"], file["a/up"], file["tensor too"] = file["z"], file["/"], file["a/deep/tensor"]
        h5o.link(file["z"].id, file.id, "größer".encode(), _names(h5t.CSET_UTF8))
        h5o.link(file["z"].id, file.id, b"in ASCII", _names(h5t.CSET_ASCII))
        for holder in (file["/"], file["z"], file["a/deep/tensor"]):
            for at in reversed(range(12)):
                holder.attrs[f"n{at}"] = at
        del file["a/deep/tensor"].attrs["n3"]
        layout = h5py.VirtualLayout((2, 3), "f4")
        layout[0, :] = h5py.VirtualSource("other.h5", "x", (3,))
        file.create_virtual_dataset("virtual", layout, fillvalue=7)
    with path.open("r+b") as raw:
        raw.write(b"#!/bin/sh\nexit 0\n" + bytes(range(200)))


def _names(cset: int) -> h5p.PropLCID:
    made = h5p.create(h5p.LINK_CREATE)
    made.set_char_encoding(cset)
    return made


def with_storage(path: Path, *, libver: str = "earliest") -> None:
    """Layouts, filters, limits, phases and times of other datasets, and scales, in all variants."""
    with h5py.File(path, "w", libver=libver) as file:
        packed: dict[str, Any] = {"chunks": (1, 3, 4, 5), "compression": "gzip", "shuffle": True, "fletcher32": True}
        tensor = file.create_dataset("tensor", data=X, maxshape=(None, 3, 4, 9), fillvalue=2, **packed)
        for name, length in zip("nchw", X.shape, strict=True):
            file[name] = np.arange(length) / 2
            file[name].make_scale(f"{name} of it")
            tensor.dims["nchw".index(name)].attach_scale(file[name])
            tensor.dims["nchw".index(name)].label = name.upper()
        file.create_dataset("lzf", data=X, chunks=True, compression="lzf")
        file.create_dataset("rounded", data=X, chunks=(1, 3, 4, 5), scaleoffset=2)
        file.create_dataset("growing", data=np.arange(7), maxshape=(None,), chunks=(3,), track_times=True)
        file.create_dataset("empty", (0, 4), "i2", maxshape=(None, 4), chunks=(1, 4))
        file.create_dataset("outside", 3, "f4", external=[("other.bin", 8, 12)])
        _low_level(file)


def _low_level(file: h5py.File) -> None:
    """What h5py has no word for."""
    for alloc in (h5d.ALLOC_TIME_EARLY, h5d.ALLOC_TIME_INCR, h5d.ALLOC_TIME_LATE):
        for fill in (h5d.FILL_TIME_ALLOC, h5d.FILL_TIME_IFSET, h5d.FILL_TIME_NEVER):
            storage = h5p.create(h5p.DATASET_CREATE)
            storage.set_layout(h5d.CHUNKED)
            storage.set_chunk((2,))
            storage.set_alloc_time(alloc)
            storage.set_fill_time(fill)
            storage.set_attr_phase_change(4, 3)
            name = f"allocated {alloc}, filled {fill}"
            made = h5d.create(file.id, name.encode(), h5t.STD_I8LE, h5s.create_simple((4,)), storage)
            h5py.Dataset(made)[...] = [1, 2, 3, 4]
    group = h5p.create(h5p.GROUP_CREATE)
    group.set_link_creation_order(h5p.CRT_ORDER_TRACKED)
    group.set_attr_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
    group.set_attr_phase_change(3, 2)
    h5g.create(file.id, b"ordered", None, group)


def with_long_attributes(path: Path) -> None:
    """Attributes of more than 64 KiB and so many that they lie apart."""
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("tensor", data=X)
        for holder in (file["/"], file["tensor"], file.create_group("group")):
            holder.attrs["long"] = np.arange(10_000, dtype="f8")
            for at in range(40):
                holder.attrs[f"n{at}"] = np.full(at, at, "i2")


def seen_by_h5py(path: Path, member: str = "tensor") -> Seen:
    """Every object's attributes and, of datasets, values."""
    rest: dict[str, str] = {}
    with h5py.File(path) as file:

        def look(name: str, item: Any) -> None:
            for key in item.attrs:
                if not key.startswith("lrn_"):
                    rest[f"{name}@{key}"] = _text(item.attrs, key)
            if isinstance(item, h5py.Dataset) and item != file[member] and not (item.external or item.is_virtual):
                rest[name] = _text(item, ())

        look("/", file)
        file.visititems(look)
        return Seen(rest, file[member][...])


def _text(holder: Any, key: Any) -> str:
    try:
        value = holder[key]
    except (OSError, TypeError, ValueError) as error:  # h5py has no dtype for it, or cannot convert it
        return type(error).__name__
    return f"{type(value)}" if "eference" in repr(getattr(value, "dtype", "")) else shown(value)


def _kind(name: str, write: Any, member: str = "tensor", **settings: Any) -> Made:
    return Made(f"h5py, {name}", ".h5", f"/{member}", partial(write, **settings), partial(seen_by_h5py, member=member))


KINDS = [
    *(
        _kind(f"{name}, {libver}", write, member, libver=libver)
        for libver in ("earliest", "latest")
        for name, write, member in (
            ("every type", of_every_type, "tensor"),
            ("fill values", with_fill_values, "tensor"),
            ("committed types", with_committed_types, "tensor"),
            ("links", with_links, "a/deep/tensor"),
            ("storage", with_storage, "tensor"),
        )
    ),
    _kind("a nameless type", with_a_nameless_type),
    _kind("long attributes", with_long_attributes),
]
