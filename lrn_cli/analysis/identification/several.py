"""Several outputs of one input: why they differ, and what to type for each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from shlex import quote
from typing import Any, NamedTuple

from lrn_cli.analysis.comparison.cause import Named, cause, same_formula
from lrn_cli.analysis.identification.report import Identification
from lrn_cli.conventions.binding import Bound


class Several(NamedTuple):
    """What each of some outputs of one input is; of one alone nothing more is said than what it is.

    Attributes:
        source: What the input is called.
        names: What the outputs are called.
        answers: What each is.
    """

    source: str
    names: Sequence[str]
    answers: Sequence[Identification]

    @property
    def apart(self) -> list[str]:
        """Why any two of the outputs differ, a sentence for each two."""
        return how_they_differ(self.names, self.answers)

    def rows(self) -> list[Sequence[str]]:
        """Fields and values: those of each output, why they differ and what to type."""
        if len(self.answers) == 1:
            return [*self.answers[0].rows()]
        rows: list[Sequence[str]] = []
        for name, answer in zip(self.names, self.answers, strict=True):
            rows += [("output", name), *answer.rows()]
        rows += [("apart", sentence) for sentence in self.apart]
        return rows + [("to type", line) for line in what_to_type(self.source, self.names, self.answers)]

    def as_data(self) -> dict[str, Any]:
        """The same as `--json` prints it."""
        if len(self.answers) == 1:
            return self.answers[0].as_data()
        outputs = [{"file": name, **one.as_data()} for name, one in zip(self.names, self.answers, strict=True)]
        return {"outputs": outputs, "apart": self.apart}


def how_they_differ(names: Sequence[str], answers: Sequence[Identification]) -> list[str]:
    """Why any two of the outputs differ, a sentence for each two.

    Args:
        names: What the outputs are called.
        answers: What each is.
    """
    told = [
        f"{name} is not found to be made of the input"
        for name, one in zip(names, answers, strict=True)
        if not one.found
    ]
    known = [(name, one) for name, one in zip(names, answers, strict=True) if one.found and one.norm]
    for (a, first), (b, second) in combinations(known, 2):
        told.append(f"{a} and {b}: {_difference((a, first), (b, second))}")
    return told


def _difference(a: tuple[str, Identification], b: tuple[str, Identification]) -> str:
    (name, first), (other, second) = a, b
    if first.axis != second.axis and "C" in first.window and "C" in second.window:
        return f"the channels are on axis {first.axis} and on axis {second.axis}"
    lengths = dict(zip(first.layout, first.shape, strict=True))
    if first.norm is None or second.norm is None or not {*first.window, *second.window} <= {*lengths}:
        return "their windows lie over other axes"
    orders = "" if first.order == second.order else "their axes come in another order; "
    if same_formula(first.norm, second.norm, lengths):
        return f"{orders}they are made in the same way"
    bounds = in_one_convention([first.bounds, second.bounds])
    if not bounds or first.unchanged or second.unchanged:
        unchanged = name if first.unchanged else other if second.unchanged else ""
        return (
            f"{orders}{unchanged} is the input, unchanged" if unchanged else f"{orders}{first.norm}, and {second.norm}"
        )
    return orders + cause(Named(name, bounds[0]), Named(other, bounds[1]), lengths)


def in_one_convention(bounds: Sequence[Sequence[Bound]]) -> list[Bound]:
    """What was found, of the conventions that can express it the first that can express all, else the first of each."""
    if not all(bounds):
        return []
    names = [{bound.convention.name: bound for bound in of_one} for of_one in bounds]
    shared = next((name for name in names[0] if all(name in others for others in names)), None)
    return [of_one[shared] if shared else next(iter(of_one.values())) for of_one in names]


def what_to_type(source: str, names: Sequence[str], answers: Sequence[Identification]) -> list[str]:
    """For each output of which it is known what it is the command that checks that, or that makes it in other axes."""
    found = []
    lines = iter(in_one_convention([one.bounds for one in answers if one.bounds]))
    for name, one in zip(names, answers, strict=True):
        if one.bounds:
            how = "-o out.npy" if one.transposed else f"--against {quote(name)}"
            verb = "apply" if one.transposed else "compare"
            found.append(f"lrn {verb} {quote(source)} {how} -c {one.line(next(lines))}")
    return found
