"""Bytes that are copied from file to file, with and without the kernel's help."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lrn_cli.tensors.pieces import copy_bytes

DATA = bytes(range(256)) * 99


def refuse(*_: Any) -> int:
    """What a system says that does not copy between such files."""
    raise OSError(18, "Invalid cross-device link")


def nothing(*_: Any) -> int:
    """What some file systems say of files that have no length of their own."""
    return 0


@pytest.mark.parametrize("kernel", [None, refuse, nothing])
def test_as_many_bytes_are_copied_as_are_there(kernel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if kernel is not None:
        monkeypatch.setattr(os, "copy_file_range", kernel, raising=False)
    (tmp_path / "old").write_bytes(DATA)
    with (tmp_path / "old").open("rb") as old, (tmp_path / "new").open("w+b") as new:
        assert copy_bytes(old.fileno(), new.fileno(), 1000, 7, 3) == 1000
        assert copy_bytes(old.fileno(), new.fileno(), 1000, len(DATA) - 10, 1003) == 10
    assert (tmp_path / "new").read_bytes() == bytes(3) + DATA[7:1007] + DATA[-10:]
