"""Parameters of the wrong kind: what a framework refuses to load is not read as something near it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite

_GREATEST = 2**63 - 1
_NAMES = {int: "an integer", float: "a float", str: "a string"}


def find_flaw(pairs: Iterable[tuple[str, object]], kinds: Mapping[str, type]) -> str:
    """What is wrong with parameters; empty where nothing is.

    Args:
        pairs: Name and value of each, also of one that is there twice.
        kinds: The type of the value by name; others are passed over.

    >>> find_flaw([("size", 5.0)], {"size": int}), find_flaw([("size", 5)], {"size": int})
    ('size is 5.0, a float; it must be an integer', '')
    """
    seen: set[str] = set()
    for name, value in pairs:
        if name not in kinds:
            continue
        if name in seen:
            return f"{name} is given twice"
        seen.add(name)
        if type(value) is not kinds[name]:
            shown = f"{value!r}, {_NAMES[type(value)]}" if type(value) in _NAMES else "a list"
            return f"{name} is {shown}; it must be {_NAMES[kinds[name]]}"
    return ""


def read_number(text: str, kind: type[int] | type[float]) -> int | float:
    """The finite number that is written there.

    Raises:
        ValueError: It is none of that kind; what Python alone would read, such as 1_0, is none either.

    >>> read_number("1.0e-4", float), read_number("5", int)
    (0.0001, 5)
    """
    number = kind("" if "_" in text else text)
    if abs(number) > _GREATEST if isinstance(number, int) else not isfinite(number):
        raise ValueError(text)
    return number
