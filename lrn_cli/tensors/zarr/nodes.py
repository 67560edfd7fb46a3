"""The nodes of a store: its groups and arrays, each a folder with metadata in JSON, which is read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.zarr import files

MARKS = ("zarr.json", ".zarray", ".zgroup")
"""Files that make a folder a node: of an array or a group of version 3, of an array, of a group of version 2."""
ATTRIBUTES = ".zattrs"
CONSOLIDATED = ".zmetadata"
"""What version 2 has in one file of all nodes below a group."""
AGAIN = "copy or download the store again"
_LARGEST = 32 << 20
"""Bytes of metadata: of a root, those of all nodes may stand in it."""
_MOST_VALUES = 2_000_000
_MOST_NODES = 100_000


class Node(NamedTuple):
    """A group or an array.

    Attributes:
        member: Its path in the store, which begins with a slash; empty for the root.
        folder: Where it is.
        version: Of the format: 2 or 3.
        is_array: Whether it is an array.
        document: Its metadata; of version 2 without the attributes.
    """

    member: str
    folder: Path
    version: int
    is_array: bool
    document: dict[str, Any]

    def attributes(self) -> dict[str, Any]:
        """Its attributes.

        Raises:
            LrnError: They are no JSON object.
        """
        if self.version == 3:
            found = self.document.get("attributes", {})
            return found if isinstance(found, dict) else {}
        path = self.folder / ATTRIBUTES
        return read_json(path) if files.is_file(path) else {}


def parts(member: str, shown: object) -> list[str]:
    """The names of the nodes on the way to a member, the last its own.

    Raises:
        LrnError: One is none that a node can have.
    """
    names = [part for part in member.split("/") if part not in ("", ".")]
    bad = next((name for name in names if name == ".." or name.startswith("__") or "\0" in name), None)
    if bad is not None or (names and names[-1] in (*MARKS, ATTRIBUTES)):
        raise LrnError(
            f"{shown}::{member}: {bad or names[-1]!r} is no name of a group or an array", f"lrn info {shown}"
        )
    return names


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file of metadata.

    Raises:
        LrnError: It cannot be read, is none, or is larger than any that are written.
    """
    try:
        text = files.read(path, _LARGEST + 1)
        if len(text) > _LARGEST:
            raise ValueError(f"it has more than {_LARGEST:,} bytes")
        if sum(text.count(sign) for sign in (b",", b"[", b"{")) > _MOST_VALUES:
            raise ValueError(f"it holds more than {_MOST_VALUES:,} values")
        found = json.loads(text)
    except OSError as error:
        raise LrnError(f"{path}: cannot be read: {error.strerror}", f"ls -l {path}") from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error).partition(";")[0]
        raise LrnError(f"{path}: the metadata cannot be read: {reason}", AGAIN) from None
    if not isinstance(found, dict):
        raise LrnError(f"{path}: the metadata is no JSON object", AGAIN)
    return found


def find(root: Path, member: str) -> Node | None:
    """The node of that path; None where there is none.

    Raises:
        LrnError: Its metadata is damaged, or it lies outside of the store.
    """
    names = parts(member, root)
    folder = root.joinpath(*names)
    files.refuse_outside(root, folder)
    return _read(root, folder, "/" + "/".join(names) if names else "")


def _read(root: Path, folder: Path, member: str) -> Node | None:
    """The node in a folder that is known to be in the store; see `find`."""
    mark = next((name for name in MARKS if files.is_file(folder / name)), None)
    if mark is None:
        return None
    for file in (folder / mark, folder / ATTRIBUTES):
        if file.is_symlink():
            files.refuse_outside(root, file)
    document, version = read_json(folder / mark), 3 if mark == MARKS[0] else 2
    kind = document.get("node_type") if version == 3 else "array" if mark == MARKS[1] else "group"
    if document.get("zarr_format") != version or kind not in ("array", "group"):
        raise LrnError(f"{folder / mark}: is no metadata of Zarr {version}", AGAIN)
    return Node(member, folder, version, kind == "array", document)


def walk(root: Path) -> Iterator[Node | LrnError]:
    """All groups and arrays of a store by the order of their names, each before what is in it.

    A stack rather than recursion: how deep they are nested is up to who made the store. Symbolic links are passed over,
    which may lead in a circle.
    """
    waiting, count = [""], 0
    while waiting:
        member, count = waiting.pop(), count + 1
        try:
            if count > _MOST_NODES:
                raise LrnError(f"{root}: has more than {_MOST_NODES:,} groups and arrays", "a part of it, as a store")
            node = _read(root, root.joinpath(*member.split("/")), member)
        except LrnError as error:
            yield error
            if count > _MOST_NODES:
                return
            continue
        if node is None:
            continue
        yield node
        if not node.is_array:
            names = files.folders(node.folder)
            waiting += [f"{member}/{name}" for name in reversed(names) if not name.startswith("__")]
