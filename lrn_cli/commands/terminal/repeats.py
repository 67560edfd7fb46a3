"""What many inputs have in common is said once, with how many there are: thousands of like lines hide the odd one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

_VARIES = re.compile(r"""b'[^']*'|b"[^"]*"|\d[\d,.]*(?:e[-+]?\d+)?""")
"""Bytes and numbers, in which messages of one kind differ."""
_NAMED, _FEW = 3, 12
"""How many of those that are not said are named; all where they are few."""


class Repeats:
    """Tells what is new of what is said of many inputs."""

    def __init__(self) -> None:
        self._alike: dict[tuple[Callable[[str], None], str], list[str]] = defaultdict(list)

    def is_new(self, say: Callable[[str], None], text: str, word: str, output: str) -> bool:
        """Whether this is the first of its kind; the others are counted.

        Args:
            say: What prints such a line.
            text: What would be said.
            word, output: The input as typed, and where its result goes; either may stand in the text.
        """
        kind = kind_of(text, (word, output))
        alike = self._alike[say, kind]
        alike.append(output if output and text.startswith(output) else word)
        return len(alike) == 1

    def rest(self) -> Iterator[tuple[Callable[[str], None], str]]:
        """A line for each kind of which not all was said, with what prints it."""
        for (say, _), (first, *others) in self._alike.items():
            if others:
                named = others if len(others) <= _FEW else [*others[:_NAMED], "... (-v says all)"]
                yield say, f"{len(others)} more like {first}: {', '.join(named)}"


def kind_of(text: str, names: Sequence[str]) -> str:
    """What is said, without the names of this one input and without numbers.

    >>> kind_of("a/x.npy: ends early: 96 of 128 bytes", ["a/x.npy", ""])
    '@: ends early: # of # bytes'
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "@")
    return _VARIES.sub("#", text)
