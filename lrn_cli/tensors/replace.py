"""Files that appear whole or not at all: written beside their target, renamed over it when they are done."""

from __future__ import annotations

import atexit
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.targets import exists_error, look_at, remove, sync

_DESCRIPTORS = "/proc/self/fd"
_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# It can only be read by setting it, which would let another thread make a file without it: so it is read once, here.
_UMASK = _umask()


class Replacement:
    """A new file that takes its target's name only when it is complete.

    Args:
        target: Where it shall appear; of a symbolic link, what the link points to.
        force: Whether a file that is there may be replaced.
        fsync: Whether to force it to the disk before it appears.

    Attributes:
        path: The file to write meanwhile: empty, in the target's own folder.

    Raises:
        LrnError: Its folder is missing or refuses it. What else may be in the way `check_target` tells beforehand, and
            `commit` in the end.
    """

    def __init__(self, target: Path, *, force: bool = False, fsync: bool = False) -> None:
        self._shown, self._force, self._fsync = target, force, fsync
        self._target, _ = look_at(target)
        self.path = begin_unfinished(self._target)
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise LrnError(
                f"{target}: cannot write to its folder: {error.strerror}", f"mkdir -p {target.parent}"
            ) from None

    def commit(self) -> None:
        """Give the file its name; without `force`, only if nothing else has taken it meanwhile."""
        # Only now: what is unfinished is nobody else's to read, and a read-only mode would keep us from writing it.
        self.path.chmod(_mode(self._target))
        if self._fsync:
            sync(self.path)
        if self._force:
            self.path.replace(self._target)
        else:
            self._link()
        end_unfinished(self.path)
        if self._fsync:
            sync(os.path.dirname(self._target) or ".")

    def abort(self) -> None:
        """Remove the unfinished file."""
        self.path.unlink(missing_ok=True)
        end_unfinished(self.path)

    def _link(self) -> None:
        """Take the name in one step that fails where there is one: a file that appeared meanwhile is not lost."""
        try:
            try:
                os.link(self.path, self._target)
                self.path.unlink()
            except OSError as error:
                if error.errno not in _NO_HARD_LINKS:
                    raise
                # A file system without hard links: hold the name with an empty file, then replace that.
                os.close(os.open(self._target, os.O_CREAT | os.O_EXCL))
                self.path.replace(self._target)
        except FileExistsError:
            raise exists_error(self._shown, "appeared meanwhile") from None


class OpenReplacement(Replacement):
    """A replacement that is written through a descriptor.

    Where the file system can, and no old file is there, it has no name at all until it is complete: then nothing is
    left of it whatever happens, and its folder is changed once instead of three times.

    Args:
        target, force, fsync: As of `Replacement`.

    Attributes:
        descriptor: Open for writing; closed by `commit` and `abort`.
    """

    def __init__(self, target: Path, *, force: bool = False, fsync: bool = False) -> None:
        real, there = look_at(target)
        self.descriptor = -1 if force and there else _nameless(os.path.dirname(real) or ".")
        self._named = self.descriptor < 0
        if self._named:
            super().__init__(target, force=force, fsync=fsync)
            self.descriptor = os.open(self.path, os.O_WRONLY)
        else:
            self._shown, self._target, self._force, self._fsync = target, real, force, fsync

    def commit(self) -> None:
        """Close the file, which is when some file systems report a full disk, and give it its name."""
        if self._named:
            descriptor, self.descriptor = self.descriptor, -1
            os.close(descriptor)
            super().commit()
            return
        os.fchmod(self.descriptor, 0o666 & ~_UMASK)
        if self._fsync:
            os.fsync(self.descriptor)
        try:
            self._name(self._target)
        except FileExistsError:
            if not self._force:
                raise exists_error(self._shown, "appeared meanwhile") from None
            self.path = begin_unfinished(self._target)
            self._name(self.path)
            self.path.replace(self._target)
            end_unfinished(self.path)
        descriptor, self.descriptor = self.descriptor, -1
        os.close(descriptor)
        if self._fsync:
            sync(os.path.dirname(self._target) or ".")

    def _name(self, name: str | Path) -> None:
        # Only where a folder is given, be it of no use, does Python follow the link that the descriptor's name is.
        os.link(f"{_DESCRIPTORS}/{self.descriptor}", name, src_dir_fd=self.descriptor, follow_symlinks=True)

    def abort(self) -> None:
        """Remove the unfinished file."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        if self._named:
            super().abort()


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Have other runs wait that would replace a file in this folder, where the file system knows locks."""
    try:
        from fcntl import LOCK_EX, flock
    except ImportError:  # this system has no such lock
        yield
        return
    with ExitStack() as stack:
        with suppress(OSError):
            folder = os.open(Path(os.path.realpath(path)).parent, os.O_RDONLY)
            stack.callback(os.close, folder)
            flock(folder, LOCK_EX)
        yield


@cache
def _has_descriptors() -> bool:
    """Whether open files have names, by which one that has no other can be given one."""
    return hasattr(os, "O_TMPFILE") and Path(_DESCRIPTORS).is_dir()


def _nameless(folder: str) -> int:
    """A descriptor of a new file in that folder without a name; -1 where there can be none."""
    if not _has_descriptors():
        return -1
    try:
        return os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o600)
    except OSError:
        return -1


def _mode(target: str) -> int:
    """The permission bits of the file that is replaced, or what a new file gets."""
    try:
        return stat.S_IMODE(os.stat(target).st_mode)
    except OSError:
        return 0o666 & ~_UMASK


def new_mode() -> int:
    """The permission bits that the umask leaves to something new."""
    return ~_UMASK


_PARTIAL = ".lrn-partial"
_run: ContextVar[str] = ContextVar("_run", default=os.urandom(8).hex())  # noqa: B039 - text
"""In the names of all unfinished files of a run: nobody guesses it, so nobody can have put a link in their place."""

_unfinished: set[Path] = set()
"""Files that this process has begun. A signal may end it before whoever is to remove them knows of them."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unfinished.clear)  # which has begun none of them


@contextmanager
def part_of_run(token: str) -> Iterator[None]:
    """Have what this thread begins meanwhile belong to the run of that token, of which other machines do parts too."""
    kept = _run.set(token)
    try:
        yield
    finally:
        _run.reset(kept)


def begin_unfinished(target: str) -> Path:
    """The name of a new unfinished file beside its target; it goes with the process unless it is `end_unfinished`."""
    folder, name = os.path.split(target)
    short = os.fsencode(name)[:80].decode("utf-8", "ignore")  # a name has 255 bytes at most
    path = Path(folder, f".{short}.{_run.get()}.{os.getpid()}.{os.urandom(4).hex()}{_PARTIAL}")
    _unfinished.add(path)
    return path


def end_unfinished(path: Path) -> None:
    """Forget an unfinished file that has its name or is removed."""
    _unfinished.discard(path)


@atexit.register
def remove_own_unfinished() -> None:
    """Remove what this process has begun and not finished, before it ends."""
    while _unfinished:
        with suppress(OSError):
            remove(_unfinished.pop())


def remove_unfinished(target: Path, process: int | str) -> None:
    """Remove what another process of this run, which has crashed, left of a target; `*` for any."""
    with suppress(OSError):
        for path in Path(os.path.realpath(target)).parent.glob(f".*.{_run.get()}.{process}.*{_PARTIAL}"):
            remove(path)
