"""Lists of integers as parameters: `axes=[2,3]`, `size=[1,5,1,1]`, typed or from Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


def items(value: object) -> list[object]:
    """The items of a list, still as they were given; none of what is no list.

    >>> items("[1, 5,1,1]"), items((1, 5)), items("5")
    (['1', '5', '1', '1'], [1, 5], [])
    """
    if isinstance(value, str):
        match = re.fullmatch(r"[\[(]([^\[\]()]+)[\])]", value.strip())
        return [item.strip() for item in match[1].strip(", ").split(",")] if match else []
    return list(value) if isinstance(value, Iterable) else []


def spell(value: object) -> str:
    """A list as it is matched with the choices there are: without blanks, in square brackets.

    >>> spell("[2, 3]"), spell((2, 3)), spell([1]), spell(1)
    ('[2,3]', '[2,3]', '[1]', '[1]')
    """
    text = str(value) if isinstance(value, str) or not isinstance(value, Iterable) else ",".join(map(str, value))
    inside = re.sub(r"[\s()\[\]]", "", text).rstrip(",")
    return f"[{inside}]"


def pieces(text: str) -> Iterator[str]:
    """The pieces of a text between commas, those inside of brackets left alone.

    >>> list(pieces("axes=[2,3],size=3"))
    ['axes=[2,3]', 'size=3']
    """
    yield from re.split(r",(?![^\[(]*[\])])", text)
