"""What was meant by what cannot be read as it was typed: numbers of other languages, names of choices, pasted text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from fractions import Fraction

from lrn_cli.errors import LrnError

_DASHES = dict.fromkeys(map(ord, "\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"), "-")
_SETTING = re.compile(r"([A-Za-z_][\w-]*)\s*[:=]\s*([^\s,;:=]+(?:,\d+)?)")
_POWER = re.compile(r"(?:([\d.]+)\s*[*x\N{MULTIPLICATION SIGN}]\s*)?10\s*(?:\^|\*\*)\s*(-?\d+)")


def plain_dashes(text: str) -> str:
    """The text with a minus for each dash that a page was set with.

    >>> plain_dashes("1e\N{EN DASH}4")
    '1e-4'
    """
    return text.translate(_DASHES)


def number(text: object) -> float | None:
    """The number that was meant, of one that Python does not read as it stands; None where that is not clear.

    >>> [number(text) for text in ("1e-4f", "3/4", "0,0001", "1e\N{EN DASH}4", "2*10^-5", "some", "nan")]
    [0.0001, 0.75, 0.0001, 0.0001, 2e-05, None, None]
    """
    bare = plain_dashes(str(text)).strip().strip("'\"=").replace("_", "")
    if re.fullmatch(r"[-+]?\d+,\d+([eE][-+]?\d+)?", bare):
        bare = bare.replace(",", ".")
    power = _POWER.fullmatch(bare)
    if power:
        bare = f"{power[1] or 1}e{power[2]}"
    bare = re.sub(r"(?<=[\d.])[fFdDlLuU]$", "", bare)
    try:
        if re.fullmatch(r"[-+]?[\d.]+/[\d.]+", bare):
            above, below = bare.split("/")
            return float(Fraction(above) / Fraction(below))
        found = float(bare)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if abs(found) < float("inf") else None


def choice(text: object, choices: Iterable[str]) -> str | None:
    """The choice that was meant: the one that begins so, is spelt nearly so, or has that number; None where none is.

    >>> names = ("ACROSS_CHANNELS", "WITHIN_CHANNEL")
    >>> [choice(text, names) for text in ("within", "WITHIN_CHANNELS", 1, "both", "CHANNEL")]
    ['WITHIN_CHANNEL', 'WITHIN_CHANNEL', 'WITHIN_CHANNEL', None, None]
    >>> choice("dnnl_lrn_within_channel", ("across", "within")), choice("LRNParameter.WITHIN_CHANNEL", names)
    ('within', 'WITHIN_CHANNEL')
    """
    names, typed = _numbered(choices), re.sub(r"[\s-]+", "_", str(text).strip().upper())
    if typed.isdecimal():  # as protocol buffers number them
        return names[int(typed)] if int(typed) < len(names) else None
    begun = [name for name in names if typed and (name.upper().startswith(typed) or typed.startswith(name.upper()))]
    inside = [name for name in names if re.search(rf"(?<![A-Z]){re.escape(name.upper())}(?![A-Z])", typed)]
    if len(begun or inside) == 1:
        return (begun or inside)[0]
    upper = {name.upper(): name for name in names}
    return next((upper[near] for near in get_close_matches(typed, upper, n=1, cutoff=0.75)), None)


def _numbered(choices: Iterable[str]) -> list[str]:
    """The choices in the order of their numbers, which of truth values is that of everywhere."""
    names = list(choices)
    return sorted(names) if {*names} == {"TRUE", "FALSE"} else names


def meant(text: object, kind: str, names: Iterable[str], typed: Callable[[object], str]) -> str | None:
    """What to type, where it is clear what was meant and it is taken.

    Args:
        text: What could not be read.
        kind: Of values, as of `Parameter.type_name`.
        names: The choices, where they are names.
        typed: What is typed for a value; raises where it is not taken.
    """
    near: object = None
    if kind == "name":
        near = choice(text, names)
    elif kind != "list" and (found := number(text)) is not None:
        near = found if kind == "number" else int(found) if found == int(found) else None
    try:
        return None if near is None or near == text else typed(near)  # what was read has been refused
    except LrnError:
        return None


def settings(text: str) -> dict[str, str] | None:
    """Parameters of a text that has them in another form, as `local_size: 5 alpha: 1e-4`; None where it is not all.

    >>> settings("local_size: 5 alpha: 0.0001"), settings("depth_radius:2"), settings("a=1 b")
    ({'local_size': '5', 'alpha': '0.0001'}, {'depth_radius': '2'}, None)
    """
    text = plain_dashes(text)
    if _SETTING.sub("", text).strip(" ,;{}()\t\n"):
        return None
    return dict(_SETTING.findall(text)) or None
