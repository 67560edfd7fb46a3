"""Stores of zarr-python behind URLs: read as they are, written with what makes them stores held back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from lrn_cli.tensors.remote.addresses import url_of
from lrn_cli.tensors.remote.library import READ, WRITTEN, explain, file_system

try:
    from zarr.storage import MemoryStore, WrapperStore
except ModuleNotFoundError:  # who needs them has asked for zarr-python before; others only import all there is
    MemoryStore = WrapperStore = object


class Objects(WrapperStore):  # type: ignore[misc] # whatever types zarr-python has
    """A store to read from; of what a store can do besides nothing is asked.

    zarr-python's own such store has connections of its own, which nobody closes.

    Args:
        root: Where it is.
        read_only: Whether nothing is written.
    """

    def __init__(self, root: Path, *, read_only: bool = True) -> None:
        super().__init__(MemoryStore(read_only=read_only))
        self._root = url_of(root)
        self._system = file_system(self._root)

    async def get(self, key: str, prototype: Any, byte_range: Any = None) -> Any:
        """What has that key, or a part of it; None where nothing has."""
        coming = self._system._cat_file((self._root / key).text, **_part(byte_range))
        try:
            data = await self._await(coming)
        except FileNotFoundError:
            return None
        except Exception as error:
            raise explain(self._root / key, error, READ) from error
        return prototype.buffer.from_bytes(data)

    async def exists(self, key: str) -> bool:
        """Whether anything has that key."""
        try:
            await self._await(self._system._info((self._root / key).text))
        except FileNotFoundError:
            return False
        return True

    async def _await(self, coming: Coroutine[Any, Any, Any]) -> Any:
        """Wait for what is done in fsspec's loop: zarr-python has another, and no connection goes with both."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coming, self._system.loop))


def _part(asked: Any) -> dict[str, int]:
    """What fsspec calls the parts that zarr-python asks for."""
    if asked is None:
        return {}
    if hasattr(asked, "suffix"):
        return {"start": -asked.suffix}
    return {"start": asked.offset} if hasattr(asked, "offset") else {"start": asked.start, "end": asked.end}


class Unfinished(Objects):
    """A store to which chunks are sent, and whose metadata are in a folder of this machine.

    Args:
        root: Where it is to be.
        metadata: The folder.
        sent: Takes the keys of what was sent, or may have been.
    """

    def __init__(self, root: Path, metadata: Path, sent: set[str]) -> None:
        super().__init__(root, read_only=False)
        self._metadata, self._sent = metadata, sent

    async def get(self, key: str, prototype: Any, byte_range: Any = None) -> Any:
        """What has that key: metadata from the folder, chunks that were sent."""
        if key in self._sent:
            return await super().get(key, prototype, byte_range)
        file = self._metadata / key
        return prototype.buffer.from_bytes(file.read_bytes()) if file.is_file() else None

    async def set(self, key: str, value: Any) -> None:
        """Send a chunk."""
        self._sent.add(key)
        try:
            await self._await(self._system._pipe_file((self._root / key).text, value.to_bytes()))
        except Exception as error:
            raise explain(self._root / key, error, WRITTEN) from error
