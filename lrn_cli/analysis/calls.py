"""Programs: how a convention with its numbers is called in the languages of its framework, layout changes included."""

from __future__ import annotations

from lrn_cli import layouts
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.declaration import Call
from lrn_cli.conventions.parameters import Role, Value, show
from lrn_cli.conventions.registry import conventions
from lrn_cli.errors import LrnError

_USUAL_RANK = 4
"""Of a tensor whose layout leaves the number of axes open."""
_RANKS = range(1, 6)
"""Of tensors whose axes have customary letters."""


def languages() -> list[str]:
    """Every language that some convention can be called from."""
    return list(dict.fromkeys(language for convention in conventions() for language in convention.languages))


def programs(bound: Bound) -> dict[str, str]:
    """How it is called on a tensor in the convention's own layout, by language."""
    layout = bound.layouts[0]
    return {call.language: program(bound, call.language, layout) for call in bound.convention.calls}


def program(bound: Bound, language: str, layout: str) -> str:
    """Code that normalises the tensor `x`, of that layout, to `y`.

    Args:
        bound: The convention with its numbers.
        language: One of `languages()`.
        layout: Of x and y; axes are moved where the framework wants them elsewhere.

    Raises:
        LrnError: The framework is not called from that language, or takes no tensor of that rank.

    >>> from lrn_cli.conventions.binding import bound
    >>> print(program(bound("pytorch:size=5"), "python", "NHWC"))
    import torch
    <BLANKLINE>
    # x and y are NHWC, pytorch takes NCHW
    x1 = x.permute(0, 3, 1, 2)
    y1 = torch.nn.functional.local_response_norm(x1, size=5, alpha=0.0001, beta=0.75, k=1.0)
    y = y1.permute(0, 2, 3, 1)
    """
    name, call = bound.convention.name, find_call(bound, language)
    before = layouts.fit(layout, _USUAL_RANK) or layout
    after, batched = _fit_layout(bound, before)
    lines, back, at = [], [], 0
    if after != before:
        lines.append(call.comment.format(text=f"x and y are {before}, {name} takes {after}"))
    if batched:
        lines.append(call.add_batch.format(x=_name("x", at), y=_name("x", at + 1)))
        back.append(call.drop_batch.format(x=_name("y", at + 1), y=_name("y", at)))
        at, before = at + 1, f"N{before}"
    if after != before:
        lines.append(_transpose(call, before, after, (_name("x", at), _name("x", at + 1))))
        back.append(_transpose(call, after, before, (_name("y", at + 1), _name("y", at))))
        at += 1
    lines.append(write_call(call, bound, _name("x", at), _name("y", at)))
    code = "\n".join([*lines, *reversed(back)])
    return f"{call.setup}\n\n{code}" if call.setup else code


def find_call(bound: Bound, language: str) -> Call:
    """How it is called from a language.

    Raises:
        LrnError: It is not.
    """
    call = next((call for call in bound.convention.calls if call.language == language), None)
    if call is None:
        name, there = bound.convention.name, bound.convention.languages
        raise LrnError(f"{name} is not called from {language}, but from {' and '.join(there)}", f"--format {there[0]}")
    return call


def _fit_layout(bound: Bound, layout: str) -> tuple[str, bool]:
    """The framework's layout with the same axes, and whether an axis for the batch has to be put in front."""
    for batched, given in ((False, layout), (True, f"N{layout}")):
        for own in bound.layouts:
            fitted = _with_axes(own, given)
            if fitted:
                return fitted, batched
    own = ", ".join(bound.layouts)
    least = f", where {layouts.ANY} is one axis or more" if layouts.ANY in own else ""
    raise LrnError(
        f"{bound.convention.name} has no layout with the axes of {layout}, only {own}{least}", "--layout NCHW"
    )


def _with_axes(own: str, given: str) -> str | None:
    """A framework's layout with the axes that are given, those that `...` stands for in their order.

    One at least: PyTorch refuses tensors without spatial axes.
    """
    before, some, after = own.partition(layouts.ANY)
    others = "".join(axis for axis in given if axis not in before + after) if some else ""
    fitted = before + others + after
    known = "." not in given and bool(others) == bool(some)
    return fitted if known and sorted(fitted) == sorted(given) else None


def _name(tensor: str, step: int) -> str:
    return f"{tensor}{step or ''}"


def _transpose(call: Call, before: str, after: str, names: tuple[str, str]) -> str:
    order = ", ".join(str(before.index(axis)) for axis in after)
    places = ", ".join(str(after.index(axis) + 1) for axis in before)
    from_1 = ", ".join(str(before.index(axis) + 1) for axis in after)
    return call.transpose.format(x=names[0], y=names[1], order=order, order_from_1=from_1, places=places)


def write_call(call: Call, bound: Bound, x: str, y: str) -> str:
    """The call alone, on tensors of those names."""
    values = {name: _write_value(call, value) for name, value in bound.values.items()}
    return call.statement.format(x=x, y=y, **values)


def _write_value(call: Call, value: Value) -> str:
    if isinstance(value, float):
        return call.number(value)
    return str(list(value)) if isinstance(value, tuple) else str(value)


def flags(bound: Bound, *possible: str) -> str:
    """What to type behind `lrn apply` for a tensor of one of those layouts, whichever its rank makes it.

    >>> from lrn_cli.conventions.binding import bound
    >>> flags(bound("tf:depth_radius=2"), "NCHW")
    '-c tf --depth-radius 2 --bias 1 --alpha 1 --beta 0.5 --layout NCHW'
    """
    typed = (
        f"{parameter.flag} {show(bound.values[parameter.name])}"
        for parameter in bound.convention.parameters
        # What changes nothing, or is said by --layout.
        if parameter.role not in (Role.NOTHING, Role.LAYOUT)
    )
    return " ".join([f"-c {bound.convention.name}", *typed]) + layout_flag(bound, *possible)


def layout_flag(bound: Bound, *possible: str) -> str:
    """What to type besides: nothing where each of those layouts is the convention's own for its rank, else the first.

    A tensor of another rank is then refused, where it would have been read with other axes.
    """
    fitted = (layouts.fit(layout, rank) for layout in possible for rank in _RANKS)
    own = all(layouts.customary(bound.layouts, len(layout)) == layout for layout in fitted if layout)
    return "" if own else f" --layout {possible[0]}"
