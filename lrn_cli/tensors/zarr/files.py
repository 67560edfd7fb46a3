"""The files of a store, on a disk or behind a URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lrn_cli.errors import LrnError
from lrn_cli.tensors.targets import is_url


def is_file(path: Path) -> bool:
    """Whether there is a file of that name; raises `LrnError` where that cannot be told."""
    if not is_url(path):
        return path.is_file()
    from lrn_cli.tensors.remote.objects import kind_of

    return kind_of(path) == "file"


def read(path: Path, most: int) -> bytes:
    """A file, or so many bytes of it; raises `OSError`, behind a URL `LrnError`."""
    if not is_url(path):
        with path.open("rb", buffering=0) as file:
            return file.read(most)
    from lrn_cli.tensors.remote.objects import Stream

    with Stream(path) as stream:
        return stream.read(most)


def folders(path: Path) -> list[str]:
    """The names of the folders in one; links are none, which may lead in a circle."""
    if not is_url(path):
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    from lrn_cli.tensors.remote.listing import folders as folders_behind

    return sorted(folders_behind(path))


def refuse_outside(root: Path, file: Path) -> None:
    """Refuse what a symbolic link leads out of a store: whoever made that could have any file read.

    Raises:
        LrnError: It does.
    """
    if is_url(root):
        return  # where there are no links
    real, home = os.path.realpath(file), os.path.realpath(root)
    if real != home and not real.startswith(home + os.sep):
        raise LrnError(f"{file}: leads out of the store, to {real}", "copy it into the store")


def sizes(root: Path, folder: Path) -> Iterator[tuple[str, int]]:
    """All files below a folder of a store by their path from there, with their size.

    Raises:
        LrnError: A symbolic link among them leads out of the store, or one is no file.
    """
    return _behind(folder) if is_url(folder) else _on_disk(root, folder)


def can_list(root: Path) -> bool:
    """Whether it can be told which files there are."""
    if not is_url(root):
        return True
    from lrn_cli.tensors.remote.listing import can_list as can_list_behind

    return can_list_behind(root)


def _behind(folder: Path) -> Iterator[tuple[str, int]]:
    from lrn_cli.tensors.remote.listing import walk

    return ((below.place, below.size) for below in walk(str(folder)))


def _on_disk(root: Path, folder: Path) -> Iterator[tuple[str, int]]:
    waiting = [""]
    while waiting:
        below = waiting.pop()
        with os.scandir(folder / below) as entries:
            for entry in entries:
                if entry.is_symlink():
                    refuse_outside(root, Path(entry.path))
                elif entry.is_dir():
                    waiting.append(f"{below}{entry.name}/")
                    continue
                if not entry.is_file():
                    raise LrnError(f"{entry.path}: is a pipe or a device, not a chunk", "remove it from the store")
                yield below + entry.name, entry.stat().st_size


def storage(root: Path, *, write: bool) -> Any:
    """A store as zarr-python has it."""
    if is_url(root):
        from lrn_cli.tensors.remote.chunks import Objects

        return Objects(root)
    from zarr.storage import LocalStore

    return LocalStore(root, read_only=not write)
