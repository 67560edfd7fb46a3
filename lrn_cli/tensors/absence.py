"""What to say of a file that is not there: which one may have been meant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from lrn_cli.errors import LrnError

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
    meant = next((name for name in _guess(str(path)) if os.path.exists(name)), None)
    return LrnError(f"{path}: no such file", f"did you mean {meant}?" if meant else _nearby(path))


def _guess(name: str) -> Iterator[str]:
    """What a name may stand for that no shell has read, as in a list: a home, a variable, within quotes or spaces."""
    bare = name.strip().strip(_QUOTES).removeprefix("\ufeff")
    yield bare
    yield os.path.expandvars(os.path.expanduser(bare))


def _nearby(path: Path) -> str:
    from difflib import get_close_matches

    try:
        names = os.listdir(path.parent)
    except (OSError, ValueError):
        return f"ls {path.parent.parent}"
    near = get_close_matches(path.name, names, n=1, cutoff=0.75)
    return f"did you mean {path.parent / near[0]}?" if near else f"ls {path.parent}"
