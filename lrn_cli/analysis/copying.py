"""Numbers copied as they are from one framework to another, which is how most ports go wrong: what that computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from lrn_cli.analysis.calls import layout_flag
from lrn_cli.analysis.comparison.cause import Named, cause
from lrn_cli.analysis.comparison.compare import Question
from lrn_cli.analysis.comparison.verdict import Comparison, Pair, Verdict
from lrn_cli.analysis.translation import Translation, translate
from lrn_cli.conventions.binding import Asked, Bound, bind
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Role
from lrn_cli.conventions.registry import find
from lrn_cli.errors import LrnError

USUAL = ("tf", "caffe", "pytorch", "onnx")
"""The conventions to which people take the numbers of a model."""

_COPIED = (Role.WINDOW, Role.ALPHA, Role.BETA, Role.BIAS)
_FAR = 1 << 30
"""More channels than any window: it is compared as it is."""
_LARGEST = 1 << 26
"""Elements of a tensor that is looked at once more."""


class Copy(NamedTuple):
    """What becomes of numbers in another framework.

    Attributes:
        answer: The same there, or why it cannot be said there.
        bound: The numbers copied to the parameters of the same roles; None where they are refused there.
        told: What goes wrong with them; empty where nothing does.
    """

    answer: Translation
    bound: Bound | None
    told: str


def copies(bound: Bound) -> list[Copy]:
    """What becomes of the numbers in the usual conventions.

    >>> from lrn_cli.conventions.binding import bound
    >>> [copy.told for copy in copies(bound("caffe:alpha=1e-4")) if copy.answer.target.name == "onnx"]
    ['']
    """
    targets = (find(name) for name in USUAL)
    return [_copy(bound, translate(bound, target)) for target in targets if target is not bound.convention]


def _copy(bound: Bound, answer: Translation) -> Copy:
    try:
        there = bind(answer.target, dict(_pairs(bound, answer.target)))
    except LrnError as error:
        return Copy(answer, None, f"refused: {error.message}")
    if there.norm == bound.norm:
        return Copy(answer, there, "")
    lengths = dict.fromkeys((*bound.norm.window, *there.norm.window), _FAR)
    return Copy(
        answer,
        there,
        cause(Named(answer.target.name, there), Named(bound.convention.name, bound), lengths, answer.bound),
    )


def _pairs(bound: Bound, target: Convention) -> Iterator[tuple[str, object]]:
    """What is copied, by the target's names; of its regions the one over the same axes."""
    for role in _COPIED:
        own, other = bound.convention.playing(role), target.playing(role)
        if own is not None and other is not None:
            yield other.name, bound.values[own.name]
    region = target.playing(Role.REGION)
    alike = (one.name for one in target.regions if set(one.axes) == set(bound.norm.window))
    if region is not None and (name := next(alike, None)) is not None:
        yield region.name, name


def explain_copies(found: Comparison, question: Question, compare: Callable[[Question], Comparison]) -> Comparison:
    """A comparison whose causes say so where a tensor is what another framework makes of the same numbers.

    Args:
        found: Of what conventions make of a tensor with another tensor.
        question: That was asked.
        compare: Answers another question of the same tensors.
    """
    return found._replace(pairs=tuple(_explain(pair, found, question, compare) for pair in found.pairs))


def _explain(pair: Pair, found: Comparison, question: Question, compare: Callable[[Question], Comparison]) -> Pair:
    seen = pair.difference is not None and pair.difference.elements <= _LARGEST
    if pair.verdict is not Verdict.DIFFERENT or not pair.a.bound or pair.b.bound or not seen:
        return pair
    wrong = {copy.answer.target.name: copy for copy in copies(pair.a.bound) if copy.bound and copy.told}
    asked = [Asked(copy.bound.convention, copy.bound.values, name) for name, copy in wrong.items() if copy.bound]
    if not asked:
        return pair
    again = compare(question._replace(words=asked, typed=None, layout=found.layout, axis=None))
    name = next((other.a.name for other in again.pairs if other.verdict is Verdict.EQUAL), None)
    if name is None:
        return pair
    copied = f"{pair.b.name} is what {name} gives with the numbers of {pair.a.name} copied as they are"
    bound = wrong[name].bound
    advice = f"-c {bound.word}{layout_flag(bound, found.layout)}" if bound and found.layout else ""
    return pair._replace(cause=f"{copied}: {wrong[name].told}", advice=advice, suggestion="", open=False)
