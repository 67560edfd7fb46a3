"""What is in a file, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.layouts import describe
from lrn_cli.tensors.format import Format, has_wildcards
from lrn_cli.tensors.npy.streams import describe as describe_stream
from lrn_cli.tensors.registry import find_format, open_file, recognise, sniff
from lrn_cli.tensors.selection import STREAM, open_tensor, split
from lrn_cli.tensors.targets import is_stream, is_url, place
from lrn_cli.tensors.tensor import Reading, TensorInfo


class Listing(NamedTuple):
    """The tensors of one file.

    Attributes:
        file: As typed.
        format: The file's format.
        tensors: In the file's order.
        taken: Those that `apply` would take; none where it would refuse.
        refusal: Why it would; empty where it would not.
    """

    file: str
    format: str
    tensors: tuple[TensorInfo, ...]
    taken: tuple[TensorInfo, ...]
    refusal: str = ""

    def rows(self) -> list[list[str]]:
        """One row for each tensor: file, format, tensor, shape, dtype, order, chunks, filters, taken."""
        return [
            [
                self.file,
                self.format,
                info.member or "-",
                describe(info.shape),
                info.type_name,
                "Fortran" if info.fortran_order else "C",
                describe(info.chunks) if info.chunks else "-",
                ", ".join(info.filters) or "-",
                "yes" if info in self.taken else "-",
            ]
            for info in self.tensors
        ]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            "file": self.file,
            "format": self.format,
            "tensors": [_data(info, taken=info in self.taken) for info in self.tensors],
            "refusal": self.refusal or None,
        }


def list_file(word: str, reading: Reading, stdin: IO[bytes] | None = None) -> Listing:
    """Look into a file, reading no more of it than that takes.

    Args:
        word: As typed.
        reading: How to read.
        stdin: What `-` stands for.

    Raises:
        LrnError: It is missing or of no known format, or the tensor that was named is not in it.
    """
    if word == STREAM and stdin is not None:
        return _listing(word, find_format("npy"), Path(word), [describe_stream(stdin, "standard input")], reading)
    name, member = split(word)
    path = place(name)
    if is_url(path):
        form = sniff(path)
    else:
        with open_file(path) as file:
            if is_stream(file.fileno()):
                return _listing(word, find_format("npy"), path, [describe_stream(file, word)], reading)
            form = recognise(path, file)
    if member and len(several := _matches(form, path, member, reading)) > 1:
        return Listing(word, form.name, several, several)
    if member:
        with open_tensor(word, reading._replace(cf=None)) as source:  # what is stored
            return Listing(word, form.name, (source.info,), (source.info,))
    return _listing(word, form, path, form.describe(path, reading), reading)


def _matches(form: Format, path: Path, member: str, reading: Reading) -> tuple[TensorInfo, ...]:
    """The tensors that a name with wildcards stands for; none where it is the name of one."""
    if not has_wildcards(member):
        return ()
    infos = form.describe(path, reading)
    return () if form.is_name(path, member, infos) else tuple(form.match(path, member, infos))


def _listing(word: str, form: Format, path: Path, described: Sequence[TensorInfo], reading: Reading) -> Listing:
    tensors = tuple(reading.name_bytes(info) for info in described)
    try:
        return Listing(word, form.name, tensors, (form.choose(path, "", tensors, reading),))
    except LrnError as error:
        return Listing(word, form.name, tensors, (), error.message)


def _data(info: TensorInfo, *, taken: bool) -> dict[str, Any]:
    return {
        "path": info.member or None,
        "shape": list(info.shape),
        "dtype": info.type_name,
        "fortran_order": info.fortran_order,
        "chunks": list(info.chunks) if info.chunks else None,
        "filters": list(info.filters),
        "layout": info.layout or (None if "?" in (info.named or "") else info.named),
        "bytes": info.nbytes,
        "taken_by_apply": taken,
    }
