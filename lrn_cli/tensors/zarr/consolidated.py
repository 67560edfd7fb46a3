"""Consolidated metadata: those of all nodes in one file of a group, which readers take instead of looking."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lrn_cli.tensors.zarr.creation import write_json
from lrn_cli.tensors.zarr.nodes import ATTRIBUTES, CONSOLIDATED, MARKS, Node, find, parts, read_json


def update(root: Path, members: Sequence[str], gone: Sequence[str] = ()) -> None:
    """Have the groups above arrays that are new, or gone, say so, where they say anything."""
    for member in (*gone, *members):
        names = parts(member, root)
        for end in range(len(names)):
            _update(root, names[:end], names[end:])


def _update(root: Path, above: list[str], below: list[str]) -> None:
    """Have one group know of a node below it, and of the groups between."""
    folder = Path(root, *above)
    file = folder / MARKS[0]
    new = file.exists()
    file = file if new else folder / CONSOLIDATED
    document = read_json(file) if file.exists() else {}
    about = document.get("consolidated_metadata") if new else document
    known = about.get("metadata") if isinstance(about, dict) else None
    if not isinstance(known, dict):
        return
    for end in range(1, len(below) + 1):
        name = "/".join(below[:end])
        node = find(root, "/".join([*above, *below[:end]]))
        for key in [key for key in known if key == name or (end == len(below) and key.startswith(f"{name}/"))]:
            if key == name or node is None or key.rpartition("/")[2].startswith(".z"):
                del known[key]
        if node is not None:
            known.update(_entries(node, name))
    _replace(file, document)


def _entries(node: Node, name: str) -> dict[str, Any]:
    if node.version == 3:
        return {name: node.document}
    mark = MARKS[1] if node.is_array else MARKS[2]
    return {f"{name}/{mark}": node.document, f"{name}/{ATTRIBUTES}": node.attributes()}


def _replace(file: Path, document: dict[str, Any]) -> None:
    """Write metadata in one step: somebody may be reading them."""
    new = file.with_name(f".{file.name}.{os.getpid()}.lrn-partial")
    try:
        write_json(new, document)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
