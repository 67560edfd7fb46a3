"""What to say of a file that is not there: which one may have been meant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

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
    if scheme in {"http", "https", "ftp"}:
        from shlex import quote

        return LrnError(f"{scheme}://{rest}: no such file; lrn reads no URL", f"curl -LO {quote(f'{scheme}://{rest}')}")
    if scheme == "file":
        from urllib.parse import unquote

        plain = Path("/", unquote(rest.removeprefix("localhost/")))
        hint = f"did you mean {plain}?" if os.path.exists(plain) else _nearby(plain)
        return LrnError(f"file:///{rest}: no such file; lrn reads no URL", hint)
    if member := _member(str(path)):
        return LrnError(f"{path}: no such file", f"did you mean {member}?")
    meant = next((name for name in _guess(str(path)) if os.path.exists(name)), None)
    return LrnError(f"{path}: no such file", f"did you mean {meant}?" if meant else _nearby(path))


def _member(name: str) -> str:
    """The tensor of a file that is meant by `x.h5:/d`, and by `x.h5/d` as h5ls spells it; empty where none is."""
    for at, letter in enumerate(name):
        file = name[:at].rstrip(":") if letter in ":/" else ""
        if file and os.path.isfile(file) and name[at:].strip(":/"):
            return f"{file}::/{name[at:].lstrip(':/')}"
    return ""


def _guess(name: str) -> Iterator[str]:
    """What a name may stand for that no shell has read, as in a list: a home, a variable, within quotes or spaces."""
    bare = name.strip().strip(_QUOTES).removeprefix("\ufeff")
    yield bare
    yield os.path.expandvars(os.path.expanduser(bare))


def _begun(one: str, other: str) -> int:
    """How many letters two names begin with in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _nearby(path: Path) -> str:
    from difflib import SequenceMatcher

    try:
        names = os.listdir(path.parent)
    except (OSError, ValueError):
        return f"ls {path.parent.parent}"
    like = {name: SequenceMatcher(None, path.name, name).ratio() for name in names}
    # Of two that are as like, the one that goes on longer as it was typed.
    near = max(like, key=lambda name: (like[name], _begun(name, path.name)), default="")
    return f"did you mean {path.parent / near}?" if near and like[near] >= _LIKE else f"ls {path.parent}"
