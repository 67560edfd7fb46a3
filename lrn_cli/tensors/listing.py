"""What is in a file, for people and for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.layouts import describe
from lrn_cli.tensors.registry import sniff
from lrn_cli.tensors.selection import choose, open_tensor, split
from lrn_cli.tensors.tensor import Reading, TensorInfo


class Listing(NamedTuple):
    """The tensors of one file.

    Attributes:
        file: As typed.
        format: The file's format.
        tensors: In the file's order.
        taken: The one that `apply` would take; None where it would refuse.
        refusal: Why it would; empty where it would not.
    """

    file: str
    format: str
    tensors: tuple[TensorInfo, ...]
    taken: TensorInfo | None
    refusal: str = ""

    def rows(self) -> list[list[str]]:
        """One row for each tensor: file, format, tensor, shape, dtype, order, chunks, filters, taken."""
        return [
            [
                self.file,
                self.format,
                info.member or "-",
                describe(info.shape),
                str(info.dtype),
                "Fortran" if info.fortran_order else "C",
                describe(info.chunks) if info.chunks else "-",
                ", ".join(info.filters) or "-",
                "yes" if info is self.taken else "-",
            ]
            for info in self.tensors
        ]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            "file": self.file,
            "format": self.format,
            "tensors": [_data(info, taken=info is self.taken) for info in self.tensors],
            "refusal": self.refusal or None,
        }


def list_file(word: str, reading: Reading) -> Listing:
    """Look into a file, reading no more of it than that takes.

    Raises:
        LrnError: It is missing or of no known format, or the tensor that was named is not in it.
    """
    name, member = split(word)
    path = Path(name)
    form = sniff(path)
    if member:
        with open_tensor(word, reading._replace(cf=None)) as source:  # what is stored
            return Listing(word, form.name, (source.info,), source.info)
    tensors = tuple(form.describe(path, reading))
    try:
        return Listing(word, form.name, tensors, choose(path, member, tensors))
    except LrnError as error:
        return Listing(word, form.name, tensors, None, error.message)


def _data(info: TensorInfo, *, taken: bool) -> dict[str, Any]:
    return {
        "path": info.member or None,
        "shape": list(info.shape),
        "dtype": str(info.dtype),
        "fortran_order": info.fortran_order,
        "chunks": list(info.chunks) if info.chunks else None,
        "filters": list(info.filters),
        "layout": info.layout,
        "bytes": info.nbytes,
        "taken_by_apply": taken,
    }
