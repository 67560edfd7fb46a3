"""Datasets that HDF5 does not copy well by itself, made anew and filled.

H5Ocopy copies bytes. So it leaves a fill value of variable length in the old file, where the copy looks for it (HDF5
issue 3335), empties references, and makes of a committed datatype one without a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np
from h5py import h5d, h5g, h5i, h5p, h5s, h5t

from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import LARGEST_CHUNK, limit_memory, most_unpacked
from lrn_cli.tensors.hdf5 import filters
from lrn_cli.tensors.hdf5.copying.references import References
from lrn_cli.tensors.hdf5.copying.values import Elements, elements, form_of
from lrn_cli.tensors.hdf5.listing import declared_space, elsewhere

_BLOCK = 4 << 20
"""Bytes to read at a time, texts and sequences included."""
_FIRST = 64
"""Elements of the first block, before it is known what one takes."""

Corner = tuple[int, ...]


def spoiled_by_copying(dataset: h5d.DatasetID) -> bool:
    """Whether H5Ocopy would make something else of a dataset, which can be made anew here."""
    kind = dataset.get_type()
    if not form_of(kind).plain:
        return True
    # What another program's filter has packed is left as it is: such filters find in their values how to unpack it.
    return bool(kind.committed()) and not filters.are_plugins(dataset.get_create_plist())


def make_like(
    dataset: h5d.DatasetID, parent: h5g.GroupID, name: bytes, kind: h5t.TypeID, entering: h5p.PropLCID
) -> h5d.DatasetID:
    """An empty dataset that is stored as another one is.

    Args:
        dataset: The other one.
        parent: The group in which to make it.
        name: Its name there.
        kind: Its type.
        entering: How the name is entered.
    """
    storage = dataset.get_create_plist()
    filters.give_anew(storage)
    return h5d.create(parent, name, kind, declared_space(dataset), storage, entering)


def fill(old: h5d.DatasetID, new: h5d.DatasetID, references: References) -> bool:
    """Copy the elements of a dataset into one that `make_like` has made.

    Returns:
        Whether all references among them lead somewhere in the new file.

    Raises:
        LrnError: They take far more room than the old file, in which many may share one place.
    """
    storage = old.get_create_plist()
    if form_of(old.get_type()).plain and storage.get_layout() == h5d.CHUNKED:
        # As they are, packed: a filter that rounds must not round once more.
        for corner in _chunks(old):
            mask, data = old.read_direct_chunk(corner)
            new.write_direct_chunk(corner, data, mask)
        return True
    complete = True
    for found, chosen in blocks(old):
        complete &= references.bring(found, old)
        found.write(new, chosen)
    return complete


def blocks(dataset: h5d.DatasetID) -> Iterator[tuple[Elements, h5s.SpaceID]]:
    """The elements of a dataset in blocks, each valid until the next is asked for, and which they are.

    Those for which there is no room in the file are left out: they are the fill value.

    Raises:
        LrnError: They take far more room than the file, in which many may share one place.
    """
    held, chunk = h5i.get_file_id(dataset).get_filesize(), _packed_chunk(dataset)
    if chunk > LARGEST_CHUNK:
        raise LrnError(
            f"a dataset of texts or sequences is compressed in chunks of {chunk:,} bytes, each unpacked as a whole; "
            f"the limit is {LARGEST_CHUNK:,}",
            "--only",
        )
    # A packed chunk is unpacked, and packed, once for each block: so a block has as many elements as there is room for.
    left, most, room = most_unpacked(held), _FIRST, max(_BLOCK, chunk)
    for corner, lengths in _stored_size(dataset):
        at, end = 0, prod(lengths)
        while at < end:
            start, size = _block(at, lengths, most)
            with elements(dataset, _choose(dataset, corner, start, size), limit_memory(max(held, chunk))) as found:
                left -= found.nbytes
                if left < 0:
                    raise LrnError("its texts and sequences take far more room than its file", "--only")
                yield found, _choose(dataset, corner, start, size)
                most = max(1, min(room * found.count // max(found.nbytes, 1), 8 * most))
            at += prod(size)


def _packed_chunk(dataset: h5d.DatasetID) -> int:
    """Bytes of a chunk that has to be unpacked; 0 where there is none."""
    storage = dataset.get_create_plist()
    packed = storage.get_layout() == h5d.CHUNKED and storage.get_nfilters()
    # At the most: HDF5 gives the size of a text in memory, half of that in the file.
    return prod(storage.get_chunk()) * dataset.get_type().get_size() * 2 if packed else 0


def _choose(dataset: h5d.DatasetID, corner: Corner, start: Corner, size: Corner) -> h5s.SpaceID:
    """The elements of a block: `size` of them from `start` on, both within a region that begins at `corner`."""
    space = dataset.get_space()
    if corner:
        space.select_hyperslab(tuple(np.add(corner, start).tolist()), size)
    return space


def _block(at: int, lengths: Sequence[int], most: int) -> tuple[Corner, Corner]:
    """The block of at most so many elements that begins with the `at`-th one, in the order of storage.

    >>> _block(0, (2, 3, 4), 9), _block(9, (2, 3, 4), 9)
    (((0, 0, 0), (1, 2, 4)), ((0, 2, 1), (1, 1, 3)))
    """
    start = tuple(int(index) for index in np.unravel_index(at, lengths)) if lengths else ()
    size, inner = [1] * len(lengths), 1
    for axis in reversed(range(len(lengths))):
        size[axis] = min(lengths[axis] - start[axis], max(most // inner, 1))
        inner *= size[axis]
        if start[axis] or size[axis] < lengths[axis]:
            break
    return start, tuple(size)


def _stored_size(dataset: h5d.DatasetID) -> Iterator[tuple[Corner, Corner]]:
    """Where there are elements in the file: the first of each region, and the region's lengths."""
    storage = dataset.get_create_plist()
    if elsewhere(storage):
        return  # the very question for the shape would open other files
    shape = dataset.shape
    if shape is None or not prod(shape) or not dataset.get_storage_size():
        return
    if storage.get_layout() != h5d.CHUNKED:
        yield (0,) * len(shape), shape
        return
    for corner in _chunks(dataset):
        edges = zip(corner, storage.get_chunk(), shape, strict=True)
        yield corner, tuple(min(edge, length - start) for start, edge, length in edges)


def _chunks(dataset: h5d.DatasetID) -> list[Corner]:
    """The first element of every chunk that is in the file."""
    if not hasattr(dataset, "chunk_iter"):
        return [tuple(dataset.get_chunk_info(number).chunk_offset) for number in range(dataset.get_num_chunks())]
    # To ask for one after the other would look through all of them each time.
    found: list[Corner] = []
    count = dataset.get_num_chunks()

    def take(stored: h5d.StoreInfo) -> bool | None:
        found.append(tuple(stored.chunk_offset))
        return True if len(found) > count else None  # a damaged index may never end

    dataset.chunk_iter(take)
    return found
