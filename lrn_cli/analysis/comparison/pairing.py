"""Which tensors of two folders, or of two files, belong together: those of one name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.folders import Search, find_files
from lrn_cli.tensors.listing import list_file
from lrn_cli.tensors.registry import is_plain_folder, sniff
from lrn_cli.tensors.selection import STREAM, split
from lrn_cli.tensors.targets import is_stream, is_url, place
from lrn_cli.tensors.tensor import Reading

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.verdict import Comparison


class Named(NamedTuple):
    """Two tensors of one name, or one whose other is missing.

    Attributes:
        name: What both are called, in their folder and in their file.
        a, b: What a user would type for them; None where there is none.
    """

    name: str
    a: str | None
    b: str | None


MISSING, FAILED = "missing", "failed"
"""Verdicts of pairs that were not compared."""


class Met(NamedTuple):
    """What was found of one pair.

    Attributes:
        pair: Which.
        found: The answer; None where there is none.
        error: Why not; None where it is there, or one of the two is missing.
    """

    pair: Named
    found: Comparison | None = None
    error: LrnError | None = None

    @property
    def verdict(self) -> str:
        """One word."""
        if self.found is None:
            return FAILED if self.error else MISSING
        return "equal" if self.found.equal else "different"

    @property
    def why(self) -> str:
        """Why there is no answer."""
        return self.error.message if self.error else f"only in {'a' if self.pair.b is None else 'b'}"

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        data = {"name": self.pair.name, "a": self.pair.a, "b": self.pair.b, "verdict": self.verdict}
        if self.found is None:
            return {**data, "cause": self.why, "pairs": []}
        return {**data, "pairs": [pair.as_data() for pair in self.found.pairs]}


def sum_up(met: Sequence[Met]) -> str:
    """How many pairs there are of each verdict."""
    counts = {word: sum(one.verdict == word for one in met) for word in ("equal", "different", MISSING, FAILED)}
    told = [
        f"{count} {'missing in one of the two' if word == MISSING else word}" for word, count in counts.items() if count
    ]
    return f"of {len(met)} pairs {', '.join(told)}"


def pair_up(a: str, b: str, search: Search | None, reading: Reading) -> list[Named] | None:
    """The tensors of two folders or files that have one name; None where each of the two is one tensor.

    Args:
        a, b: As typed.
        search: For which files folders are searched; None where they are not.
        reading: How to read.

    Raises:
        LrnError: A folder holds no tensor file, one of the two is a folder and the other is not, or a file cannot be
            looked into.
    """
    if search is None:
        return _members(a, b, reading) if _hold_several(a, b, reading) else None
    folders = [is_plain_folder(word) for word in (a, b)]
    if folders[0] != folders[1]:
        file, folder = (b, a) if folders[0] else (a, b)
        raise LrnError(f"{folder} is a folder and {file} is none", "two folders, or two files")
    if not folders[0]:
        return _members(a, b, reading)
    found = ({file.place: file.word for file in find_files(word, search)} for word in (a, b))
    pairs = []
    for name, one, other in _meet(*found):
        several = one is not None and other is not None and _hold_several(one, other, reading)
        inside = _members(one or "", other or "", reading) if several else [Named("", one, other)]
        pairs += [pair._replace(name=f"{name}::{pair.name}" if pair.name else name) for pair in inside]
    return pairs


def _hold_several(a: str, b: str, reading: Reading) -> bool:
    """Whether both are whole files of which at least one has several tensors, and the other has named ones, too."""
    if any(word == STREAM or split(word)[1] or not _is_file(place(word)) for word in (a, b)):
        return False
    try:
        if any(form.is_image or form.name == "npy" for form in map(sniff, map(place, (a, b)))):
            return False
        counts = [len(_tensors(word, reading)) for word in (a, b)]
    except LrnError:
        return False  # whoever opens it says why
    return max(counts) > 1


def _is_file(path: Path) -> bool:
    return is_url(path) or (path.exists() and not is_plain_folder(path) and not is_stream(path))


def _members(a: str, b: str, reading: Reading) -> list[Named]:
    return [Named(*pair) for pair in _meet(_tensors(a, reading), _tensors(b, reading))]


def _tensors(word: str, reading: Reading) -> dict[str, str]:
    """The words of a file's tensors of numbers, by their names in it."""
    listing = list_file(word, reading)
    return {info.member: info.word(place(word)) for info in listing.tensors if info.is_numeric and info.shape}


def _meet(a: Mapping[str, str], b: Mapping[str, str]) -> Iterable[tuple[str, str | None, str | None]]:
    return ((name, a.get(name), b.get(name)) for name in sorted({*a, *b}))
