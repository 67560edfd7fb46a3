"""Where things stand on a sheet, and how large its letters are."""

from __future__ import annotations

from typing import NamedTuple

from lrn_cli.pages.pictures.marks import Point

TITLE, LABEL, NUMBER = 13.0, 12.0, 11.0
"""Sizes of letters."""


class Box(NamedTuple):
    """Where something stands on the sheet."""

    x: float
    y: float
    width: float
    height: float

    def at(self, across: float, up: float) -> Point:
        """The point at two shares of its width and height, from the lower left."""
        return self.x + across * self.width, self.y + (1 - up) * self.height
