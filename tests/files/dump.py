"""`h5dump`, HDF5's own tool and an older version of the library, as one more witness of what differs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Collection, Iterator
from difflib import unified_diff
from pathlib import Path

_BEGINS = re.compile(r'(?P<indent> *)(?P<kind>GROUP|DATASET|DATATYPE|ATTRIBUTE) "(?P<name>.*)" \{$')
_NORMAL = (
    (re.compile(r"^HDF5 .*"), "HDF5"),
    (re.compile(r"\b(DATASET|GROUP|DATATYPE) \d+ "), r"\1 "),  # addresses that references show
    (re.compile(r'"(/?)#\d+"'), r'"\1#"'),  # and committed types without a name
    (re.compile(r"^ *(OFFSET|SIZE) \d+.*"), ""),
    (re.compile(r"\b(EXTERNAL_FILE|FILENAME).*"), r"\1"),
)


def installed() -> bool:
    """Whether there is an `h5dump`: in Debian it is in the package hdf5-tools."""
    return shutil.which("h5dump") is not None


def dumped(path: Path, *, but: Collection[str] = (), added: Collection[str] = ()) -> list[str] | None:
    """What h5dump shows of a file, without addresses and without the tensor's own numbers; None where it cannot.

    Args:
        path: The file.
        but: Paths of the tensor, of which only the dataspace and the attributes are kept.
        added: Paths of what is left out.
    """
    done = subprocess.run(["h5dump", "-p", str(path)], capture_output=True, check=False, timeout=60)
    if done.returncode:
        return None
    lines = list(_kept(done.stdout.decode("utf-8", "replace").splitlines(), but, added))
    for pattern, shown in _NORMAL:
        lines = [pattern.sub(shown, line) for line in lines]
    return lines


def dump_differences(old: Path, new: Path, *, but: Collection[str] = (), added: Collection[str] = ()) -> list[str]:
    """What h5dump shows otherwise of the new file; nothing where it cannot read the old one either."""
    was, now = dumped(old, but=but), dumped(new, but=but, added=added)
    if was is None:
        return []
    if now is None:
        return ["h5dump cannot read the new file"]
    return [line for line in unified_diff(was, now, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))]


def _kept(lines: list[str], but: Collection[str], added: Collection[str]) -> Iterator[str]:
    """The lines but those of blocks that may differ; a block ends where a brace stands as far left as it began."""
    path: list[tuple[int, str]] = []
    until = tensor = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if until is not None:
            until = None if line == until else until
            continue
        begins = _BEGINS.match(line)
        while path and path[-1][0] >= indent and (begins or line.lstrip() == "}"):
            path.pop()
            tensor = None
        if begins and begins["kind"] in ("GROUP", "DATASET"):
            path.append((indent, begins["name"]))
            where = "/" + "/".join(name for _, name in path if name != "/")
            tensor = indent if where in but else tensor
            if where in added:
                until = f"{' ' * indent}}}"
                continue
        if tensor is not None and indent == tensor + 3 and _is_numbers(line, begins):
            until = f"{' ' * indent}}}" if line.endswith("{") else None
            continue
        yield line


def _is_numbers(line: str, begins: re.Match[str] | None) -> bool:
    """Whether a part of the tensor may differ: it is neither its dataspace nor an attribute that was there."""
    if begins and begins["kind"] == "ATTRIBUTE":
        return begins["name"].startswith("lrn_")
    return not line.lstrip().startswith("DATASPACE")
