"""How a number stands in a table: in one way in all of them, whichever verb prints it. JSON has all digits."""

from __future__ import annotations

NONE = "-"
"""What there is none of."""
DIGITS = 6
"""Significant digits of what was measured."""


def cell(number: float | None) -> str:
    """A number as a cell: a count in full, what was measured in six digits at most, a dash for none.

    >>> cell(8640), cell(7.0), cell(0.0009999275207519531), cell(-0.0), cell(float("inf")), cell(None)
    ('8640', '7', '0.000999928', '0', 'inf', '-')
    """
    if number is None:
        return NONE
    return str(number) if isinstance(number, int) else f"{number + 0.0:.{DIGITS}g}"
