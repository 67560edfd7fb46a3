"""Which axis is which, by what files and libraries call the axes."""

from __future__ import annotations

from collections.abc import Sequence

CALLED = {
    "N": ("batch", "sample", "time", "t", "n"),
    "C": ("channel", "band", "c"),
    "D": ("depth", "z", "d"),
    "H": ("height", "y", "lat", "latitude", "row", "h"),
    "W": ("width", "x", "lon", "longitude", "column", "w"),
}
"""What files and libraries that name the axes call them, in the singular."""


def letters(names: Sequence[object]) -> str:
    """The letters of axes by their names; `?` for each whose name does not say which it is.

    >>> letters(("sample", "Bands", "y", "x")), letters(("time", "members"))
    ('NCHW', 'N?')
    """
    called = [{name, name.removesuffix("s")} for name in (str(name).lower() for name in names)]
    return "".join(next((letter for letter, known in CALLED.items() if one & {*known}), "?") for one in called)


def named(names: Sequence[object]) -> str | None:
    """The layout that the names of all axes say; None where they do not.

    >>> named(("time", "lat", "lon", "channel")), named(("x", "x", "channel")), named(())
    ('NHWC', None, None)
    """
    found = letters(names)
    return found if "C" in found and "?" not in found and len({*found}) == len(found) else None
