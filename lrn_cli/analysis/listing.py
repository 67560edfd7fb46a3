"""What is in a file, with what its numbers are where that is wanted."""

from __future__ import annotations

from shlex import quote
from typing import IO, Any, NamedTuple

from lrn_cli import layouts
from lrn_cli.analysis.statistics import Statistics, measure
from lrn_cli.tensors.folders import refuse_folder, size_on_disk
from lrn_cli.tensors.listing import Listing, list_file
from lrn_cli.tensors.selection import STREAM, open_values, split
from lrn_cli.tensors.targets import place
from lrn_cli.tensors.tensor import Reading, TensorInfo


class Looked(NamedTuple):
    """What was seen of a file.

    Attributes:
        listing: Its tensors.
        statistics: What the numbers of each of them are, None of those that are no numbers; None where nobody asked.
        nbytes: Of the file; None of a stream.
    """

    listing: Listing
    statistics: tuple[Statistics | None, ...] | None = None
    nbytes: int | None = None

    def rows(self) -> list[list[str]]:
        """One row for each tensor, with the statistics where there are any."""
        rows = self.listing.rows()
        if self.statistics is None:
            return rows
        size = "-" if self.nbytes is None else str(self.nbytes)
        return [
            [
                *row,
                _looks_like(info) or "-",
                *(["-"] * len(Statistics._fields) if found is None else found.cells()),
                size,
            ]
            for row, info, found in zip(rows, self.listing.tensors, self.statistics, strict=True)
        ]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        data = self.listing.as_data()
        if self.statistics is None:
            return data
        for tensor, info, found in zip(data["tensors"], self.listing.tensors, self.statistics, strict=True):
            tensor |= {"looks_like": _looks_like(info), "statistics": found and found.as_data()}
        return {**data, "file_bytes": self.nbytes}


def look_at(word: str, reading: Reading, stdin: IO[bytes] | None = None, *, stats: bool = False) -> Looked:
    """Look into a file.

    Args:
        word: As typed.
        reading: How to read.
        stdin: What `-` stands for.
        stats: Also read its numbers.

    Raises:
        LrnError: As `list_file`, or its numbers cannot be read.
    """
    refuse_folder(word, f"lrn info --recursive {quote(word)}")
    if not stats:
        return Looked(list_file(word, reading, stdin))
    if word == STREAM:
        with open_values(word, reading, stdin) as source:
            return Looked(Listing(word, "npy", (source.info,), (source.info,)), (measure(source),))
    listing = list_file(word, reading, stdin)
    path = place(split(word)[0])
    found = tuple(
        _measure(info.word(path), reading) if info.is_plain or (info.narrow and info.shape) else None
        for info in listing.tensors
    )
    return Looked(listing, found, size_on_disk(path))


def _measure(word: str, reading: Reading) -> Statistics:
    with open_values(word, reading) as source:
        return measure(source)


def _looks_like(info: TensorInfo) -> str | None:
    return info.layout or info.named or layouts.guess(info.shape)
