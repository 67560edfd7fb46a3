"""The page of all conventions side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lrn_cli.analysis.explanation.explain import Explanation
from lrn_cli.conventions.declaration import SPATIAL, Convention, Region
from lrn_cli.conventions.everywhere import EVERYWHERE
from lrn_cli.conventions.parameters import Role, show
from lrn_cli.conventions.summary import family
from lrn_cli.pages.convention import CANONICAL, channel_axis, default, gain_picture, traps
from lrn_cli.pages.document import Block, Code, Heading, Item, Items, Paragraph, Table

_NEXT = """\
lrn conventions                               all of them, and whose they are
lrn explain -c caffe                          one of them, in full
lrn explain -c caffe:local_size=3,alpha=0.5   with other numbers
lrn explain -c caffe -c tf --plot gain.png    several, and their gains drawn
lrn translate caffe:alpha=5e-4 --to tf        the same numbers elsewhere
lrn apply x.npy -o y.npy -c caffe             compute it"""


def side_by_side(explanations: Sequence[Explanation]) -> list[Block]:
    """All conventions with their defaults."""
    every = [explanation.bound.convention for explanation in explanations]
    explanations = [explanation for explanation in explanations if explanation.is_usual]
    conventions = [explanation.bound.convention for explanation in explanations]
    return [
        Heading("Local response normalization, convention by convention", 1),
        Paragraph("Each framework names and reads the numbers of one formula in its own way:"),
        CANONICAL,
        Heading("Who computes what"),
        Paragraph("In each line the same function with the same numbers, under each framework's own names:"),
        Items(tuple(Item(f"{what}: {', '.join(names)}") for what, names in _families(every).items())),
        Paragraph("The rest of this page is about the usual ones; lrn explain NAME is about any."),
        Heading("What the names stand for"),
        _table(("convention", "of"), [(one.name, one.title) for one in conventions]),
        Heading("The window, and what alpha is divided by"),
        _table(("convention", "window", "which is", "alpha is divided by"), map(_window, conventions)),
        Heading("The bias, and the channel axis"),
        Paragraph("The bias is added to the scaled sum, before the power is taken."),
        _table(("convention", "bias", "channel axis"), map(_bias, conventions)),
        Heading("Defaults"),
        _table(("convention", "the framework's own"), [(one.name, _defaults(one)) for one in conventions]),
        Heading("Canonical form of the defaults"),
        *_requirements(explanations),
        _table(("convention", "window", "scale", "bias", "beta"), map(_canonical, explanations)),
        Heading("Gain with the defaults"),
        *gain_picture([explanation.bound for explanation in explanations]),
        Heading("What people get wrong everywhere"),
        traps(EVERYWHERE),
        Heading("What to type next"),
        Code(_NEXT, "sh"),
    ]


def _families(conventions: Sequence[Convention]) -> dict[str, list[str]]:
    """The conventions that compute the same, by what that is; the largest family first."""
    found: dict[str, list[str]] = {}
    for convention in conventions:
        found.setdefault(family(convention), []).append(convention.name)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    return Table(columns, tuple(rows))


def _window(convention: Convention) -> tuple[str, ...]:
    return (
        convention.name,
        convention.parameter(Role.WINDOW).name,
        convention.window.value,
        ", ".join(_divisors(convention)),
    )


def _divisors(convention: Convention) -> list[str]:
    """What alpha is divided by, by region where there are several."""
    if not convention.alpha_is_divided:
        return ["nothing"]
    window = convention.parameter(Role.WINDOW)
    width = convention.window.width_in_words(window.name)
    if window.by_axis:
        return [f"the product of {width}"]
    powers = {show(region.name): f"{width}{_power(region)}" for region in convention.regions}
    if len(set(powers.values())) == 1:
        return [next(iter(powers.values()))]
    return [f"{power} ({name})" for name, power in powers.items()]


def _power(region: Region) -> str:
    """The exponent of the width, one for each axis."""
    many = {1: "", 2: "²", 3: "³"}.get(len(region.axes), f"^{len(region.axes)}")
    return "^axes" if region.axes == SPATIAL else many


def _bias(convention: Convention) -> tuple[str, ...]:
    fixed = [
        f"; {show(one.name)}: {show(one.fixed_bias)} always" for one in convention.regions if one.fixed_bias is not None
    ]
    return convention.name, convention.parameter(Role.BIAS).name + "".join(fixed), channel_axis(convention)


def _defaults(convention: Convention) -> str:
    return ", ".join(f"{parameter.name} {default(parameter)}" for parameter in convention.parameters)


def _canonical(explanation: Explanation) -> tuple[str, ...]:
    norm = explanation.bound.norm
    window = ", ".join(f"{axis} {span.before} before, {span.after} after" for axis, span in norm.window.items())
    return explanation.bound.convention.name, window, show(norm.scale), show(norm.bias), show(norm.beta)


def _requirements(explanations: Sequence[Explanation]) -> list[Block]:
    said = [
        f"{one.bound.convention.name} requires {required}, which is {show(one.bound.values[required])} here."
        for one in explanations
        for required in one.assumed
    ]
    return [Paragraph(" ".join(said))] if said else []
