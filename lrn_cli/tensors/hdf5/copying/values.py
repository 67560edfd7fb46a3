"""Elements in memory as HDF5 lays them out in a type of the file: what is bytes, what leads elsewhere."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from ctypes import c_void_p
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from h5py import h5s, h5t

from lrn_cli.tensors.hdf5 import calls
from lrn_cli.tensors.hdf5.calls import Holder


class Role(Enum):
    """What the bytes of an element are."""

    PLAIN = "bytes that are the value"
    RECORD = "members, or the elements of an array, each in its place"
    TEXT = "a pointer to a text that ends with NUL"
    SEQUENCE = "a length, and a pointer to so many elements"
    OBJECT = "the address of an object of the file"
    REGION = "a reference to a region of a dataset"
    UNKNOWN = "a reference of HDF5 1.12 or later, which h5py has no calls for"


@dataclass(frozen=True)
class Part:
    """Elements inside an element: where they begin in it, how many they are, and what they are."""

    offset: int
    count: int
    form: Form


@dataclass(frozen=True)
class Form:
    """How an element is laid out in memory.

    Attributes:
        role: What it is.
        size: In bytes.
        parts: What a record, or one step of a sequence, is made of.
    """

    role: Role
    size: int
    parts: tuple[Part, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether its bytes mean the same in any file."""
        return self.role is Role.PLAIN

    @property
    def roles(self) -> set[Role]:
        """Its own role and those of all its parts."""
        return {self.role}.union(*(part.form.roles for part in self.parts))

    @property
    def refers(self) -> bool:
        """Whether there are references in it."""
        return bool(self.roles & {Role.OBJECT, Role.REGION, Role.UNKNOWN})


def form_of(kind: h5t.TypeID) -> Form:
    """How elements of a type are laid out.

    >>> form_of(h5t.IEEE_F32LE).role.name, form_of(h5t.STD_REF_OBJ).role.name
    ('PLAIN', 'OBJECT')
    """
    kind = kind.copy()  # of a committed type HDF5 gives how it is in the file, of a copy how it is in memory
    size: int = kind.get_size()
    parts: tuple[Part, ...] = ()
    match kind.get_class():
        case h5t.REFERENCE:
            return Form(_reference_role(kind), size)
        case h5t.STRING if kind.is_variable_str():
            return Form(Role.TEXT, size)
        case h5t.VLEN:
            return Form(Role.SEQUENCE, size, (Part(0, 1, form_of(kind.get_super())),))
        case h5t.ARRAY:
            element = form_of(kind.get_super())
            parts = (Part(0, size // max(element.size, 1), element),)
        case h5t.COMPOUND:
            parts = tuple(
                Part(kind.get_member_offset(at), 1, form_of(kind.get_member_type(at)))
                for at in range(kind.get_nmembers())
            )
    if all(part.form.plain for part in parts):
        return Form(Role.PLAIN, size)
    return Form(Role.RECORD, size, parts)


def _reference_role(kind: h5t.TypeID) -> Role:
    if kind.equal(h5t.STD_REF_OBJ):
        return Role.OBJECT
    return Role.REGION if kind.equal(h5t.STD_REF_DSETREG) else Role.UNKNOWN


class Leaf(NamedTuple):
    """Bytes in memory that are one thing: a run of plain ones, the length of a sequence, a text, a reference."""

    role: Role
    address: int
    size: int

    @property
    def data(self) -> bytes:
        """The bytes; of a text those up to its end."""
        return ctypes.string_at(self.address, self.size)

    @data.setter
    def data(self, value: bytes) -> None:
        ctypes.memmove(self.address, value, self.size)


def leaves(form: Form, address: int, count: int) -> Iterator[Leaf]:
    """All leaves of elements that lie one after another in memory, in their order.

    The bytes between the members of a record are none: HDF5 leaves in them what was there.
    """
    if form.plain:
        yield Leaf(form.role, address, form.size * count)
        return
    for place in range(address, address + form.size * count, form.size):
        if form.role is Role.RECORD:
            for part in form.parts:
                yield from leaves(part.form, place + part.offset, part.count)
        elif form.role is Role.SEQUENCE:
            (part,) = form.parts
            length, pointer = _Sequence.from_address(place).as_pair()
            yield Leaf(Role.PLAIN, place, ctypes.sizeof(ctypes.c_size_t))
            yield from leaves(part.form, pointer, length)
        elif form.role is Role.TEXT:
            text = c_void_p.from_address(place).value
            yield Leaf(form.role, text or 0, len(ctypes.string_at(text)) + 1 if text else 0)
        else:
            yield Leaf(form.role, place, form.size)


class _Sequence(ctypes.Structure):
    """`hvl_t` of HDF5."""

    _fields_ = (("length", ctypes.c_size_t), ("pointer", c_void_p))

    def as_pair(self) -> tuple[int, int]:
        """How many elements, and where; none where there is no pointer."""
        return (self.length, self.pointer) if self.pointer else (0, 0)


@dataclass(frozen=True)
class Elements:
    """Elements of an attribute or a dataset in memory, valid in the `with` block that has read them.

    Attributes:
        kind: Their type.
        form: How they are laid out.
        address: Where they are.
        count: How many.
        within: Their space in memory.
    """

    kind: h5t.TypeID
    form: Form
    address: int
    count: int
    within: h5s.SpaceID

    def leaves(self) -> Iterator[Leaf]:
        """All leaves."""
        return leaves(self.form, self.address, self.count)

    def texts(self) -> list[bytes | None]:
        """The elements, where they are texts of variable length; None for one that is not there."""
        return (ctypes.c_char_p * self.count).from_address(self.address)[:]

    @property
    def nbytes(self) -> int:
        """What they take in memory, with all that they lead to."""
        own = self.form.size * self.count
        if self.form.plain:
            return own
        if self.form.role is Role.TEXT:
            return own + sum(len(text) for text in self.texts() if text)
        return own + sum(leaf.size for leaf in self.leaves())

    def write(self, holder: Holder, chosen: h5s.SpaceID | None = None) -> None:
        """Write them to another attribute or dataset of an equal type, there as many elements as they are."""
        if self.count:
            calls.write(holder, holder.get_type().copy(), self.address, chosen or holder.get_space(), self.within)


@contextmanager
def elements(
    holder: Holder, chosen: h5s.SpaceID | None = None, bounds: AbstractContextManager[None] | None = None
) -> Iterator[Elements]:
    """Read an attribute, or elements of a dataset, as they are in the file.

    Args:
        holder: The attribute or dataset.
        chosen: Which elements; None for all.
        bounds: Within what they are read, which is not held longer.

    Raises:
        OSError: HDF5 cannot read them.
    """
    kind = holder.get_type().copy()
    chosen = chosen or holder.get_space()
    count = chosen.get_select_npoints() if chosen.get_simple_extent_type() != h5s.NULL else 0
    form, within = form_of(kind), h5s.create_simple((max(count, 1),))
    memory = ctypes.create_string_buffer(max(form.size * count, 1))
    address = ctypes.addressof(memory)
    if not count:
        yield Elements(kind, form, address, 0, within)
        return
    with bounds or nullcontext():
        calls.read(holder, kind, address, chosen, within)
    try:
        yield Elements(kind, form, address, count, within)
    finally:
        if not form.plain:
            calls.reclaim(kind, within, address)
