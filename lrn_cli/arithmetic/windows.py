"""A window over the axes of one tensor.

All that decides in which order the squares of a window are added is decided here, from the tensor as a whole: never
from a block of it, from the order of its axes in memory or from their layout. So results are the same to the bit
wherever blocks end and however the tensor is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.formula import Span, Spans
from lrn_cli.layouts import CUSTOMARY


class Window(NamedTuple):
    """A window over the axes of one tensor.

    Attributes:
        spans: How far it reaches along each axis, no further than the axis is long.
        sequence: The axes along which it reaches, in the order in which they are summed.
        covers: Whether it covers these axes from every element, so that one sum serves all elements along them.
    """

    spans: Spans
    sequence: tuple[int, ...]
    covers: bool

    def reorder(self, order: Sequence[int]) -> Window:
        """The same window over the same tensor with its axes in another order.

        >>> Window((Span(0, 0), Span(1, 1)), (1,), False).reorder((1, 0)).spans
        (Span(before=1, after=1), Span(before=0, after=0))
        """
        places = {axis: place for place, axis in enumerate(order)}
        spans = tuple(self.spans[axis] for axis in order)
        return Window(spans, tuple(places[axis] for axis in self.sequence), self.covers)

    @property
    def mirrored(self) -> Window:
        """The elements whose windows an element lies in: before and after change places.

        >>> Window((Span(2, 1),), (0,), False).mirrored.spans
        (Span(before=1, after=2),)
        """
        return self._replace(spans=tuple(Span(after, before) for before, after in self.spans))

    @property
    def twice(self) -> Spans:
        """How far the windows reach of all elements whose windows an element lies in: what a gradient depends on.

        >>> Window((Span(2, 1), Span(0, 0)), (0,), False).twice
        (Span(before=3, after=3), Span(before=0, after=0))
        """
        return tuple(Span(before + after, before + after) for before, after in self.spans)


def window_over(reaches: Mapping[str, Span], layout: str, shape: Sequence[int]) -> Window:
    """The canonical form's window over a tensor of that layout and shape.

    Raises:
        LrnError: The window lies over an axis that the layout does not name.

    >>> window_over({"C": Span(5, 5)}, "NC", (10, 3))
    Window(spans=(Span(before=0, after=0), Span(before=2, after=2)), sequence=(1,), covers=True)
    """
    missing = [axis for axis in reaches if axis not in layout]
    if missing:
        raise LrnError(
            f"the window lies over {' and '.join(reaches)}; the layout {layout} names no {' and no '.join(missing)}",
            _naming(list(reaches), layout),
        )
    nowhere = Span(0, 0)
    spans = tuple(reaches.get(axis, nowhere).within(length) for axis, length in zip(layout, shape, strict=True))
    # The last axis first: in the usual layouts it is the innermost, whose neighbours are in cache.
    sequence = tuple(place for axis in reversed(list(reaches)) if any(spans[place := layout.index(axis)]))
    covers = bool(sequence) and all(min(spans[place]) == shape[place] - 1 for place in sequence)
    return Window(spans, sequence, covers)


def _naming(axes: Sequence[str], layout: str) -> str:
    """Which customary layouts of that rank name the axes."""
    fitting = [word for word in CUSTOMARY if len(word) == len(layout) and set(axes) <= set(word)]
    return f"--layout {' or '.join(fitting)}" if fitting else f"a tensor with the axes {' and '.join(axes)}"
