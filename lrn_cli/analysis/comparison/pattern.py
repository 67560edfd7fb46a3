"""In what way two tensors differ, in words: what is no number, a factor, a few elements, some channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lrn_cli.analysis.comparison.difference import Difference
from lrn_cli.layouts import AXES

_LISTED = 8
"""How many indices along one axis are listed."""


class Pattern(NamedTuple):
    """In what way two tensors differ.

    Attributes:
        told: That, in words; empty where it is nothing special.
        general: Whether a good part of the elements differ, and in no way that this tells: then one of the two may have
            been made in another way.
    """

    told: str
    general: bool


def pattern(found: Difference, shape: Sequence[int], layout: str | None) -> Pattern:
    """In what way a pair differs.

    Args:
        found: What was measured; some element differs.
        shape: Of the first tensor.
        layout: A letter for each of its axes; None where nobody knows.
    """
    numbers, told = found.differing - found.mismatches, list(_mismatches(found))
    where = [] if found.mismatches == found.differing == 1 else [*only(found, shape, layout)]
    if not numbers:
        rest = "elsewhere they are the same" if found.unequal == found.differing else "elsewhere they are equal"
        return Pattern("; ".join([*told, *where, rest]), general=False)
    if found.factor is not None or found.shift is not None:
        return Pattern("; ".join([*told, _steady(found)]), general=False)
    place = list(found.largest.position) if found.largest else []
    if numbers <= _few(found.elements):
        one = numbers == 1
        few = (
            f"{numbers:,} element{'' if one else 's'} differ{'s' if one else ''}{', at' if one else ', the largest at'}"
        )
        return Pattern(
            "; ".join([*told, *(way for way in where if "channel" in way and not one), f"{few} {place}"]), general=False
        )
    return Pattern("; ".join([*told, *where, *([f"the largest at {place}"] if where else [])]), general=True)


def only(found: Difference, shape: Sequence[int], layout: str | None) -> Iterator[str]:
    """To which channels, and which places along other axes, a difference is confined.

    >>> from types import SimpleNamespace
    >>> list(only(SimpleNamespace(only_at=(None, (0, 11), None)), (2, 12, 5), "NCL"))
    ['only channels 0, 11']
    """
    confined = {
        axis: indices
        for axis, (indices, length) in enumerate(zip(found.only_at, shape, strict=True))
        if indices is not None and 2 * len(indices) <= length
    }
    known = layout is not None
    channels = layout.index("C") if layout is not None else _channels_where_unknown(list(confined), len(shape))
    for axis in sorted(confined, key=lambda axis: axis != channels):
        indices = confined[axis]
        shown = ", ".join(map(str, indices[:_LISTED])) + (f", ... ({len(indices)})" if len(indices) > _LISTED else "")
        if axis == channels:
            yield f"only channel{'' if len(indices) == 1 else 's'} {shown}{'' if known else f' (axis {axis})'}"
        else:
            name = AXES.get(layout[axis]) if layout is not None else None
            yield f"only at {name} {shown}" if name else f"only at {shown} of axis {axis}"


def _channels_where_unknown(confined: Sequence[int], rank: int) -> int | None:
    """Which axis is that of the channels, where only they can be confined: the second or the last one."""
    return confined[0] if len(confined) == 1 and rank > 1 and confined[0] in (1, rank - 1) else None


def _mismatches(found: Difference) -> Iterator[str]:
    for count, one, other in ((found.nan_in_a, "a", "b"), (found.nan_in_b, "b", "a")):
        if count:
            yield f"{count:,} NaN in {one} where {other} has none"
    if found.first_nan is not None:
        yield f"the first at {list(found.first_nan)}"
    if found.first_infinity is not None:
        count = found.infinity_mismatches
        what = "infinity" if count == 1 else "infinities"
        yield f"{count:,} {what} in one only or with another sign, the first at {list(found.first_infinity)}"


def _steady(found: Difference) -> str:
    if found.factor is None:
        return f"a is b {'+' if (found.shift or 0) > 0 else '-'} {abs(found.shift or 0):.6g} in every element"
    if not found.factor:
        return "a is 0 in every element"
    if abs(found.factor + 1) < 1e-3:
        return "a is b with the other sign"
    return f"a is b times {found.factor:.6g}"


def _few(elements: int) -> int:
    """How many elements are so few that nothing follows from them for all."""
    return max(1, min(3, elements // 100), elements // 1000)
