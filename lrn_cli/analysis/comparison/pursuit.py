"""What is asked next where tensors differ: whether they agree in another layout, and what was made of the input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from lrn_cli.analysis.comparison.cause import Named, cause
from lrn_cli.analysis.comparison.compare import Comparing, Question
from lrn_cli.analysis.comparison.verdict import Comparison, Pair
from lrn_cli.analysis.copying import explain_copies
from lrn_cli.analysis.identification.identify import identify_sources
from lrn_cli.analysis.identification.report import Identification
from lrn_cli.analysis.identification.several import in_one_convention
from lrn_cli.analysis.rearranging import Rearranged, find_order
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.registry import USUAL
from lrn_cli.errors import LrnError
from lrn_cli.passes.frame import Match, across
from lrn_cli.tensors.tensor import Source

Tensors = Sequence[tuple[str, Source]]
Run = Callable[[Comparing], Comparison]

_MOST_LEFT = 0.1
"""How much of what differs may be left where the axes are taken in another order, if that order is the right one."""


def is_open(found: Comparison) -> bool:
    """Whether there is a pair of which more could be said."""
    return any(pair.open for pair in found.pairs)


def pursue(tensors: Tensors, question: Question, found: Comparison, run: Run) -> Comparison:
    """The same answer, or one that says more.

    Args:
        tensors: The tensors that were compared, which can be read again and again, and what they are called.
        question: What was asked of them.
        found: What was found.
        run: Compares.
    """
    found = in_another_order(tensors, question, found, run)
    found = explain_copies(found, question, lambda other: run(Comparing(tensors, other)))
    made = [pair for pair in found.pairs if pair.open and pair.a.bound]
    if not made or len(tensors) < 2:
        return found
    answer = _identify(tensors[0], tensors[1])
    if answer is None:
        return found._replace(pairs=tuple(_not_found(pair, tensors) for pair in found.pairs))
    return found._replace(pairs=tuple(_asked_for(pair, answer, tensors, question, run) for pair in found.pairs))


def in_another_order(tensors: Tensors, question: Question, found: Comparison, run: Run) -> Comparison:
    """The answer for the axes in another order, or the positions along one, where they hardly differ then."""
    turned = in_another_layout(tensors, question, found, run)
    return rearrange(tensors, question, found, run) if turned is found else turned


def rearrange(tensors: Tensors, question: Question, found: Comparison, run: Run) -> Comparison:
    """The answer for the positions along an axis in the order of the first tensor, where they hardly differ then."""
    (name, a), (other, b) = tensors[:2] if len(tensors) > 1 else (*tensors, *tensors)
    first = found.pairs[0] if found.pairs else None
    if a is b or first is None or not _is_of_tensors(first) or a.info.shape != b.info.shape:
        return found
    order = find_order(a, b, first.tolerance)
    if order is None:
        return found
    tried = run(Comparing([(name, a), (other, Rearranged(b, order))], question)).pairs[0].difference
    if tried is None or first.difference is None or tried.differing > _MOST_LEFT * first.difference.differing:
        return found
    some = f"they differ in {tried.differing:,} element{'' if tried.differing == 1 else 's'}"
    then = some if tried.differing else "they are equal"
    told = f"{order.told(found.layout)}; in one order {then}"
    return found._replace(pairs=(first._replace(cause=told, suggestion=order.undone), *found.pairs[1:]))


def _is_of_tensors(pair: Pair) -> bool:
    """Whether a pair is of tensors as they are, which differ in no way that is known."""
    return pair.open and not pair.layouts and not pair.a.bound and pair.difference is not None


def in_another_layout(tensors: Tensors, question: Question, found: Comparison, run: Run) -> Comparison:
    """The answer for the axes in another order, where they have the same lengths in both and hardly differ then."""
    first = found.pairs[0] if found.pairs else None
    if len(tensors) < 2 or first is None or not first.open or first.layouts or first.difference is None:
        return found
    shape = tensors[0][1].info.shape
    for matched in across(shape, tensors[1][1].info.shape):
        if any(shape[axis] > 1 and axis != place for place, axis in enumerate(matched.axes)):
            other = run(Comparing(tensors, question, matched))
            left = other.pairs[0].difference
            if left is not None and left.differing <= _MOST_LEFT * first.difference.differing:
                return other
    return found


def explain_both(source: tuple[str, Source], tensors: Tensors, found: Comparison) -> Comparison:
    """The answer for two tensors that were made of a third, with what each of them is.

    Args:
        source: The third, and what it is called.
        tensors: The two.
        found: What was found of them.
    """
    if not is_open(found):
        return found
    (pair,) = found.pairs
    made = [_identify(source, tensor) for tensor in tensors]
    known = [(name, answer) for (name, _), answer in zip(tensors, made, strict=True) if answer is not None]
    if not known:
        return found._replace(
            pairs=(pair._replace(notes=(*pair.notes, f"neither is found to be made of {source[0]}")),)
        )
    bounds = in_one_convention([answer.bounds for _, answer in known])
    told = [f"{name} is {_line(bound, answer, source[0])}" for bound, (name, answer) in zip(bounds, known, strict=True)]
    if len(known) == 2:
        named = [Named(name, bound) for bound, (name, _) in zip(bounds, known, strict=True)]
        lengths = dict(zip(known[0][1].layout, known[0][1].shape, strict=True))
        same = any(answer.unchanged for _, answer in known)
        if not same and all(axis in lengths for side in named for axis in side.norm.window):
            told.append(cause(named[0], named[1], lengths))
    else:
        (other,) = {name for name, _ in tensors} - {known[0][0]}
        told.append(f"{other} is not found to be made of {source[0]}")
    kept = f"{pair.cause.partition(';')[0]}; " if pair.layouts else ""
    said = pair._replace(cause=kept + "; ".join(told), suggestion=pair.suggestion if kept else "", notes=())
    return found._replace(pairs=(said,))


def _identify(x: tuple[str, Source], y: tuple[str, Source]) -> Identification | None:
    """What makes the second tensor of the first; None where nothing does, or nothing that a convention can say."""
    try:
        answer = identify_sources(x[1], y[1])
    except LrnError:
        return None
    if not (answer.found and answer.bounds):
        return None
    # One that is usual is said rather than one whose layout it happens to be.
    return replace(answer, bounds=tuple(sorted(answer.bounds, key=lambda bound: bound.convention.order > USUAL)))


def _not_found(pair: Pair, tensors: Tensors) -> Pair:
    """The pair of what a convention makes, without the advice to ask what has been asked already."""
    if not pair.open or pair.a.bound is None:
        return pair
    said = f"lrn identify finds no convention that makes {tensors[1][0]} of {tensors[0][0]}"
    return pair._replace(suggestion=pair.suggestion if pair.layouts else "", notes=(*pair.notes, said))


def _asked_for(pair: Pair, answer: Identification, tensors: Tensors, question: Question, run: Run) -> Pair:
    """The pair of what a convention makes, with what the other tensor is instead, once that has been tried."""
    asked = pair.a.bound
    if not pair.open or asked is None:
        return pair
    own = next((bound for bound in answer.bounds if bound.convention is asked.convention), answer.bounds[0])
    again = question._replace(words=own.word, typed=None, layout=answer.layout if "." not in answer.layout else None)
    axis = answer.axis if again.layout is None else None
    across_axes = answer.order != tuple(range(len(answer.order)))
    matched = Match(answer.order, pair.layouts) if across_axes else None
    tried = run(Comparing(tensors, again._replace(axis=axis), matched)).pairs[0].difference
    if tried is None or tried.differing > _MOST_LEFT * tried.elements:
        return pair
    rest = "" if not tried.differing else f", but for {tried.differing:,} elements"
    order = f", its axes as {''.join(answer.layout[axis] for axis in answer.order)}" if across_axes else ""
    told = f"{pair.b.name} is {answer.line(own)}{order if not pair.layouts else ''}{rest}"
    advice = "" if tried.differing or across_axes else f"-c {answer.line(own)}"
    if answer.unchanged:
        return pair._replace(
            cause=f"{pair.b.name} is {tensors[0][0]} unchanged; you asked for {asked.word}", suggestion=""
        )
    if asked.convention is own.convention and asked.values == own.values:
        if " --" not in told and not across_axes:  # other axes were asked for, and these are the convention's own
            where = f" --axis {answer.axis}" if "." in answer.layout else f" --layout {answer.layout}"
            told, advice = told + where, advice and advice + where
        return pair._replace(
            cause=f"{pair.cause}; {told}", advice=advice, suggestion=pair.suggestion if pair.layouts else ""
        )
    kept = f"{pair.cause.partition(';')[0]}; " if pair.layouts else ""
    return pair._replace(
        cause=f"{kept}{told}; you asked for {asked.word}",
        advice=advice,
        suggestion=pair.suggestion if pair.layouts else "",
    )


def _line(bound: Bound, answer: Identification, source: str) -> str:
    return f"{source} unchanged" if answer.unchanged else answer.line(bound)
