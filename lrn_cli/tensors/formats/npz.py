"""NumPy's .npz archives, read only."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Format, Reading, Source, TensorInfo


def _matches(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _describe(path: Path, _reading: Reading) -> list[TensorInfo]:
    from lrn_cli.tensors.npy.archives import describe

    return describe(path)


def _open(path: Path, info: TensorInfo, _reading: Reading) -> Source:
    from lrn_cli.tensors.npy.archives import ArchivedSource

    return ArchivedSource(path, info)


def _without_tensor(path: Path) -> LrnError:
    from lrn_cli.tensors.npy.archives import without_arrays

    return without_arrays(path)


_IN_PYTHON = "np.load({file}{options})[{member}]"

FORMATS = (Format("npz", (".npz",), _matches, _describe, _open, in_python=_IN_PYTHON, without_tensor=_without_tensor),)
