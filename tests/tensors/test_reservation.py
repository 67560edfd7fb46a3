"""Room is taken on the disk at once where the file system can do that at once, and only there."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lrn_cli.errors import LrnError
from lrn_cli.tensors.targets import check_room, reserve

fcntl = pytest.importorskip("fcntl", reason="this system has no flags of open files")
if not hasattr(os, "posix_fallocate"):
    pytest.skip("this system reserves nothing", allow_module_level=True)

_SIZE = 3 << 20


def flags_of(descriptor: int) -> int:
    return int(fcntl.fcntl(descriptor, fcntl.F_GETFL))


def test_a_file_that_room_was_taken_for_is_written_where_one_says(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb", buffering=0) as file:
        before = flags_of(file.fileno())
        reserve(file.fileno(), 0, _SIZE)
        assert flags_of(file.fileno()) == before
        os.pwrite(file.fileno(), b"here", 7)
    assert (tmp_path / "x").read_bytes()[:12] == b"\0" * 7 + b"here\0"


def test_a_small_file_is_not_worth_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(os, "posix_fallocate", lambda *arguments: asked.append(arguments))
    with (tmp_path / "x").open("wb", buffering=0) as file:
        reserve(file.fileno(), 0, 1000)
    assert not asked


@pytest.mark.parametrize("number", [errno.EBADF, errno.EOPNOTSUPP, errno.EINVAL])
def test_a_file_system_that_cannot_is_not_written_to_in_its_place(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(descriptor: int, _position: int, _size: int) -> None:
        asked.append(flags_of(descriptor) & os.O_APPEND)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with (tmp_path / "x").open("wb", buffering=0) as file:
        reserve(file.fileno(), 0, _SIZE)
        assert asked == [os.O_APPEND], "glibc writes to every block of a file that is not open for appending"
        assert not flags_of(file.fileno()) & os.O_APPEND
    assert (tmp_path / "x").stat().st_size == 0


def test_a_file_system_that_does_not_know_its_size_is_taken_to_have_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=0, f_frsize=4096, f_blocks=0))
    check_room(tmp_path / "y.npy", 1 << 30)
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=0, f_frsize=4096, f_blocks=100))
    with pytest.raises(LrnError, match="has 0 free"):
        check_room(tmp_path / "y.npy", 1 << 30)


@pytest.mark.parametrize("suffix", ["npy", "h5", "safetensors"])
def test_a_disk_without_room_is_one_line_and_leaves_nothing(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Any
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    source, output = tmp_path / "x.npy", tmp_path / f"y.{suffix}"
    np.save(source, np.ones((4, 8, 128, 128), "f4"))
    monkeypatch.setattr(os, "posix_fallocate", refuse)
    result = call("apply", source, "-o", output, "-c", "caffe", "-q")
    assert result.code == 2
    assert result.err.startswith(f"lrn: error: {output}")
    assert os.strerror(errno.ENOSPC) in result.err.splitlines()[0]
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]
