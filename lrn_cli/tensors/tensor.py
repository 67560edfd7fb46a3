"""What every tensor file offers, whatever its format: a description, blocks to read, blocks to write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from math import prod
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array, bits_of, is_numeric, name_of
from lrn_cli.tensors.targets import Pending

LongCall = Callable[[], AbstractContextManager[None]]


class TensorInfo(NamedTuple):
    """What a file says of one tensor before any of it is read.

    Attributes:
        shape: Lengths of the axes, as a person would index them.
        dtype: Of the elements, in the file's byte order.
        member: The dataset's path or the array's name inside its file; empty where the file is the tensor.
        fortran_order: Whether the first axis varies fastest in the file.
        chunks: Shape of the storage chunks; None where the storage is contiguous.
        filters: Names of the compression filters, in the order in which they are applied.
        layout: The layout where the format fixes it (an image is HWC); None where it does not.
        carried: How many trailing channels are carried over untouched (an image's transparency).
        auxiliary: Whether it only describes another tensor (a dimension scale).
        narrow: The floating-point type whose bytes the elements are, where it is one that NumPy lacks; see `narrow.py`.
        named: The layout that the names of its axes say, `?` where one says nothing but another which is that of the
            channels; what is asked for goes before it, else it is as asked for.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    member: str = ""
    fortran_order: bool = False
    chunks: tuple[int, ...] | None = None
    filters: tuple[str, ...] = ()
    layout: str | None = None
    carried: int = 0
    auxiliary: bool = False
    narrow: str = ""
    named: str | None = None

    @property
    def normalised_shape(self) -> tuple[int, ...]:
        """The shape without the channels that are carried over."""
        return (*self.shape[:-1], self.shape[-1] - self.carried) if self.carried else self.shape

    @property
    def is_numeric(self) -> bool:
        """Whether the elements are numbers that can be computed with."""
        return bool(self.narrow) or is_numeric(self.dtype)

    @property
    def is_plain(self) -> bool:
        """Whether it can be taken as it is: numbers of a type of NumPy's along some axis, not known to be damaged."""
        return bool(self.shape) and not self.narrow and is_numeric(self.dtype) and "damaged" not in self.filters

    @property
    def type_name(self) -> str:
        """What people call the type of the elements."""
        return self.narrow or name_of(self.dtype)

    def word(self, path: Path) -> str:
        """What a user types for it, where it is in the file `path`."""
        return f"{path}::{self.member}" if self.member else str(path)

    def asked(self, layout: str | None, axis: int | None) -> dict[str, Any]:
        """What `layouts.choose` is asked by whoever asks for that: nothing is what the names of the axes say."""
        if layout is None and axis is None and self.named:
            layout, axis = (None, self.named.index("C")) if "?" in self.named else (self.named, None)
        return {"layout": layout, "axis": axis, "fixed": self.layout}

    @property
    def nbytes(self) -> int:
        """Size of the elements in bytes, in Python's unbounded integers."""
        return -(-prod(self.shape) * bits_of(self.dtype) // 8)


class Reading(NamedTuple):
    """How to read files.

    Attributes:
        allow_external: Follow HDF5 links, external storage and virtual datasets into other files.
        raw_pixels: Take an image's stored numbers instead of scaling them to 0..1.
        max_pixels: Refuse larger images; None is Pillow's own limit.
        max_bytes: Refuse tensors with more bytes of elements; None refuses only what is far larger than its file.
        input_dtype: The type of elements that are in the file as bytes: a name of `narrow.py`; None refuses those.
        cf: Of numbers that stand for others by CF attributes `unpack` takes those, `raw` the stored ones; None refuses.
        part: Whether it was opened before, and a part is read now: what was looked for then is not once more.
        long_call: Entered around each call that reads or writes elements, which may take long to whoever watches.
    """

    allow_external: bool = False
    raw_pixels: bool = False
    max_pixels: int | None = None
    max_bytes: int | None = None
    input_dtype: str | None = None
    cf: str | None = None
    part: bool = False
    long_call: LongCall = nullcontext

    def name_bytes(self, info: TensorInfo) -> TensorInfo:
        """The description of a tensor with the type that its bytes were said to be, if they could be that."""
        if self.input_dtype is None or info.narrow or info.layout:  # an image's numbers are known
            return info
        from lrn_cli.narrow import could_be

        return info._replace(narrow=self.input_dtype) if could_be(self.input_dtype, info.dtype) else info


class Writing(NamedTuple):
    """What to write, and where.

    Attributes:
        path: The output file.
        member: Path of the dataset in it; empty where none was named.
        shape: As in `TensorInfo`.
        dtype: Of the output's elements.
        narrow: As in `TensorInfo`.
        source: What is normalised: its chunks, filters, attributes and companions are kept where the format can.
        provenance: Attributes that say how the output was made; what is no text is written as JSON.
        force: Replace what is there.
        fsync: Force the output to the disk before it appears.
        only: Leave out the other objects of the source's file.
        stretch: Map the values' range onto the image's instead of clipping.
        notice: Takes a warning for the user, one line.
        threads: How many may work on the output besides those that write blocks to it.
        long_call: As in `Reading`.
    """

    path: Path
    member: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    source: Source
    narrow: str = ""
    provenance: Mapping[str, object] = MappingProxyType({})
    force: bool = False
    fsync: bool = False
    only: bool = False
    stretch: bool = False
    notice: Callable[[str], None] = print
    threads: int = 1
    long_call: LongCall = nullcontext


class Source(ABC):
    """An open tensor, read block by block.

    Blocks are given in storage order: for a tensor in Fortran order the axes are reversed, so that the last axis of a
    block always varies fastest in the file.

    Attributes:
        path: The file; None for a stream.
        info: Its description.
        sequential: Whether blocks must be read in their order, as contiguous runs.
        left_behind: What its file holds besides that an output in HDF5 should have and does not get; empty where that
            is nothing, or kept.
        grid: How far apart the numbers are that its file can hold, as of 8 bits for 0..1; 0 where they are as its type.
        growing: Whether another program may be adding to its file, which does not concern what is read.
        shared_elements: Set by the reader of a sequential source: how many elements at the end of a block it will ask
            for again at the beginning of the next.
    """

    path: Path | None
    info: TensorInfo
    sequential: bool = False
    left_behind: str = ""
    grid: float = 0.0
    growing: bool = False
    shared_elements: int = 0

    @property
    def held(self) -> int:
        """Bytes that it takes on the disk, or the file in which it is; 0 of a stream."""
        return self.path.stat().st_size if self.path is not None else 0

    @property
    def storage_shape(self) -> tuple[int, ...]:
        """The shape in storage order."""
        return self.info.shape[::-1] if self.info.fortran_order else self.info.shape

    @abstractmethod
    def read(self, box: Box, out: Array) -> None:
        """Read a block into `out`, a C-contiguous array of the block's shape and the tensor's dtype.

        Called from several threads at once unless the source is sequential.

        Raises:
            LrnError: The file ends early or cannot be read.
        """

    def survey(self) -> tuple[str, ...]:
        """Look for what the numbers may mean besides, before any of them is used; that may take to read them all.

        Returns:
            What the user should know.

        Raises:
            LrnError: They may stand for other numbers, and nobody has said which ones to take.
        """
        return ()

    def finish(self) -> None:  # noqa: B027 - most files were checked when they were opened
        """Check, after the last block, that nothing follows which was not read."""

    def close(self) -> None:  # noqa: B027 - nothing to close is the usual case
        """Let go of the file."""

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


class Sink(Pending):
    """An output being written block by block, which appears when the `with` block ends well, and not otherwise.

    Attributes:
        sequential: Whether blocks must be written in their order.
        flat: Whether elements come to lie one after another in a file, so that short runs would be many calls.
    """

    sequential: bool = False
    flat: bool = False

    @abstractmethod
    def write(self, box: Box, block: Array) -> None:
        """Write a C-contiguous block of the output's dtype; `box` as in `Source`, in the source's storage order."""
