"""Folders that appear whole or not at all, as `replace.py` has it for files."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from lrn_cli.errors import LrnError
from lrn_cli.tensors.replace import begin_unfinished, end_unfinished, new_mode
from lrn_cli.tensors.targets import exists_error, look_at, remove, sync

_HERE = -100
"""AT_FDCWD of fcntl.h: paths are as they are."""
_NOREPLACE, _EXCHANGE = 1, 2
"""Of renameat2(2)."""
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP}


class UnfinishedFolder:
    """A new folder beside its target; it goes with the process unless it is given a name.

    Args:
        target: Where it, or what is in it, shall appear.

    Attributes:
        path: The folder meanwhile, hidden and empty.

    Raises:
        LrnError: The target's own folder is missing or refuses it.
    """

    def __init__(self, target: Path) -> None:
        self.path = begin_unfinished(look_at(target)[0])
        try:
            self.path.mkdir(0o700)
        except OSError as error:
            end_unfinished(self.path)
            hint = f"mkdir -p {target.parent}"
            raise LrnError(f"{target}: cannot write to its folder: {error.strerror}", hint) from None

    def appear(self, target: Path, *, force: bool, fsync: bool) -> None:
        """Give the folder its name, in the place of what is there where that is forced."""
        self.path.chmod(0o777 & new_mode())
        if fsync:
            sync_all(self.path)
        put(self.path, Path(look_at(target)[0]), target, force=force)
        if fsync:
            sync(target.parent)
        self.remove()

    def remove(self) -> None:
        """Remove the folder, or what it has taken the place of."""
        remove(self.path)
        end_unfinished(self.path)


def put(new: Path, target: Path, shown: object, *, force: bool) -> bool:
    """Give a folder a name in one step; what had the name before has that of the folder then.

    Args:
        new: The folder, on the same file system.
        target: The name.
        shown: What to call it.
        force: Whether what is there may lose the name.

    Returns:
        Whether there was something.

    Raises:
        LrnError: There is something, and that is not forced.
        OSError: It cannot be done.
    """
    if force and os.path.lexists(target):
        if not _rename(new, target, _EXCHANGE):
            _step_aside(new, target)
        return True
    try:
        if not _rename(new, target, _NOREPLACE):
            if os.path.lexists(target):
                raise FileExistsError
            new.rename(target)  # which replaces nothing but an empty folder
    except FileExistsError:
        raise exists_error(Path(str(shown)), "appeared meanwhile") from None
    return False


def _step_aside(new: Path, target: Path) -> None:
    """Exchange two names where the system cannot do so in one step."""
    aside = target.with_name(f"{new.name}.old")  # none that goes with the process: it is what was there
    target.rename(aside)
    try:
        new.rename(target)
    except BaseException:
        aside.rename(target)
        raise
    aside.rename(new)


def sync_all(folder: Path) -> None:
    """Force a folder to the disk with all that is in it."""
    for where, _, names in os.walk(folder):
        for name in (*names, "."):
            sync(Path(where, name))


def _rename(old: Path, new: Path, flag: int) -> bool:
    """Rename by `renameat2`; False where system or file system have none."""
    call = _renameat2()
    if call is None:
        return False
    if call(_HERE, os.fsencode(old), _HERE, os.fsencode(new), flag) == 0:
        return True
    import ctypes

    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(new))


@cache
def _renameat2() -> Any:
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        return ctypes.CDLL(None, use_errno=True).renameat2
    return None
