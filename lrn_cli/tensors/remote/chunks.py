"""Stores of zarr-python behind URLs: read as they are, written with what makes them stores held back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zarr.storage import FsspecStore

from lrn_cli.tensors.remote.addresses import url_of
from lrn_cli.tensors.remote.library import file_system


def store(root: Path) -> Any:
    """A store to read from."""
    system, path = _system(root)
    return FsspecStore(system, read_only=True, path=path)


def _system(root: Path) -> tuple[Any, str]:
    url = url_of(root)
    system = file_system(url, asynchronous=True)  # zarr-python has a loop of its own
    return system, system._strip_protocol(url.text).rstrip("/")


class Unfinished(FsspecStore):  # type: ignore[misc] # whatever types zarr-python has
    """A store to which chunks are sent, and whose metadata are in a folder of this machine.

    Args:
        root: Where it is to be.
        metadata: The folder.

    Attributes:
        sent: The keys of what was sent, or may have been.
    """

    def __init__(self, root: Path, metadata: Path) -> None:
        system, path = _system(root)
        super().__init__(system, read_only=False, path=path)
        self._metadata, self.sent = metadata, set[str]()

    async def get(self, key: str, prototype: Any, byte_range: Any = None) -> Any:
        """What has that key: metadata from the folder, chunks that were sent."""
        if key in self.sent:
            return await super().get(key, prototype, byte_range)
        file = self._metadata / key
        return prototype.buffer.from_bytes(file.read_bytes()) if file.is_file() else None

    async def set(self, key: str, value: Any, byte_range: Any = None) -> None:
        """Send a chunk."""
        self.sent.add(key)
        await super().set(key, value, byte_range)
