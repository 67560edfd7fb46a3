"""The page of one convention: what it means, from the formula to how it is called."""

from __future__ import annotations

from collections.abc import Sequence

from lrn_cli import layouts
from lrn_cli.analysis.explanation.explain import Explanation
from lrn_cli.analysis.translation import Translation, translate
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.declaration import BackEnd, Convention, Trap
from lrn_cli.conventions.parameters import Parameter, Role, show
from lrn_cli.conventions.registry import USUAL
from lrn_cli.conventions.summary import UNCONFIRMED
from lrn_cli.pages.backward import show_backward
from lrn_cli.pages.document import Block, Code, Equation, Heading, Item, Items, Paragraph, Picture, Table
from lrn_cli.pages.figures.explanation import gain_chart
from lrn_cli.pages.folding import fold_code
from lrn_cli.pages.sections import names
from lrn_cli.pages.summary import in_short, reach
from lrn_cli.pages.window import draw_window
from lrn_cli.pages.worked_example import show_working

CANONICAL = Equation(
    "                  x\ny = ────────────────────────────\n    (bias + scale · Σ x²) ^ beta",
    r"y = \frac{x}{\left(\mathrm{bias} + \mathrm{scale} \cdot \sum x^2\right)^{\mathrm{beta}}}",
)
"""The formula to which every convention reduces."""
_CODE_WIDTH = 76


def page(explanation: Explanation, *, picture: bool = True) -> list[Block]:
    """Everything there is to say of one convention; without the picture where several share one."""
    bound = explanation.bound
    gain: list[Block] = [Heading("Gain"), *gain_picture([bound])] if picture else []
    rest: list[Block] = [
        *_formula(explanation),
        *_parameters(explanation),
        Heading("Window"),
        *draw_window(bound),
        *_canonical(bound),
        Heading("Worked example"),
        *show_working(explanation.example, bound.norm),
        *gain,
        *show_backward(explanation.backward, bound),
        Heading("What people get wrong"),
        traps(explanation.traps),
        *_engines(bound.convention),
        *_elsewhere(explanation),
        *_back_ends(bound),
        *_calls(explanation),
        Heading("Sources"),
        Items(tuple(map(Item, bound.convention.sources))),
    ]
    return [*_opening(explanation), *in_short(explanation, names(rest)), *rest]


def pages(explanations: Sequence[Explanation]) -> list[Block]:
    """One page after the other, and the gains of all in one picture at the end."""
    blocks = [block for explanation in explanations for block in page(explanation, picture=False)]
    whose = ", ".join(dict.fromkeys(explanation.bound.convention.name for explanation in explanations))
    picture = gain_picture([explanation.bound for explanation in explanations])
    return [*blocks, Heading(f"Gain: {whose}", 1), *picture]


def gain_picture(bounds: list[Bound]) -> list[Block]:
    """The curves of several conventions in one picture."""
    said = "By what an activation is multiplied, 1 / (bias + scale · s) ^ beta, for a sum of squares s."
    return [Paragraph(said), Picture(gain_chart(bounds))]


def traps(found: tuple[Trap, ...]) -> Items:
    """What people get wrong, each with its source."""
    return Items(tuple(Item(trap.text, trap.source) for trap in found))


def _engines(convention: Convention) -> list[Block]:
    """What was run, and what engines do against their word; and who only reads like a framework of its own."""
    engine = convention.engine
    if engine:
        far = ", ".join(f"{off:g} in {dtype}" for dtype, off in engine.tolerance.items())
        said = f"Held to the outputs of {engine.release}, which are up to {far} from the formula, relative."
    else:
        said = f"It is {UNCONFIRMED}: what stands here was read in the sources below."
    found: list[Block] = [Heading("What was run"), Paragraph(said)]
    if convention.quirks:
        found += [Heading("What engines do against their word")]
        found += [Items(tuple(Item(f"{quirk}.", quirk.source) for quirk in convention.quirks))]
    if convention.lookalikes:
        found += [Heading("What is read as this one")]
        found += [Items(tuple(Item(f"{other.name}: {other.note}.") for other in convention.lookalikes))]
    return found


def _opening(explanation: Explanation) -> list[Block]:
    convention, other = explanation.bound.convention, explanation.lookalike
    title = f"{convention.name}: {convention.title}"
    also = f" Behind -c the convention is also called {', '.join(convention.aliases)}." if convention.aliases else ""
    described = (
        "Local response normalization: each activation is divided by a power of a bias plus a scaled sum of the squares"
        f" around it. The channel axis is the {channel_axis(convention)}.{also}"
    )
    return [
        Heading(title, 1),
        *([Paragraph(f"{other.name} is read as {convention.name}: {other.note}.")] if other else []),
        Paragraph(described),
        *_assumptions(explanation),
    ]


def _formula(explanation: Explanation) -> list[Block]:
    return [
        Heading("Formula"),
        Equation(*explanation.formula),
        Heading("With the numbers filled in"),
        Paragraph(str(explanation.bound)),
        Equation(*explanation.numbers),
    ]


def _assumptions(explanation: Explanation) -> list[Block]:
    """What the framework requires and nobody gave."""
    convention, values = explanation.bound.convention, explanation.bound.values
    return [
        Paragraph(f"{convention.name} requires {one} and has no default for it; the examples use {show(values[one])}.")
        for one in explanation.assumed
    ]


def _parameters(explanation: Explanation) -> list[Block]:
    rows = tuple(
        (parameter.name, parameter.type_name, default(parameter), limit(parameter), parameter.meaning)
        for parameter in explanation.bound.convention.parameters
    )
    return [Heading("Parameters"), Table(("name", "type", "default", "limit", "meaning"), rows)]


def _canonical(bound: Bound) -> list[Block]:
    norm, convention = bound.norm, bound.convention
    window, alpha, bias, beta = (
        convention.parameter(role).name for role in (Role.WINDOW, Role.ALPHA, Role.BIAS, Role.BETA)
    )
    divided = f" / {bound.divisor}" if convention.alpha_is_divided else ""
    rows = (
        ("window", reach(norm), f"{window} {show(bound.values[window])}"),
        ("scale", show(norm.scale), f"{alpha} {show(bound.values[alpha])}{divided}"),
        ("bias", show(norm.bias), bias if bound.region.fixed_bias is None else f"fixed in {bound.region.name}"),
        ("beta", show(norm.beta), beta),
    )
    return [
        Heading("Canonical form"),
        Paragraph("Every convention reduces to this formula; with these four it is the same function anywhere."),
        CANONICAL,
        Table(("part", "here", "from"), rows),
    ]


def _elsewhere(explanation: Explanation) -> list[Block]:
    shown = [answer for answer in explanation.translations if answer.target.order <= USUAL]
    rows = tuple((answer.target.name, _answer(answer)) for answer in shown)
    left = len(explanation.translations) - len(shown)
    return [
        Heading("The same in every other convention"),
        Table(("convention", "parameters, or why there are none"), rows),
        Paragraph(f"For {left} more: lrn translate {explanation.bound.convention.name} --all, with these numbers."),
    ]


def _answer(answer: Translation) -> str:
    if answer.bound:
        return "; ".join([answer.bound.numbers, *answer.warnings])
    assert answer.refusal is not None  # noqa: S101 - a translation has one of the two
    reason = answer.refusal.message.removeprefix(f"{answer.target.name}: ")
    return f"none: {reason}{f'; nearest is {answer.nearest.word}' if answer.nearest else ''}"


def _back_ends(bound: Bound) -> list[Block]:
    """What each takes, and which of them do not take these numbers."""
    said: list[Block] = []
    if bound.convention.back_ends:
        said.append(Items(tuple(_back_end(bound, one) for one in bound.convention.back_ends)))
    if warnings := translate(bound, bound.convention).warnings:
        said.append(Paragraph(f"With the numbers here: {'; '.join(warnings)}."))
    return [Heading("What some back ends refuse"), *said] if said else []


def _back_end(bound: Bound, one: BackEnd) -> Item:
    wanted = [
        f"{parameter.name} {' and '.join(map(str, limits))}"
        for role, limits in one.limits.items()
        if (parameter := bound.convention.playing(role))
    ]
    return Item(f"{one.name} takes only {', '.join(wanted)}.", one.source)


def _calls(explanation: Explanation) -> list[Block]:
    programs = [Code(fold_code(program, _CODE_WIDTH), language) for language, program in explanation.programs.items()]
    return [Heading("How to call it"), *programs] if programs else []


_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def default(parameter: Parameter) -> str:
    """A parameter's default, or that it has none."""
    return "required" if parameter.default is None else show(parameter.default)


def limit(parameter: Parameter) -> str:
    """What the framework takes."""
    return " or ".join(map(show, parameter.choices)) or ", ".join(map(str, parameter.limits)) or "none"


def channel_axis(convention: Convention) -> str:
    """Which axis the channels are on, by layout."""
    return ", ".join(f"{_ordinal(layout)} ({layout})" for layout in convention.layouts)


def _ordinal(layout: str) -> str:
    before, _, after = layout.partition("C")
    return _ORDINALS[len(before)] if after and layouts.ANY not in before else "last"
