"""Names with wildcards, which stand for several tensors of a file, by a shell's rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

_EVERY = "*"
_ANY_STEPS = "**"


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern stands for a name, among others.

    `*` alone stands for every name. In a path `*`, `?` and `[a-z]` do not cross a slash, and `**` between slashes
    stands for any number of steps, none among them. The slash before a path may be left out.

    Args:
        pattern: As typed behind `::`.
        name: A dataset's path, or an array's name.

    >>> matches("*", "/a/b"), matches("/*", "/a/b"), matches("/a/*", "/a/b"), matches("a/?", "/a/b")
    (True, False, True, True)
    >>> matches("/a/**", "/a/b/c"), matches("**/c", "/a/b/c"), matches("**/c", "/c"), matches("/**/[bd]/c", "/a/b/c")
    (True, True, True, True)
    """
    return pattern == _EVERY or _match_steps(_steps(pattern), _steps(name))


def _match_steps(pattern: Sequence[str], name: Sequence[str]) -> bool:
    # All ways at once, one step of the name after the other: to try them in turn may take for ever.
    ways = _pass_over(pattern, {0})
    for step in name:
        after = (at if pattern[at] == _ANY_STEPS else at + 1 for at in ways if _fits(pattern, at, step))
        ways = _pass_over(pattern, after)
    return len(pattern) in ways


def _fits(pattern: Sequence[str], at: int, step: str) -> bool:
    return at < len(pattern) and (pattern[at] == _ANY_STEPS or fnmatchcase(step, pattern[at]))


def _pass_over(pattern: Sequence[str], ways: Iterable[int]) -> set[int]:
    """The places in a pattern, with those behind each `**`, which may stand for nothing."""
    found = set(ways)
    for at, step in enumerate(pattern):
        if at in found and step == _ANY_STEPS:
            found.add(at + 1)
    return found


def _steps(path: str) -> list[str]:
    return [step for step in path.split("/") if step]
