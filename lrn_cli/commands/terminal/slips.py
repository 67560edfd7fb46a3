"""Slips of the hand on a command line that Click would take for something else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from shlex import join

from lrn_cli.conventions.slips import plain_dashes
from lrn_cli.errors import LrnError


def refuse_slips(args: Sequence[str], known: Collection[str]) -> None:
    """Refuse flags that begin with a dash a page was set with, unless that is a file's name, `-o=y`, and `-output y`.

    Args:
        args: The words behind `lrn`.
        known: The flags of the verb.

    Raises:
        LrnError: There is one; the hint is the line as it was meant.
    """
    joined = [word for word in args if word[:1] == "-" and word[2:3] == "="]
    if joined:
        right = [part for word in args for part in ((word[:2], word[3:]) if word in joined else (word,))]
        raise LrnError(f"{joined[0]}: a flag of one letter has no =", f"lrn {join(right)}")
    single = [word for word in args if word[:1] == "-" != word[1:2] and f"-{word.partition('=')[0]}" in known]
    if single:
        right = [f"-{word}" if word in single else word for word in args]
        raise LrnError(f"{single[0]}: a flag of several letters has two dashes", f"lrn {join(right)}")
    wrong = [word for word in args if plain_dashes(word[:1]) != word[:1] and not Path(word).exists()]
    if wrong:
        right = [_flag(word) if word in wrong else word for word in args]
        raise LrnError(f"{wrong[0]}: begins with another dash than the - of the keyboard", f"lrn {join(right)}")


def _flag(word: str) -> str:
    """A flag with the keyboard's dashes: one that stands for two, as word processors make it, is two before a word."""
    bare = plain_dashes(word).lstrip("-")
    return f"-{bare}" if len(bare) == 1 else f"--{bare}"
