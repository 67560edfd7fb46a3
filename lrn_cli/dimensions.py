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


def tell(names: Sequence[object]) -> str | None:
    """The same, with `?` for each axis that no name tells, where one tells which is that of the channels.

    A letter alone says that only among axes that are all named: `a, b, c, d` are none.

    >>> tell(("time", "lat", "lon", "channel")), tell(("member", "time", "lat", "bands")), tell(("a", "b", "c", "d"))
    ('NHWC', '?NHC', None)
    """
    found = letters(names)
    told = "".join(letter if found.count(letter) == 1 else "?" for letter in found)
    return named(names) or (told if "C" in told and len(str(names[told.index("C")])) > 1 else None)
