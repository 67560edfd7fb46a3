"""What was identified, as data and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from lrn_cli import layouts
from lrn_cli.analysis.calls import layout_flag
from lrn_cli.analysis.comparison.tolerance import round_up
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.registry import USUAL
from lrn_cli.formula import ResponseNorm, Span

_MOST_STEPS = 1e6
"""Steps of a type from which on they are not told."""
ALL = ("window", "axis", "region", "scale", "bias", "beta")
"""What data may determine."""


@dataclass(frozen=True)
class Identification:
    """The normalization that turned an input into an output, or what came nearest.

    Attributes:
        found: Whether it did.
        norm: In canonical form; None where the input holds nothing to tell from.
        layout: A letter for each axis of the input, `.` where nothing is known of one.
        shape: Of the input.
        order: For each axis of the output, which axis of the input it is.
        determined: Names out of `ALL` that the data fixes.
        max_ulp: How far the output is from the formula at most, in units in the last place of its dtype.
        max_relative: The same, relative.
        elements: How many elements were compared.
        bounds: The conventions that can express it, with their parameters, the natural one first.
        notes: What the data cannot tell, or why nothing fits; one sentence each.
        step: How far apart the output's numbers are, where that is the same everywhere; then `max_ulp` is in it.
        held_to: The tolerance, where it is no usual one.
        lost_in_half: Whether it would be found but for results that half precision lost.
        taken: The conventions of which `compare` says that they give the output, with its own tolerance.
    """

    found: bool
    norm: ResponseNorm | None
    layout: str
    shape: tuple[int, ...]
    order: tuple[int, ...]
    dtype: str
    determined: tuple[str, ...] = ()
    max_ulp: float = float("inf")
    max_relative: float = float("inf")
    elements: int = 0
    bounds: tuple[Bound, ...] = ()
    notes: tuple[str, ...] = field(default=())
    step: float = 0.0
    held_to: str = ""
    lost_in_half: bool = False
    taken: tuple[str, ...] = ()

    @property
    def axis(self) -> int | None:
        """The channel axis of the input."""
        return self.layout.index("C") if "C" in self.layout else None

    @property
    def window(self) -> Mapping[str, Span]:
        """How far the window reaches along each axis."""
        return self.norm.window if self.norm else {}

    @property
    def scale(self) -> float | None:
        """What the sum is multiplied by."""
        return self.norm.scale if self.norm else None

    @property
    def bias(self) -> float | None:
        """What is added to it."""
        return self.norm.bias if self.norm else None

    @property
    def beta(self) -> float | None:
        """The exponent."""
        return self.norm.beta if self.norm else None

    @property
    def conventions(self) -> dict[str, dict[str, Any]]:
        """The parameters under each convention that can express it, by its name."""
        return {bound.convention.name: bound.parameters for bound in self.bounds}

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            "found": self.found,
            "axis": self.axis,
            "layout": self.layout,
            "transposed": list(self.order) if self.order != tuple(range(len(self.order))) else None,
            "window": {axis: list(span) for axis, span in self.window.items()},
            "scale": self.scale,
            "bias": self.bias,
            "beta": self.beta,
            "determined": list(self.determined),
            "max_ulp": self.max_ulp if isfinite(self.max_ulp) else None,
            "max_relative": self.max_relative if isfinite(self.max_relative) else None,
            "elements": self.elements,
            "held_to": self.held_to or None,
            "conventions": self.conventions,
            "notes": list(self.notes),
        }

    def rows(self) -> list[list[str]]:
        """The same as rows of two cells, for people: what, and its value; the conventions last."""
        rows = [["found", "yes" if self.found else "no, this is the best attempt"]]
        if self.norm is not None:
            rows += [["formula", str(self.norm)], ["window", self._window()], ["axis", self._axis()]]
            if self.found:
                open_ = [name for name in ALL if name not in self.determined]
                rows += [["determined", ", ".join(name for name in ALL if name in self.determined) or "nothing"]]
                rows += [["not determined", ", ".join(open_)]] if open_ else []
            rows += [["residual", self._residual()]]
            rows += [["held to", self.held_to]] if self.held_to else []
        rows += [["note", note] for note in self.notes]
        return rows + self._conventions()

    def _conventions(self) -> list[list[str]]:
        """The natural one and the usual ones, with their numbers; of the others the names."""
        if self.transposed:
            usual = [bound for bound in self.bounds if bound.convention.order <= USUAL] or self.bounds[:1]
            return [
                ["note", f"its axes put in the input's order, {self.layout}, it is {self.line(one)}"] for one in usual
            ]
        taken = [bound for bound in self.bounds if bound.convention.name in self.taken]
        shown = [bound for bound in taken if bound.convention.order <= USUAL or bound is taken[0]]
        rows = [[bound.convention.name, self.line(bound)] for bound in shown]
        others = [bound.convention.name for bound in taken if bound not in shown]
        rows += [["note", f"it is also {', '.join(others)}; --json has their numbers"]] if others else []
        # More exact engines would be nearer to the formula than this output is.
        exact = [bound.convention.name for bound in self.bounds if bound not in taken]
        rtol = f"--rtol {round_up(1.01 * self.max_relative, 2):g}"
        told = f"the same formula is that of {', '.join(exact)}, whose engines come nearer to it; compare takes {rtol}"
        return [*rows, *([["note", f"{told}, --json has their numbers"]] if exact else [])]

    def line(self, bound: Bound) -> str:
        """What to type behind `-c` for one of the conventions, with the layout or the axis where it is not its own."""
        if "." in self.layout:
            return f"{bound.word} --axis {self.axis}"
        unusual = len(self.layout) < bound.convention.least_rank  # and taken only where the layout is given
        return f"{bound.word}{f' --layout {self.layout}' if unusual else layout_flag(bound, self.layout)}"

    @property
    def transposed(self) -> bool:
        """Whether the output's axes come in another order, which `compare` takes for a difference."""
        wide = [axis for axis in self.order if self.shape[axis] > 1]
        return wide != sorted(wide)

    @property
    def unchanged(self) -> bool:
        """Whether the output is the input."""
        return self.found and self.scale == 0 and self.bias == 1

    def _window(self) -> str:
        parts = [f"{span.before} before and {span.after} after along {axis}" for axis, span in self.window.items()]
        return ("across channels, " if "C" in self.window else "within a channel, ") + ", ".join(parts)

    def _axis(self) -> str:
        axis = self.axis
        where = f"{axis} of {layouts.describe(self.shape)} ({self.layout})"
        output = "".join(self.layout[at] for at in self.order)
        return f"{where}; the output is {output}" if output != self.layout else where

    def _residual(self) -> str:
        if not isfinite(self.max_relative):
            far = "some results are no numbers, or numbers where the formula gives none"
        elif self.step:
            far = f"at most {self.max_ulp:.3g} steps of {self.step:.6g}"
        else:
            # Steps count rounding; beside what is off by far more they say nothing.
            steps = f"{self.max_ulp:.3g} ulp of {self.dtype}, " if self.max_ulp < _MOST_STEPS else ""
            far = f"at most {steps}{self.max_relative:.2g} relative"
        return f"{far}, over {self.elements} elements"
