"""Why two conventions give different results, in one sentence derived from their canonical forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.decimals import dividend
from lrn_cli.conventions.parameters import Parameter, Role, show
from lrn_cli.formula import ResponseNorm, Span

Lengths = Mapping[str, int]
"""How long each axis of the tensor is, by its layout letter."""


class Named(NamedTuple):
    """A convention with its numbers, under the name that the answer gives it."""

    name: str
    bound: Bound

    @property
    def norm(self) -> ResponseNorm:
        """Its canonical form."""
        return self.bound.norm

    @property
    def divisor(self) -> int:
        """What it divides alpha by; 1 where it does not."""
        return self.bound.divisor

    def parameter(self, role: Role) -> Parameter:
        """Its own parameter in that role."""
        return self.bound.convention.parameter(role)

    def value(self, role: Role) -> str:
        """The parameter's value as people write it."""
        return show(self.bound.values[self.parameter(role).name])


def same_formula(a: ResponseNorm, b: ResponseNorm, lengths: Lengths) -> bool:
    """Whether two canonical forms are the same on a tensor of those lengths."""
    return _reach(a, lengths) == _reach(b, lengths) and (a.scale, a.bias, a.beta) == (b.scale, b.bias, b.beta)


def cause(a: Named, b: Named, lengths: Lengths, advised: Bound | None = None) -> str:
    """What sets two conventions apart: alpha and its divisor, the window, bias and beta.

    Args:
        a, b: The conventions.
        lengths: Of the tensor's axes.
        advised: The numbers under which the first computes what the second does, if there are any.

    >>> from lrn_cli.conventions.binding import bound
    >>> tf, caffe = Named("tf", bound("tf:depth_radius=2")), Named("caffe", bound("caffe:beta=.5"))
    >>> cause(caffe, tf, {"C": 9}, bound("caffe:alpha=5,beta=.5"))
    'caffe divides alpha by local_size 5: alpha 5 there equals 1 in tf; the windows are the same'
    """
    windows = _reach(a.norm, lengths), _reach(b.norm, lengths)
    apart = [
        _scale(a, b, lengths, advised) if a.norm.scale != b.norm.scale or a.divisor != b.divisor else "",
        _window(a, b) if windows[0] != windows[1] else "",
        _bias(a, b) if a.norm.bias != b.norm.bias else "",
        _both(a, b, Role.BETA) if a.norm.beta != b.norm.beta else "",
    ]
    told = [part for part in apart if part]
    if same_formula(a.norm, b.norm, lengths):
        told.insert(0, "the formula is the same")
    if a.norm.window == b.norm.window:
        told += ["the windows are the same"] if any(apart) else []
    elif windows[0] == windows[1]:
        told.append("the windows cover the same on this tensor")
    return "; ".join(told)


def _reach(norm: ResponseNorm, lengths: Lengths) -> dict[str, Span]:
    """The window as far as the tensor goes."""
    reach = {axis: span.within(lengths[axis]) for axis, span in norm.window.items()}
    return {axis: span for axis, span in reach.items() if any(span)}


def _window(a: Named, b: Named) -> str:
    return f"the window of {a.name} is {_describe(a.norm)}, that of {b.name} {_describe(b.norm)}"


def _describe(norm: ResponseNorm) -> str:
    """A window in words.

    >>> _describe(ResponseNorm({"C": Span(2, 1)}, 1, 1, 1)), _describe(ResponseNorm({"C": Span(0, 0)}, 1, 1, 1))
    ('4 channels (2 before, 1 after)', '1 channel')
    """
    if list(norm.window) != ["C"]:
        within = "" if "C" in norm.window else " within a channel"
        widths = "x".join(str(span.width) for span in norm.window.values())
        return f"{widths} over {' and '.join(norm.window)}{within}"
    span = norm.window["C"]
    sides = f" ({span.before} before, {span.after} after)" if span.before != span.after else ""
    return f"{span.width} channel{'' if span.width == 1 else 's'}{sides}"


def _scale(a: Named, b: Named, lengths: Lengths, advised: Bound | None) -> str:
    """Who divides alpha by what, with two alphas that mean the same: the second's, and what the first's would be."""
    if a.divisor == b.divisor:
        return _both(a, b, Role.ALPHA)
    here = Named(a.name, advised or a.bound)
    if here.divisor == b.divisor:
        divisor = _divisor(b) if b.bound.convention.alpha_is_divided else "nothing"
        alphas = "" if a.bound.number(Role.ALPHA) == b.bound.number(Role.ALPHA) else f": {_both(a, b, Role.ALPHA)}"
        return f"{a.name} divides alpha by {_divisor(a)} and {b.name} by {divisor}{alphas}"
    moved = "" if _reach(here.norm, lengths) == _reach(a.norm, lengths) else f", for the window of {b.name}"
    dividing = [
        f"{side.name} divides alpha by {_divisor(side)}{more}"
        for side, more in ((here, moved), (b, ""))
        if side.bound.convention.alpha_is_divided
    ]
    name, other = here.parameter(Role.ALPHA).name, b.parameter(Role.ALPHA).name
    ours, theirs = _alpha(b.norm.scale, here.divisor), b.value(Role.ALPHA)
    if here.bound.convention.alpha_is_divided:
        same = f"{name} {ours} there equals {_unless_like(other, name)}{theirs} in {b.name}"
    else:
        same = f"{other} {theirs} there equals {_unless_like(name, other)}{ours} in {a.name}"
    return f"{' and '.join(dividing)}: {same}"


def _alpha(scale: float, divisor: int) -> str:
    try:
        return show(dividend(scale, divisor))
    except OverflowError:
        return "beyond float64"


def _unless_like(name: str, other: str) -> str:
    """A name and a space, but nothing where the other name is the same but for case."""
    return "" if name.lower() == other.lower() else f"{name} "


def _divisor(side: Named) -> str:
    """What alpha is divided by: `local_size 5`, `2*ChannelWindowSize+1 = 5`, `the square of local_size 5`."""
    name, reach = side.parameter(Role.WINDOW).name, side.bound.reach
    value = next(iter(reach.values()))
    if len(set(reach.values())) > 1:
        return f"the product of {name} {side.value(Role.WINDOW)}"
    width = side.bound.convention.window.nominal_width(value)
    what = f"{name} {value}" if width == value else f"2*{name}+1 = {width}"
    return {1: what, 2: f"the square of {what}"}.get(len(reach), f"the power {len(reach)} of {what}")


def _bias(a: Named, b: Named) -> str:
    for side, other in ((a, b), (b, a)):
        fixed = side.bound.region.fixed_bias
        if fixed is not None:
            where = " within a channel" if "C" not in side.norm.window else ""
            ignored = f"{side.name} ignores {side.parameter(Role.BIAS).name}{where}, where it is {show(fixed)}"
            return f"{ignored}, and {show(other.norm.bias)} in {other.name}"
    return _both(a, b, Role.BIAS)


def _both(a: Named, b: Named, role: Role) -> str:
    """One number under both names: `beta is 0.75 in caffe and 0.5 in tf`."""
    name, other = a.parameter(role).name, b.parameter(role).name
    return f"{name} is {a.value(role)} in {a.name} and {_unless_like(other, name)}{b.value(role)} in {b.name}"
