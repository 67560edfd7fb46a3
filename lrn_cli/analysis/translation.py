"""Translation: the parameters under which another convention computes the same, or why there are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from lrn_cli import layouts
from lrn_cli.conventions.bound import USUAL_RANK, Bound
from lrn_cli.conventions.decimals import divide, dividend
from lrn_cli.conventions.declaration import Convention, Region
from lrn_cli.conventions.parameters import Role, Value, read, show
from lrn_cli.conventions.registry import conventions
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm, Span

FOR_THIS_WINDOW = "channels or more for this window"


class Translation(NamedTuple):
    """The same normalization in another convention.

    Attributes:
        target: The other convention.
        bound: Its parameters; None where it cannot compute the same.
        refusal: Why it cannot, with what comes nearest as a hint; None where it can.
        warnings: What only some back ends refuse, what engines make of it against their word, and what was rounded.
        nearest: Where it cannot, the parameters that come nearest, if any do.
    """

    target: Convention
    bound: Bound | None
    refusal: LrnError | None = None
    warnings: tuple[str, ...] = ()
    nearest: Bound | None = None

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            "convention": self.target.name,
            "parameters": self.bound.parameters if self.bound else None,
            "word": self.bound.word if self.bound else None,
            "warnings": list(self.warnings),
            "refusal": self.refusal.message if self.refusal else None,
            "nearest": self.nearest.word if self.nearest else None,
        }


def translate(given: Bound, target: Convention) -> Translation:
    """The parameters under which `target` computes what `given` does.

    >>> from lrn_cli.conventions.binding import bound, find
    >>> str(translate(bound("caffe:local_size=5,alpha=1e-4"), find("tf")).bound)
    'tf depth_radius=2 bias=1 alpha=2e-05 beta=0.75'
    """
    if given.convention is target:
        return Translation(target, given, warnings=_warnings(given))
    answer = _convert(given, target)
    return answer._replace(warnings=(*answer.warnings, *given.remarks))


def _convert(given: Bound, target: Convention) -> Translation:
    answer = express(given.norm, target)
    if answer.bound is None or _scale(answer.bound) == _scale(given):
        return answer
    return answer._replace(warnings=(_note_rounding(answer.bound, given), *answer.warnings))


def everywhere(given: Bound, among: Sequence[Convention] = ()) -> list[Translation]:
    """`given` in every other convention, or in every other one of some; what there is to know of itself is not said."""
    return [_convert(given, target) for target in among or conventions() if target is not given.convention]


def express(norm: ResponseNorm, target: Convention) -> Translation:
    """The parameters under which `target` computes a canonical form.

    The decimals are the shortest that reduce to the same float64 scale, or the nearest where none does.
    """
    region = _region(norm, target)
    if region is None:
        return Translation(target, None, _no_region(norm, target))
    try:
        bound = Bound(target, _values(norm, target, region), _layout(norm, target))
    except LrnError as error:
        near = _nearest(norm, target, region)
        hint = f"-c {near.word} comes nearest" if near else f"lrn explain {target.name} shows what it takes"
        return Translation(target, None, LrnError(f"{target.name}: {error.message}", hint), nearest=near)
    return Translation(target, bound, warnings=_warnings(bound))


def _region(norm: ResponseNorm, target: Convention) -> Region | None:
    """The target's region with the same axes; where the window is the element alone, any serves."""
    alone = all(span.width == 1 for span in norm.window.values())
    if target.parameter(Role.WINDOW).by_axis:
        return target.regions[0]
    same = (region for region in target.regions if region.matches(norm.window))
    return next(same, target.regions[0] if alone else None)


def _layout(norm: ResponseNorm, target: Convention) -> str | None:
    """The layout of the tensors that have the window's axes, of those that the target takes; None for its usual one."""
    ranks = (USUAL_RANK, *range(1, 6))
    fitted = (layouts.customary(target.layouts, rank) for rank in ranks)
    return next((layout for layout in fitted if layout and set(norm.window) <= set(layout)), None)


def _values(norm: ResponseNorm, target: Convention, region: Region) -> dict[str, Value]:
    """A value for each parameter of the target.

    Raises:
        LrnError: There is none for the window, or the target fixes the bias at another one or refuses a value.
    """
    if region.fixed_bias is not None and norm.bias != region.fixed_bias:
        raise LrnError(
            f"{region.name} has the bias {show(region.fixed_bias)}, whatever is given, not {show(norm.bias)}"
        )
    reach = _with_exact_divisor(_reach(norm, target), norm, target)
    window: Value = next(iter(reach.values()))
    if (own := target.parameter(Role.WINDOW)).by_axis:
        window = tuple(reach.get(axis, 1) for axis in _layout(norm, target) or "")
    elif len(set(reach.values())) > 1:
        raise LrnError(f"{_describe_window(norm)}; {own.name} is one number for all axes")
    try:
        alpha = dividend(norm.scale, target.divisor(reach.values()))
    except OverflowError:
        raise LrnError(f"alpha would be beyond float64: a scale of {norm.scale!r} times the window") from None
    found: dict[Role, Value] = {
        Role.WINDOW: window,
        Role.ALPHA: alpha,
        Role.BIAS: norm.bias,
        Role.BETA: norm.beta,
        Role.REGION: region.name,
    }
    return {own.name: read(own, found.get(own.role, own.default)) for own in target.parameters}


def _reach(norm: ResponseNorm, target: Convention) -> dict[str, int]:
    """The window parameter's value along each axis."""
    values = {axis: target.window.parameter_for(span) for axis, span in norm.window.items()}
    found = {axis: value for axis, value in values.items() if value is not None}
    if len(found) < len(values):
        odd = ", its windows are odd" if target.window.only_odd else ""
        raise LrnError(f"{_describe_window(norm)}; {target.parameter(Role.WINDOW).name} is {target.window.value}{odd}")
    return found


def _with_exact_divisor(reach: dict[str, int], norm: ResponseNorm, target: Convention) -> dict[str, int]:
    """The window, or the even value of the same window where alpha divided by that one is exact and by this is not."""
    even = {axis: value + 1 for axis, value in reach.items()}
    limits = target.parameter(Role.WINDOW).limits
    taken = not any(limit.refuses(value) for limit in limits for value in even.values())
    same = all(target.window.span(value) == target.window.span(value + 1) for value in reach.values())
    if not (taken and same) or _is_exact(norm.scale, target.divisor(reach.values())):
        return reach
    return even if _is_exact(norm.scale, target.divisor(even.values())) else reach


def _is_exact(scale: float, divisor: int) -> bool:
    try:
        return divide(dividend(scale, divisor), divisor) == scale
    except OverflowError:
        return False


def _describe_window(norm: ResponseNorm) -> str:
    span = next(iter(norm.window.values()))
    if len(set(norm.window.values())) > 1:
        return f"the window reaches differently far along {' and '.join(norm.window)}"
    parity = "odd" if span.width % 2 else "even"
    return f"the {parity} window of {span.width} reaches {span.before} before and {span.after} after"


def _no_region(norm: ResponseNorm, target: Convention) -> LrnError:
    axes = "".join(norm.window)
    others = [other.name for other in conventions() if _takes_axes(other, norm)]
    what = "across channels" if axes == "C" else f"within a channel, over {' and '.join(norm.window)}"
    what = f"over {' and '.join(norm.window)}" if "C" in axes and axes != "C" else what
    only = " and ".join(show(region.name) for region in target.regions)
    return LrnError(
        f"{target.name}: the sum is {what}; {target.name} has only {only}",
        f"only {' and '.join(others)} can" if others else "no convention can",
    )


def _takes_axes(convention: Convention, norm: ResponseNorm) -> bool:
    by_axis = convention.parameter(Role.WINDOW).by_axis and _layout(norm, convention)
    return bool(by_axis) or any(region.matches(norm.window) for region in convention.regions)


def _nearest(norm: ResponseNorm, target: Convention, region: Region) -> Bound | None:
    """What comes nearest: another window, the bias that the target has, a value it takes."""
    bias = norm.bias if region.fixed_bias is None else region.fixed_bias
    for window in _windows_near(norm, target):
        near = ResponseNorm(dict.fromkeys(norm.window, target.window.span(window)), norm.scale, bias, norm.beta)
        try:
            return Bound(target, _values(near, target, region), _layout(near, target))
        except LrnError:
            continue
    return None


def _windows_near(norm: ResponseNorm, target: Convention) -> Iterator[int]:
    """Values of the window parameter that the target takes, those whose window is most like the one wanted first."""
    wanted = max(norm.window.values(), key=lambda span: span.width)
    parameter = target.parameter(Role.WINDOW)
    guesses = {size + more for size in (*wanted, wanted.width) for more in range(-2, 3)}
    fitting = [guess for guess in guesses if guess >= 0 and not any(limit.refuses(guess) for limit in parameter.limits)]
    return iter(sorted(fitting, key=lambda value: (_distance(target.window.span(value), wanted), value)))


def _distance(one: Span, other: Span) -> int:
    return abs(one.before - other.before) + abs(one.after - other.after)


def _scale(bound: Bound) -> Fraction:
    """The scale as an exact fraction of what was typed."""
    return Fraction(repr(bound.number(Role.ALPHA))) / bound.divisor


def _note_rounding(bound: Bound, given: Bound) -> str:
    name = bound.convention.parameter(Role.ALPHA).name
    same = bound.norm.scale == given.norm.scale
    effect = "the scale is the same float64" if same else f"the scale {bound.norm.scale!r} is not {given.norm.scale!r}"
    return f"{bound.convention.name}: {name} {show(bound.values[name])} is rounded, no decimal is exact; {effect}"


def _warnings(bound: Bound) -> tuple[str, ...]:
    """What only some back ends of the convention refuse."""
    found = list(dict.fromkeys((*bound.remarks, *map(str, bound.biting))))
    for back_end in bound.convention.back_ends:
        for role, limits in back_end.limits.items():
            parameter = bound.convention.parameter(role)
            value = bound.values[parameter.name]
            if isinstance(value, (int, float)) and any(limit.refuses(value) for limit in limits):
                wanted = " and ".join(str(limit) for limit in limits)
                found.append(f"{back_end.name} wants {parameter.name} to be {wanted}, and it is {show(value)}")
    if bound.convention.window_fits_channels:
        found.append(f"{bound.convention.name} wants {bound.norm.window['C'].width} {FOR_THIS_WINDOW}")
    return tuple(found)
