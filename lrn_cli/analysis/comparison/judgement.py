"""From what was measured of a pair to its verdict, the cause and the advice."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import NamedTuple

from lrn_cli import layouts
from lrn_cli.analysis.comparison.cause import Named, cause, same_formula
from lrn_cli.analysis.comparison.difference import Difference
from lrn_cli.analysis.comparison.error_map import ErrorMap
from lrn_cli.analysis.comparison.pattern import only, pattern
from lrn_cli.analysis.comparison.sides import Side
from lrn_cli.analysis.comparison.tolerance import Tolerance
from lrn_cli.analysis.comparison.verdict import Pair, Verdict
from lrn_cli.analysis.translation import Translation, translate
from lrn_cli.conventions.binding import Bound
from lrn_cli.errors import LrnError
from lrn_cli.passes.frame import Match


class Context(NamedTuple):
    """What all pairs have in common.

    Attributes:
        names: What the tensors are called.
        lengths: How long each axis of the first is, by its layout letter.
        match: How the second's axes correspond to the first's; None where they do not.
        any_dtype: Whether tensors of two dtypes may be equal.
        layout: A letter for each axis of the first; None where it is not known.
        shape: Of the first.
        told: What there is to know of the second before it is compared.
    """

    names: tuple[str, ...]
    lengths: Mapping[str, int]
    match: Match | None
    any_dtype: bool = False
    layout: str | None = None
    shape: tuple[int, ...] = ()
    told: tuple[str, ...] = ()


class Reason(NamedTuple):
    """Why a pair differs, and what to type so that it does not; see `Pair`."""

    cause: str
    advice: str = ""
    impossible: str = ""
    suggestion: str = ""
    notes: tuple[str, ...] = ()
    open: bool = False


def judge(
    a: Side, b: Side, allowed: Tolerance, found: Difference | None, context: Context, *, where: ErrorMap | None
) -> Pair:
    """The whole answer for one pair.

    Args:
        a, b: The pair.
        allowed: The tolerance.
        found: What was measured; None where the pair could not be compared element by element.
        context: What all pairs have in common.
        where: Where they differ, if that was gathered.
    """
    transposed = context.match.layouts if context.match else None
    if a.refusal or b.refusal:
        verdict = Verdict.REFUSED
    else:
        equal = found is not None and not found.differing and transposed is None
        verdict = Verdict.EQUAL if equal else Verdict.DIFFERENT
    reason = _reason(a, b, found, context, verdict)
    dtypes = _dtypes(a, b)
    if dtypes and verdict is Verdict.EQUAL and not context.any_dtype:
        verdict = Verdict.DIFFERENT
        said = f"{dtypes}; the values are equal within the tolerance"
        reason = Reason(said, suggestion="--any-dtype")
    notes = (*context.told, *([dtypes] if dtypes else []), *reason.notes)
    return Pair(a, b, verdict, allowed, found, transposed, **reason._replace(notes=notes)._asdict(), where=where)


def _dtypes(a: Side, b: Side) -> str:
    """That the dtypes differ, byte order aside; nothing where they do not."""
    if a.refusal or b.refusal or a.type_name == b.type_name:
        return ""
    return f"the dtypes differ: {a.type_name} and {b.type_name}"


def _reason(a: Side, b: Side, found: Difference | None, context: Context, verdict: Verdict) -> Reason:
    refusals = [side.refusal for side in (a, b) if side.refusal]
    if refusals:
        return Reason("; ".join(error.message for error in refusals))
    if found is None:
        return Reason(f"the shapes differ: {layouts.describe(a.shape)} and {layouts.describe(b.shape)}")
    if context.match and context.match.layouts:
        return _of_layouts(a, found, context.match)
    if a.bound and b.bound:
        return _of_conventions(Named(a.name, a.bound), Named(b.name, b.bound), found, context, verdict)
    return _of_tensors(a, b, found, context, verdict)


def _of_layouts(a: Side, found: Difference, match: Match) -> Reason:
    one, other = match.layouts or ("", "")
    then = "they differ too" if found.differing else "they are equal"
    back = tuple(sorted(range(len(match.axes)), key=match.axes.__getitem__))
    told = f"the layouts differ: {one} and {other}; in one layout {then}"
    advice = ("lrn compare INPUT a b, with what both were made of, says how each was",)
    notes = advice if found.differing and not a.bound else ()
    return Reason(told, suggestion=f"np.transpose(b, {back})", notes=notes, open=bool(found.differing))


def _of_conventions(a: Named, b: Named, found: Difference, context: Context, verdict: Verdict) -> Reason:
    """From the canonical forms; with the numbers under which the first would compute what the second does."""
    advised = _advise(a.bound, b.bound, context.lengths)
    told = cause(a, b, context.lengths, advised.bound)
    if verdict is Verdict.EQUAL:
        return Reason(f"{told}; what differs is rounding" if found.unequal else told)
    if same_formula(a.norm, b.norm, context.lengths):
        return Reason(f"{told}; what differs is rounding")
    where = tuple(only(found, context.shape, context.layout))
    if advised.bound is None:
        return Reason(told, impossible=advised.refusal.message if advised.refusal else "", notes=where)
    return Reason(told, f"-c {advised.bound.word}", notes=(*where, *advised.warnings))


def _advise(a: Bound, b: Bound, lengths: Mapping[str, int]) -> Translation:
    """`b` under the convention of `a`, on a tensor of those lengths."""
    found = translate(b, a.convention)
    try:
        if found.bound is not None:
            found.bound.check_channels(lengths["C"])
    except LrnError as error:
        return Translation(a.convention, None, error)
    return found


def _of_tensors(a: Side, b: Side, found: Difference, context: Context, verdict: Verdict) -> Reason:
    """Where one of the two is a tensor as it is, only the numbers tell."""
    if verdict is Verdict.EQUAL:
        how = "but for rounding" if found.unequal else "in every element"
        return Reason(f"{a.name} gives {b.name}, {how}" if a.bound else f"they are the same {how}")
    told, general = pattern(found, context.shape, context.layout)
    if a.bound:
        words = f"lrn identify {quote(context.names[0])} {quote(b.name)}"
        also = f": {told}" if told else ""
        told = f"{a.name} with these numbers does not give {b.name}{also}"
        return Reason(told, suggestion=words if general else "", open=general)
    if not general:
        return Reason(told)
    if told:  # what differs in a few channels or places only is no other normalization of all
        return Reason(told, open=True)
    return Reason(
        "the numbers differ; if the one was made of the other, lrn identify finds how",
        suggestion=f"lrn identify {quote(a.name)} {quote(b.name)}",
        open=True,
    )
