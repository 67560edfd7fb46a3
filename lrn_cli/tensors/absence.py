"""What to say of a file that is not there: which one may have been meant."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from shlex import quote

from lrn_cli.errors import LrnError

_LIKE = 0.75
"""How alike a name must be to be taken for the one that was meant."""
_QUOTES = "'\"`"


def missing(path: Path) -> LrnError:
    """The error for a file that is not there; the hint names one that is, where there is one like it."""
    if path.is_symlink():
        target = Path(os.path.realpath(path))
        return LrnError(f"{path}: is a symbolic link to {target}, which is not there", _nearby(target))
    scheme, _, rest = str(path).partition(":/")  # a path has one slash where a URL has two or three
    if scheme in {"ftp", "ftps"}:
        return LrnError(
            f"{scheme}://{rest}: no such file; lrn reads no {scheme}:// URL", f"curl -LO {quote(f'{scheme}://{rest}')}"
        )
    if scheme == "file":
        from urllib.parse import unquote

        plain = Path("/", unquote(rest.removeprefix("localhost/")))
        hint = f"did you mean {plain}?" if os.path.exists(plain) else _nearby(plain)
        return LrnError(f"file:///{rest}: no such file; lrn reads no file:// URL", hint)
    if member := _member(str(path)):
        return LrnError(f"{path}: no such file", f"did you mean {member}?")
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9+]+", scheme) and rest:
        return LrnError(f"{scheme}://{rest}: no such file; lrn reads no {scheme}:// URL", "s3://, gs:// or https://")
    meant = next((name for name in _guess(str(path)) if os.path.exists(name)), None)
    return LrnError(f"{path}: no such file", f"did you mean {meant}?" if meant else _nearby(path))


def _member(name: str) -> str:
    """The tensor of a file that is meant by `x.h5:/d`, and by `x.h5/d` as h5ls spells it; empty where none is."""
    for at, letter in enumerate(name):
        file = name[:at].rstrip(":") if letter in ":/" else ""
        if file and os.path.isfile(file) and name[at:].strip(":/"):
            root = "" if file.endswith((".npz", ".safetensors")) else "/"
            return f"{file}::{root}{name[at:].lstrip(':/')}"
    return ""


def _guess(name: str) -> Iterator[str]:
    """What a name may stand for that no shell has read, as in a list: a home, a variable, within quotes or spaces."""
    bare = name.strip().strip(_QUOTES).removeprefix("\ufeff")
    yield bare
    yield os.path.expandvars(os.path.expanduser(bare))


def _nearby(path: Path) -> str:
    folder = path.parent
    try:
        near = nearest(path.name, os.listdir(folder))
    except (OSError, ValueError):
        there = next((above for above in folder.parents if above.is_dir()), Path())
        return f"ls {quote(str(there))}"
    return f"did you mean {folder / near}?" if near else f"ls {quote(str(folder))}"


def nearest(name: str, names: Iterable[str]) -> str:
    """Which name may have been meant by one that is not there; empty where none is so near that another is not.

    Numbers are no slips: what has another is another thing.

    >>> nearest("im_0000.npy", ["im_02000.npy", "im_00000.npy"]), nearest("conv3", ["conv1", "conv2"])
    ('im_00000.npy', '')
    >>> nearest("feets.npy", ["feats.npy"]), nearest("y.npy", ["x.npy"]), nearest("conv", ["conv1", "fc"])
    ('feats.npy', '', 'conv1')
    """
    names = list(names)
    begun = [other for other in names if len(name) > 1 and other.startswith(name)]
    alike = [other for other in names if other.lower() == name.lower()] or begun
    if len(alike) == 1:
        return alike[0]
    like = {other: _likeness(name, other) for other in names if _numbers(other) == _numbers(name)}
    # Of two that are as like, the one that goes on longer as it was typed.
    near = max(like, key=lambda other: (like[other], _begun(other, name)), default="")
    return near if near and like[near] >= _LIKE else ""


def _begun(one: str, other: str) -> int:
    """How many letters two names begin with in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _likeness(name: str, other: str) -> float:
    """How alike two names are, as they are and in what stands before a suffix."""
    from difflib import SequenceMatcher

    one, two = name.lower(), other.lower()
    bare = os.path.splitext(one)[0], os.path.splitext(two)[0]
    return min(SequenceMatcher(None, *pair).ratio() for pair in ((one, two), bare))


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", os.path.splitext(name)[0])]
