"""Colours on a terminal: whether there are any, and what is in which."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import pairwise

CHOICES = ("auto", "always", "never")
_BOLD, _RED, _GREEN, _END = "\033[1m", "\033[1;31m", "\033[1;32m", "\033[0m"
_SIGNS = {"EQUAL": (_GREEN, "✓"), "DIFFERENT": (_RED, "✗"), "REFUSED": (_RED, "✗")}
_VERDICT = re.compile(r"^(\s*)(EQUAL|DIFFERENT|REFUSED)\b")
_FOUND = re.compile(r"^(found\s+)(yes|no)\b")
_GRADIENT = re.compile(r"(?<=: )(is|is not)(?= the gradient of )")
_TYPED = re.compile(r"^ {6}(-c |--|lrn |np\.)")
"""What begins lines that are to be typed."""


def wanted(choice: str | None, *, terminal: bool) -> bool:
    """Whether there are colours.

    Args:
        choice: What `--color` says, if anything.
        terminal: Whether it is a terminal that shows them.

    >>> wanted("always", terminal=False), wanted("never", terminal=True)
    (True, False)
    """
    if choice in ("always", "never"):
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") != "0" for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and os.environ.get("TERM") != "dumb"


def chosen(typed: Sequence[str]) -> str | None:
    """What `--color` says among the words of a command line that may not have been read yet.

    >>> chosen(["apply", "--color", "never"]), chosen(["apply", "--color=always"]), chosen(["apply"])
    ('never', 'always', None)
    """
    behind = [word for flag, word in pairwise(typed) if flag == "--color"]
    return next(
        (word.partition("=")[2] for word in typed if word.startswith("--color=")), behind[0] if behind else None
    )


def paint(line: str) -> str:
    """A line of an answer with its verdict and what is to be typed in colours; the words stay.

    >>> paint("   EQUAL with rtol 0")
    '   \\x1b[1;32m✓ EQUAL\\x1b[0m with rtol 0'
    """
    if verdict := _VERDICT.match(line):
        colour, sign = _SIGNS[verdict[2]]
        return f"{verdict[1]}{colour}{sign} {verdict[2]}{_END}{line[verdict.end() :]}"
    if found := _FOUND.match(line):
        return f"{found[1]}{_GREEN if found[2] == 'yes' else _RED}{found[2]}{_END}{line[found.end() :]}"
    if gradient := _GRADIENT.search(line):
        colour = _GREEN if gradient[1] == "is" else _RED
        return f"{line[: gradient.start()]}{colour}{gradient[1]}{_END}{line[gradient.end() :]}"
    return f"{_BOLD}{line}{_END}" if _TYPED.match(line) else line


def paint_head(line: str) -> str:
    """The header of a table."""
    return f"{_BOLD}{line}{_END}"


def paint_error(line: str) -> str:
    """A line on standard error."""
    for head, colour in (("lrn: error:", _RED), ("lrn: warning:", "\033[1;33m"), ("hint:", _BOLD)):
        if line.startswith(head):
            return f"{colour}{head}{_END}{line[len(head) :]}"
    return line
