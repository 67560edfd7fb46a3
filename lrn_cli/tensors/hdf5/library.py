"""What h5py and HDF5 complain of, in words for people: their own messages are never shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py
from h5py import h5f, h5p

from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5 import calls

H5PY_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError)
"""What h5py raises for whatever HDF5 refuses; which of them it is says little."""

_ENDS_EARLY = re.compile(r"truncated file: eof = (\d+), .*stored_eof = (\d+)")
_GROWING = ("consistency flags", "truncated file")
_SIGNATURE, _LEAST_USER_BLOCK = b"\x89HDF\r\n\x1a\n", 512
_FLAGS, _SWMR_WRITE = 11, 4
"""Place of the consistency flags in a superblock (0 before version 2), and the one that a writer with readers sets."""
_ATTEMPTS = 26
"""Readings of what is being changed: HDF5 waits twice as long each time, 0.07 s in all; its own 100 take for ever."""
_SYSTEM = re.compile(r"errno = (\d+)")
_WAIT = "wait for the writer; h5clear -s {path} only if it crashed"
_REASONS = (
    ("unable to lock file", "another program has it open", "wait for it, or set HDF5_USE_FILE_LOCKING=FALSE"),
    ("signature not found", "is not an HDF5 file", "another name behind -o, or --force to replace {path}"),
    ("consistency flags", "is being written, or the program that wrote it crashed", _WAIT),
)


@contextmanager
def in_words(subject: object, otherwise: str, hint: str = "") -> Iterator[None]:
    """Turn what h5py raises into one line about `subject`.

    Args:
        subject: The file, dataset or block concerned.
        otherwise: What has happened where the operating system gives no reason of its own.
        hint: What to do about it, where that is not plain from the reason.

    Raises:
        LrnError: In place of any error of h5py's.
    """
    try:
        yield
    except LrnError:
        raise
    except H5PY_ERRORS as error:
        reason = _system_reason(error)
        advice = hint or ("df -h" if reason else "copy or download the file again")
        raise LrnError(f"{subject}: {f'{otherwise}: {reason}' if reason else otherwise}", advice) from error


def open_file(path: Path, mode: str = "r", **settings: object) -> h5py.File:
    """Open an HDF5 file.

    Raises:
        LrnError: It is missing, locked, being written, cut off or damaged, or no HDF5 file.
    """
    try:
        return h5py.File(path, mode, **settings)
    except H5PY_ERRORS as error:
        message, hint = _why_not_opened(path, error)
        raise LrnError(f"{path}: {message}", hint) from error


def open_to_read(path: Path) -> h5py.File:
    """Open an HDF5 file, also one to which a program adds that lets others read meanwhile (SWMR).

    Raises:
        LrnError: It is missing, locked, being written, cut off or damaged, or no HDF5 file.
    """
    try:
        return open_file(path)
    except LrnError as refusal:
        if any(sign in str(refusal.__cause__) for sign in _GROWING) and _announces_readers(path):
            with suppress(*H5PY_ERRORS):
                return _open_growing(path)
        raise


def _announces_readers(path: Path) -> bool:
    """Whether a program writes, or wrote when the file was copied, that lets others read meanwhile.

    HDF5 does not look: it takes a file that is cut off for one that grows.
    """
    at = 0
    with path.open("rb", buffering=0) as file:
        while head := os.pread(file.fileno(), _FLAGS + 1, at):
            if head.startswith(_SIGNATURE):
                return len(head) > _FLAGS and bool(head[_FLAGS] & _SWMR_WRITE)
            at = max(2 * at, _LEAST_USER_BLOCK)
    return False


def _open_growing(path: Path) -> h5py.File:
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    calls.limit_attempts(access, _ATTEMPTS)
    return h5py.File(h5f.open(os.fsencode(path), h5f.ACC_RDONLY | h5f.ACC_SWMR_READ, access))


def _why_not_opened(path: Path, error: Exception) -> tuple[str, str]:
    text = str(error)
    for sign, message, hint in _REASONS:
        if sign in text:
            return message, hint.format(path=path)
    if cut := _ENDS_EARLY.search(text):
        return f"ends early: {cut[1]} of its {cut[2]} bytes are there", "copy or download it again"
    if reason := _system_reason(error):
        return f"cannot be opened: {reason}", f"ls -l {path}"
    return "is damaged: HDF5 cannot read its structure", "copy or download it again"


def _system_reason(error: Exception) -> str:
    """What the operating system gave as the reason, if it was asked at all."""
    number = getattr(error, "errno", None)
    if not number and (found := _SYSTEM.search(str(error))):
        number = int(found[1])
    return os.strerror(number) if number else ""
