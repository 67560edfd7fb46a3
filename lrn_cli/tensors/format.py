"""What a file format owes, with defaults for what is usual: how its files are known, described, opened and written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

_MOST_LISTED, _FEW = 8, 2
_MOST_MATCHES = 10_000
"""Tensors that one name with wildcards may stand for: how many there are is up to who made the file."""


def has_wildcards(member: str) -> bool:
    """Whether there is a `*`, a `?` or a `[` in a name; a tensor may be called so, too."""
    return any(sign in member for sign in "*?[")


class Format(ABC):
    """A file format. One that is only read is this, one that is written too a `WrittenFormat`.

    Attributes:
        name: What `--output-format` and `lrn info` call it.
        suffixes: Of file names, lower case, the usual one first.
        holds: What the tensors of a file are called.
        is_image: Whether it is one for pictures.
        may_crash: Whether a library reads the file which damaged files have been seen to crash.
        marks: Names of files that make a folder one of the format.
        in_python: Python that loads a tensor, with the fields file, member and options; empty where nobody needs it.
    """

    name: str
    suffixes: tuple[str, ...]
    holds: str = "arrays"
    is_image: bool = False
    may_crash: bool = False
    marks: tuple[str, ...] = ()
    in_python: str = ""

    @abstractmethod
    def matches(self, head: bytes) -> bool:
        """Whether a file's first bytes (at least 16 unless the file is shorter) are this format's."""

    def matches_further_in(self, _file: FileIO) -> bool:
        """Whether a file is this format's although its first bytes show none, or another than its name does."""
        return False

    @abstractmethod
    def describe(self, path: Path, reading: Reading) -> list[TensorInfo]:
        """All tensors of a file, numeric or not worth refusing, in the file's order.

        Raises:
            LrnError: The file is damaged, or cannot be read.
        """

    @abstractmethod
    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """One tensor of a file, by its description.

        Raises:
            LrnError: As `describe`, or the tensor is not as described any more.
        """

    def open_named(self, path: Path, file: FileIO, member: str, reading: Reading) -> Source:
        """The tensor of that name, the only one where none is named; raises as `open` and `choose`.

        Args:
            path: The file.
            file: The file as it was opened to recognise it: closed here, or with the source that reads it.
            member: The name; empty where none was typed.
            reading: How to read.
        """
        file.close()
        return self.open(path, self.choose(path, member, self.describe(path, reading), reading), reading)

    def open_several(self, path: Path, infos: Sequence[TensorInfo], reading: Reading) -> Iterator[Source]:
        """Several tensors of a file, each as `open` does; they are closed in the opposite order."""
        return (self.open(path, info, reading) for info in infos)

    def choose(self, path: Path, member: str, infos: Sequence[TensorInfo], reading: Reading) -> TensorInfo:
        """The tensor of a file that is meant: the one named, else the only one there is.

        Raises:
            LrnError: None of that name, none at all, several and none named, or one that is not numeric.
        """
        infos = [reading.name_bytes(info) for info in infos]
        named = next((info for info in infos if info.member == member), None) if member else None
        if named is None and has_wildcards(member):
            named = self._only_match(path, member, infos)
        elif member and named is None:
            raise self._no_member(path, member, infos)
        found = named or self._only_one(path, infos)
        self.refuse_unless_tensor(path, found, reading)
        return found

    def refuse_unless_tensor(self, path: Path, info: TensorInfo, reading: Reading) -> None:
        """Refuse what is no tensor of numbers, or not of those that it was said to be; see `conversion.py`."""
        if info.is_plain and reading.input_dtype is None:
            return
        from lrn_cli.tensors.conversion import refuse_unless_tensor

        refuse_unless_tensor(self.in_python, path, info, reading)

    def is_name(self, _path: Path, member: str, infos: Sequence[TensorInfo]) -> bool:
        """Whether a name with wildcards in it is that of one of the described tensors, which then is meant."""
        return any(info.member == member for info in infos)

    def match(self, path: Path, member: str, infos: Sequence[TensorInfo]) -> list[TensorInfo]:
        """The tensors of numbers that a name with wildcards stands for, in the file's order.

        Dimension scales and single numbers are none; a damaged one is, so that it is not passed over in silence.

        Raises:
            LrnError: There is none, or there are very many.
        """
        from lrn_cli.tensors.wildcards import matches

        found = [info for info in infos if info.member and matches(member, info.member) and _is_matched(info)]
        if not found:
            raise self._no_member(path, member, [info for info in infos if _is_tensor(info)] or infos)
        if len(found) > _MOST_MATCHES:
            raise LrnError(
                f"{path}: {member} matches {len(found):,} {self.holds}, the most are {_MOST_MATCHES:,}",
                "a name that matches fewer, and several runs",
            )
        return found

    def _only_match(self, path: Path, member: str, infos: Sequence[TensorInfo]) -> TensorInfo:
        first, *others = self.match(path, member, infos)
        if others:
            listed = _list([first.member, *(info.member for info in others)])
            raise LrnError(
                f"{path}: one tensor is wanted, and {member} matches {len(others) + 1}: {listed}", first.word(path)
            )
        return first

    def without_tensor(self, path: Path) -> LrnError:
        """What to say of a file in which there is no tensor."""
        return LrnError(f"{path}: holds no array", f"lrn info {path}")

    def _only_one(self, path: Path, infos: Sequence[TensorInfo]) -> TensorInfo:
        """The only tensor of a file, dimension scales and single numbers not counted."""
        numeric = [info for info in infos if info.is_numeric]
        tensors = [info for info in numeric if _is_tensor(info)] or numeric or list(infos)
        if len(tensors) == 1:
            return tensors[0]
        raise self._several(path, tensors, of_numbers=bool(numeric)) if tensors else self.without_tensor(path)

    def _several(self, path: Path, tensors: Sequence[TensorInfo], *, of_numbers: bool) -> LrnError:
        listed = _list([info.member for info in tensors])
        if of_numbers:
            return LrnError(f"{path}: {len(tensors)} numeric {self.holds}, none named: {listed}", tensors[0].word(path))
        from lrn_cli.tensors.conversion import any_conversion

        return LrnError(
            f"{path}: {len(tensors)} {self.holds}, none of them numeric: {listed}",
            any_conversion(self.in_python, path, tensors[:_MOST_LISTED]),
        )

    def _no_member(self, path: Path, member: str, infos: Sequence[TensorInfo]) -> LrnError:
        named = {info.member: info for info in infos if info.member}
        if not infos:
            return self.without_tensor(path)
        if not named:
            return LrnError(f"{path}: holds one array, none is called {member}", str(path))
        from lrn_cli.tensors.absence import nearest

        near = nearest(member, named) or (next(iter(named)) if len(named) == 1 else "")
        listed = ", ".join(list(named)[:_MOST_LISTED])
        wanted = f"no tensor of numbers that matches {member}" if has_wildcards(member) else f"no {member}"
        return LrnError(
            f"{path}: has {wanted}; it has {listed}", named[near].word(path) if near else f"lrn info {path}"
        )


def _is_tensor(info: TensorInfo) -> bool:
    """Whether it is taken without being named: numbers along an axis, of which others are not the coordinates."""
    return info.is_numeric and bool(info.shape) and not info.auxiliary


def _is_matched(info: TensorInfo) -> bool:
    """Whether wildcards mean it: a tensor, or what may be one and is not to be passed over in silence."""
    raw = info.dtype.kind == "V" and not info.dtype.names and info.dtype.itemsize <= _FEW and bool(info.shape)
    return _is_tensor(info) or raw or "damaged" in info.filters


def _list(names: Sequence[str]) -> str:
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


class WrittenFormat(Format):
    """A file format that outputs can have, too.

    Attributes:
        layouts: The only ones that its outputs have; empty where any will do.
        keeps_filters: Whether an output is compressed as its source is, so that its size is not known beforehand.
        holds_several: Whether a file can hold several tensors.
        in_folders: Whether the results of such files have it too where they go to a folder.
    """

    layouts: tuple[str, ...] = ()
    keeps_filters: bool = False
    holds_several: bool = False
    in_folders: bool = True

    @abstractmethod
    def check(self, writing: Writing) -> None:
        """Refuse, with an `LrnError`, an output that `begin` would refuse, before anything is read or made."""

    @abstractmethod
    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin an output of one tensor, or of several of one file where it `holds_several`.

        Args:
            writings: What to write, all to one path and from one file, each to a member of its own.

        Returns:
            A sink for each, to be written to one after the other; any of them commits and aborts the whole output.

        Raises:
            LrnError: It cannot be made there, or not of these tensors.
        """

    def create(self, writing: Writing) -> Sink:
        """Begin an output of one tensor; see `begin`."""
        (sink,) = self.begin([writing])
        return sink

    @contextmanager
    def create_several(self, writings: Sequence[Writing]) -> Iterator[Sequence[Sink]]:
        """Begin an output of several tensors, which appear together when the block ends well; see `begin`."""
        if not self.holds_several:
            raise self.holds_one(writings[0].path, len(writings))
        sinks = self.begin(writings)
        with sinks[0]:  # which stands for all
            yield sinks

    def holds_one(self, path: Path, count: int) -> LrnError:
        """What to say of several tensors that are to go to one file of a format that holds one."""
        return LrnError(
            f"{path}: {count} tensors, and a {self.name} file holds one",
            f"-o '{path.parent}/{{stem}}.{{member}}{path.suffix}'",
        )
