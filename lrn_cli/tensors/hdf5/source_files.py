"""The files of a virtual dataset: where HDF5 looks for them, and how many a process may have open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lrn_cli.errors import LrnError

_ORIGIN = "${ORIGIN}"
_OTHERS = 64
"""Descriptors for whatever else is open."""


def find(name: str, home: Path) -> Path | None:
    """The file that HDF5 opens for a source of that name, None where there is none.

    Args:
        name: As the virtual dataset has it.
        home: The file that the virtual dataset is in.
    """
    return next((path for path in _candidates(name, home) if os.path.lexists(path)), None)


def allow(shown: str, files: int) -> None:
    """Have this process open so many files: HDF5 keeps all of them open, and fills in for those that it cannot open.

    Raises:
        LrnError: It may not.
    """
    try:
        import resource
    except ImportError:  # this system has no such limit
        return
    needed = files + _OTHERS
    most, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY in (most, hard) or needed <= most:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if needed > resource.getrlimit(resource.RLIMIT_NOFILE)[0]:
        raise LrnError(
            f"{shown}: is put together from more files than a process may have open here ({hard:,})",
            f"ulimit -n {2 * needed}, or h5repack it into one file",
        )


def _candidates(name: str, home: Path) -> Iterator[Path]:
    """Where HDF5 looks, in its order (H5F_prefix_open_file)."""
    if Path(name).is_absolute():
        yield Path(name)
        name = Path(name).name
    prefixes = os.environ.get("HDF5_VDS_PREFIX", "")
    for prefix in prefixes.replace(_ORIGIN, str(home.parent)).split(":"):
        if prefix:
            yield Path(prefix, name)
    yield home.parent / name
    yield Path(name)
    yield Path(os.path.realpath(home)).parent / name
