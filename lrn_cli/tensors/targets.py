"""What is at the place of an output, whether it could be written there, and what is there in the end or was never."""

from __future__ import annotations

import errno
import os
import re
import stat
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from lrn_cli.errors import LrnError

_STANDARD_OUTPUT = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/proc/thread-self/fd/1"}

_MUCH = 1 << 24
"""Bytes of an output before which the disk is asked whether it has room."""
_WORTH_RESERVING = 1 << 20
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_URL = re.compile(r"(s3|s3a|s3n|gs|gcs|https?)://", re.IGNORECASE)

WITHOUT_LOSS = "--skip-existing to leave it, another name, or --force to replace it"
"""What to do where an output is there; what loses it comes last."""
BESIDE = "another name, or --force to replace it"
"""The same of what is written beside the answer, where nothing can be skipped."""
_IN_PLACE = "another name behind -o, or --force if its result is to take its place"


def is_url(name: str | Path) -> bool:
    """Whether a name is a URL of those that are taken; no path of this machine shows two slashes in a row.

    >>> is_url("s3://bucket/x.npy"), is_url("x.h5::/a://b"), is_url(Path("s3://bucket/x.npy"))
    (True, False, False)
    """
    text = str(name)
    return ":/" in text and _URL.match(text) is not None


def place(name: str | Path) -> Path:
    """Where a file is, or what is taken for one behind a URL; raises as `remote.addresses.Url`."""
    if isinstance(name, Path):
        return name
    if not is_url(name):
        return Path(name)
    from lrn_cli.tensors.remote.addresses import Url

    return Url(name)


def check_target(target: Path, *, force: bool, source: Path | None = None, instead: str = WITHOUT_LOSS) -> None:
    """Refuse an output that could not be written, before anything is read; pipes and devices can always be.

    Args:
        target: The output.
        force: Whether what is there may be replaced.
        source: The input's file, where there is one.
        instead: The hint where the output is there.

    Raises:
        LrnError: It is there and `force` is not given, it is a folder, or its folder is missing or not writable.
    """
    real, kind = look_at(target)
    folder = os.path.dirname(real) or "."
    if _written_through(kind):
        return
    if stat.S_ISLNK(kind):
        raise LrnError(f"{target}: is a symbolic link that leads to itself", "another name")
    if stat.S_ISDIR(kind):
        raise LrnError(f"{target}: is a folder", f"-o {target}/NAME.npy")
    if kind and not force:
        raise present_error(target, source, instead)
    if os.access(folder, os.W_OK | os.X_OK) and os.path.isdir(folder):
        return
    if not Path(folder).exists():
        raise LrnError(f"{target}: there is no folder {folder}", f"mkdir -p {folder}")
    if not Path(folder).is_dir():
        raise LrnError(f"{target}: {folder} is a file, not a folder", "another name")
    raise LrnError(f"{target}: the folder {folder} cannot be written to", f"ls -ld {folder}")


def check_room(path: Path | None, needed: int, what: str = "the result") -> None:
    """Refuse what the disk cannot hold; a file of a few bytes may declare a tensor of terabytes.

    Args:
        path: The output; None for a stream.
        needed: Bytes that it will take.
        what: It is.

    Raises:
        LrnError: There are not as many.
    """
    if needed < _MUCH or path is None or is_url(path) or is_stream(path):
        return
    there = next(folder for folder in Path(os.path.realpath(path)).parents if folder.exists())
    disk = os.statvfs(there)
    free = disk.f_bavail * disk.f_frsize
    if needed > free and (free or disk.f_blocks):  # a file system in memory may not know its size, and says 0
        raise LrnError(
            f"{path}: {what} takes {needed:,} bytes and its disk has {free:,} free",
            "another disk behind -o, or --dtype float16",
        )


def reserve(descriptor: int, position: int, size: int) -> None:
    """Take the room on the disk for a part of a new file; do nothing where the file system cannot at once.

    Writing is quicker then, and a full disk shows before anything is computed.

    Args:
        descriptor: The file, to which nobody writes meanwhile.
        position: Where the part begins.
        size: Its bytes.

    Raises:
        OSError: There is no room.
    """
    if size < _WORTH_RESERVING or not hasattr(os, "posix_fallocate"):
        return
    from fcntl import F_GETFL, F_SETFL, fcntl

    flags = fcntl(descriptor, F_GETFL)
    try:
        # Where the system cannot, glibc writes to every block, which is slow; not with this flag, says its manual
        # under "Storage Allocation".
        fcntl(descriptor, F_SETFL, flags | os.O_APPEND)
        os.posix_fallocate(descriptor, position, size)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
    finally:
        fcntl(descriptor, F_SETFL, flags)


def is_standard_output(word: str) -> bool:
    """Whether an output is a name of standard output, whatever that leads to: a file is not to be replaced there.

    >>> is_standard_output("-"), is_standard_output("/dev/stdout"), is_standard_output("out.npy")
    (True, True, False)
    """
    return word == "-" or os.path.normpath(word).replace("//", "/") in _STANDARD_OUTPUT


def is_stream(target: Path | int) -> bool:
    """Whether a path, or what is open, is a pipe or a device: written straight through, and never replaced."""
    try:
        mode = os.stat(target).st_mode
    except OSError:
        return False
    return _written_through(mode)


def _written_through(mode: int) -> bool:
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def look_at(target: Path) -> tuple[str, int]:
    """The path, or what it leads to where it is a symbolic link, and what is there; 0 where nothing is.

    Links among its folders are followed without our help.
    """
    path, mode = str(target), _mode_of(target)
    if stat.S_ISLNK(mode):
        path = os.path.realpath(path)
        mode = _mode_of(path)
    return path, mode


def _mode_of(path: str | Path) -> int:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def is_same_file(target: Path | None, source: Path | None) -> bool:
    """Whether an output is the input, under whatever name."""
    if target is not None and is_url(target):
        return str(target) == str(source)
    try:
        return target is not None and source is not None and os.path.samefile(target, source)
    except OSError:
        return False


def exists_error(target: Path, how: str, instead: str = WITHOUT_LOSS, what: str = "") -> LrnError:
    """The error for an output that is there and may not be replaced."""
    return LrnError(f"{target}: {how}, and is not replaced without --force{what}", instead)


def present_error(target: Path, source: Path | None, instead: str = WITHOUT_LOSS) -> LrnError:
    """The error for an output that was there from the start, be it the input itself."""
    if is_same_file(target, source):
        return exists_error(target, "is there already", _IN_PLACE, ": it is the input itself")
    return exists_error(target, "is there already", instead)


P = TypeVar("P", bound="Pending")


def remove(path: Path) -> None:
    """Remove an unfinished file, or folder."""
    if path.is_dir() and not path.is_symlink():
        from shutil import rmtree

        # Under another name first: who still writes to it, elsewhere, must not give its name to what is left of it.
        with suppress(OSError):
            path = path.rename(path.with_name(f"{path.stem}.{os.urandom(4).hex()}{path.suffix}"))
        rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sync(path: str | Path) -> None:
    """Force a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Pending(ABC):
    """An output that appears when the `with` block ends well, and not otherwise."""

    @abstractmethod
    def commit(self) -> None:
        """Make the output appear under its name."""

    @abstractmethod
    def abort(self) -> None:
        """Remove every trace of the output; what was there before stays."""

    def __enter__(self: P) -> P:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abort()
            return
        try:
            self.commit()
        except BaseException:
            self.abort()
            raise
