"""The window drawn: which neighbours of an element count, at the borders too."""

from __future__ import annotations

from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.declaration import WindowRule
from lrn_cli.conventions.parameters import Role
from lrn_cli.formula import Span
from lrn_cli.pages.document import Block, Code, Paragraph

_SELF, _COUNTED, _NOT, _ZERO = "●", "■", "·", "○"
_LEGEND = f"{_SELF} itself   {_COUNTED} counts   {_NOT} does not   {_ZERO} outside of the tensor, counts as zero"
_SPACED, _CLOSE = 25, 50
"""Cells of a row that fit with blanks between them, and without."""
_WIDEST_SQUARE = 11


def draw_window(bound: Bound) -> list[Block]:
    """The window of a convention with its numbers, at the borders too, and where an even one would lie."""
    window = bound.norm.window
    span, *others = window.values()
    if list(window) == ["C"]:
        lying, drawing = _in_words(bound, span), draw_rows(bound, span)
    elif any(other != span for other in others):
        lying, drawing = (
            f"The window is a box of {' and '.join(f'{s.width} along {a}' for a, s in window.items())}.",
            [],
        )
    else:
        lying, drawing = (
            f"The window is a box of {span.width} along {' and '.join(window)}.",
            _squares(span, len(window)),
        )
    return [Paragraph(f"{lying} {_divisor(bound)}"), *drawing, *_even(bound)]


def _in_words(bound: Bound, span: Span) -> str:
    index = bound.convention.notation.channel
    if span.width == 1:
        return f"The window of channel {index} is that channel alone."
    first = f"{index}−{span.before}" if span.before else index
    last = f"{index}+{span.after}" if span.after else index
    return f"The window of channel {index} is channels {first} to {last}, {span.width} of them."


def _divisor(bound: Bound) -> str:
    return (
        f"alpha is divided by {bound.divisor} everywhere, at the borders too."
        if bound.convention.alpha_is_divided
        else "alpha is not divided."
    )


def draw_rows(bound: Bound, span: Span) -> list[Block]:
    """The window of a channel in the middle, of the first and of the last one."""
    channels = span.width + 2
    if span.before + channels + span.after > _CLOSE:
        return []
    index, wide = bound.convention.notation.channel, len(str(channels))
    reach = f"of {span.width} channels"
    lines = [
        f"{index} = {place:<{wide}}  {_row(place, channels, span)}  {_count(place, channels, span)} {reach}"
        for place in (span.before + 1, 0, channels - 1)
    ]
    return [Code("\n".join([*lines, "", _LEGEND]))]


def _row(index: int, channels: int, span: Span) -> str:
    """A row of cells, the channels between bars, what lies outside before and behind them."""
    cells = [_cell(index, channel, channels, span) for channel in range(-span.before, channels + span.after)]
    gap = " " if len(cells) <= _SPACED else ""
    parts = (cells[: span.before], cells[span.before : span.before + channels], cells[span.before + channels :])
    return "│".join(gap.join(part) for part in parts)


def _cell(index: int, channel: int, channels: int, span: Span) -> str:
    if channel == index:
        return _SELF
    inside = 0 <= channel < channels
    if index - span.before <= channel <= index + span.after:
        return _COUNTED if inside else _ZERO
    return _NOT if inside else " "


def _count(index: int, channels: int, span: Span) -> int:
    return sum(0 <= channel < channels for channel in range(index - span.before, index + span.after + 1))


def _squares(span: Span, axes: int) -> list[Block]:
    """The window around an element in the middle of its channel, one at an edge and one in a corner."""
    if axes != 2 or span.width > _WIDEST_SQUARE:
        return []
    places = {
        "in the middle": (0, 0),
        "at the upper edge": (span.before, 0),
        "in the upper left corner": (span.before, span.before),
    }
    squares = [_square(span, cut) for cut in places.values()]
    width = max(2 * span.width, *map(len, places)) + 2
    lines = ["".join(part.ljust(width) for part in line).rstrip() for line in zip(*squares, strict=True)]
    counts = [
        f"{(span.width - down) * (span.width - right)} of {span.width**2} count" for down, right in places.values()
    ]
    captions = ["".join(part.ljust(width) for part in caption).rstrip() for caption in (list(places), counts)]
    return [Code("\n".join([*lines, "", *captions, "", _LEGEND]))]


def _square(span: Span, cut: tuple[int, int]) -> list[str]:
    def sign(row: int, column: int) -> str:
        if row < cut[0] or column < cut[1]:
            return _ZERO
        return _SELF if (row, column) == (span.before, span.before) else _COUNTED

    return [" ".join(sign(row, column) for column in range(span.width)) for row in range(span.width)]


def _even(bound: Bound) -> list[Block]:
    """To which side an even window reaches further, or that the framework takes none."""
    parameter = bound.convention.parameter(Role.WINDOW)
    name, rule, value = parameter.name, bound.convention.window, max(bound.reach.values())
    if rule is WindowRule.RADIUS:
        return []
    even = value if value % 2 == 0 else max(value - 1, 2)
    if any(limit.refuses(even) for limit in parameter.limits):
        return [Paragraph(f"An even {name} is refused.")]
    reach = rule.span(even)
    if reach.before == reach.after:
        more = "more" if reach.width > even else "less"
        many = f"{reach.width} channel{'s' if reach.width > 1 else ''}"
        return [Paragraph(f"An even {name} covers one channel {more}: {name} {even} is {many}.")]
    side = "before" if reach.before > reach.after else "after"
    said = f"An even {name} reaches one channel further {side}: {name} {even} is {_sides(reach)}."
    drawing = draw_rows(bound, reach) if even != value else []
    return [Paragraph(said), *drawing]


def _sides(reach: Span) -> str:
    return f"{reach.before} before and {reach.after} after"
