"""One alignment of an output's axes with its input's: what is found there, and verified against all of the output."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lrn_cli.analysis.comparison.tolerance import of_engine
from lrn_cli.analysis.identification.alignment import Pair
from lrn_cli.analysis.identification.allowance import Allowance, compared_with
from lrn_cli.analysis.identification.conventions import in_conventions, is_own, is_steady, name_quirks, takes
from lrn_cli.analysis.identification.notes import list_open, why_not
from lrn_cli.analysis.identification.places import Place, places, unusual_places
from lrn_cli.analysis.identification.report import ALL, Identification
from lrn_cli.analysis.identification.search import Finding, most_likely, search
from lrn_cli.analysis.identification.verification import Residual, verify
from lrn_cli.conventions.binding import Bound
from lrn_cli.formula import ResponseNorm

_OUTLIERS = 1e-3
"""The share of elements that may be further off, and by how many times the tolerance."""
_FAR = 30.0
_LOST = 0.05
"""The share of elements whose sum a running sum may have lost; more than twice the most of real outputs."""
_HOPELESS = 10.0
"""By how many times the tolerance samples are off where nothing will fit."""
_RARE = 0.2
"""The share of elements that may be further off for the samples to be blamed."""
_COARSE = 1e-3
"""What is further off must be so by an approximate power, and not by noise."""
_SURELY = 1.01
"""How much more a tolerance must be than what is off."""
_ATTEMPTS = 3
"""How often to search again, with the element that was furthest off among the samples."""


class Attempt:
    """One alignment of the output's axes with the input's.

    Args:
        pair: The tensors, aligned.
        known: The input's layout, if that is known.
        allowed: How far the output may be from the formula.
    """

    def __init__(self, pair: Pair, known: str | None, allowed: Allowance) -> None:
        self._pair, self._known, self._allowed = pair, known, allowed

    def run(self, advanced: Callable[[int], None], *, hopeful_only: bool) -> Identification:
        """Search where windows usually lie, verify, and search again where the samples did not tell enough.

        Args:
            advanced: As for `identify_sources`.
            hopeful_only: Do not verify what does not even fit the samples.
        """
        usual = places(self._pair.shape, self._known)
        return self._search(usual, advanced, hopeful_only=hopeful_only) or self._nothing(usual[0])

    def run_elsewhere(self, advanced: Callable[[int], None]) -> Identification | None:
        """The same where windows seldom lie; None where nothing fits samples there."""
        shape, known = self._pair.shape, self._known
        likely = most_likely(self._pair, unusual_places(shape, known), places(shape, known), self._allowed)
        return self._search(likely, advanced, hopeful_only=True) if likely else None

    def _search(
        self, where: Sequence[Place], advanced: Callable[[int], None], *, hopeful_only: bool
    ) -> Identification | None:
        extra: list[Sequence[int]] = []
        best: Identification | None = None
        for _ in range(_ATTEMPTS):
            finding = search(self._pair, where, self._allowed, extra)
            if finding is None or (hopeful_only and self._is_hopeless(finding)):
                return best
            layout = finding.place.layout
            residual = verify(self._pair, _norm(finding, stored=True), layout, self._allowed, advanced=advanced)
            answer = self._answer(finding, residual)
            if answer.found:
                return answer
            if best is None or answer.max_relative < best.max_relative:
                best = answer
            rare = residual.beyond <= _RARE * residual.elements
            if self._fits(residual) or not rare or residual.worst in extra:
                break
            extra.append(residual.worst)
        return best

    def _is_hopeless(self, finding: Finding) -> bool:
        fit, noise = finding.chosen.fit, float(np.median(finding.chosen.seen.noise))
        return fit.sigma * noise > _HOPELESS * (self._allowed.relative + self._allowed.spread)

    def _fits(self, residual: Residual) -> bool:
        if self._allowed.asked:
            return not residual.beyond
        few = residual.beyond <= _OUTLIERS * residual.elements and residual.lost <= _LOST * residual.elements
        return few and residual.max_beyond <= _FAR * self._allowed.relative

    def _answer(self, finding: Finding, residual: Residual) -> Identification:
        fits = not finding.doubt and self._fits(residual)
        norm, pair, layout = _norm(finding), self._pair, finding.place.layout
        bounds = self._bounds(norm, layout) if fits else ()
        own = self._is_engines_own(finding, bounds)
        found = fits and own and not residual.overflow.lost
        return Identification(
            found=found,
            norm=norm,
            layout=layout,
            shape=pair.shape,
            order=pair.order,
            dtype=pair.grid.name,
            determined=tuple(name for name in ALL if name in finding.determined) if found else (),
            max_ulp=residual.max_ulp,
            max_relative=residual.max_relative,
            elements=residual.elements,
            bounds=bounds if found else (),
            notes=tuple(self._notes(finding, residual, norm, bounds, fits=fits)),
            step=pair.grid.step,
            held_to=self._allowed.told(pair.grid),
            lost_in_half=fits and residual.overflow.lost > 0,
            taken=self._taken(bounds, residual) if found else (),
        )

    def _is_engines_own(self, finding: Finding, bounds: Sequence[Bound]) -> bool:
        """Whether an engine that is far off could have made it, where it is held to that engine's tolerance."""
        engine = self._allowed.engine
        if engine is None:
            return True
        steady = self._allowed.relative <= _COARSE or is_steady(finding.chosen.seen, finding.numbers.stored)
        return steady and is_own(engine, finding.place.layout, bounds)

    def _notes(
        self, finding: Finding, residual: Residual, norm: ResponseNorm, bounds: Sequence[Bound], *, fits: bool
    ) -> list[str]:
        told = [self._pair.reshaped] if self._pair.reshaped else []
        if not fits:
            return [*told, why_not(finding, residual, self._allowed)]
        if residual.overflow.lost:
            elsewhere = f"; elsewhere it is {bounds[0].word}" if bounds else ""
            return [*told, residual.overflow.told() + elsewhere]
        unchanged = ["the output is the input, unchanged"] if norm.scale == 0 and norm.bias == 1 else []
        open_ = list_open(finding, residual, self._allowed.relative)
        return [*told, *unchanged, *open_, *name_quirks(norm, finding.place.layout)]

    def _bounds(self, norm: ResponseNorm, layout: str) -> tuple[Bound, ...]:
        """The conventions that can express it on the tensor as it is in its file."""
        shape = self._pair.shape
        if self._pair.reshaped.startswith("the input"):
            return ()
        return tuple(bound for bound in in_conventions(norm, layout) if takes(bound, layout, shape, norm))

    def _taken(self, bounds: Sequence[Bound], residual: Residual) -> tuple[str, ...]:
        """The conventions that `compare` takes for it, with what their engines are usually off."""
        if self._pair.transposed:
            return ()
        dtype, usual = compared_with(self._pair)
        off = 0.0 if self._pair.grid.step or self._allowed.asked else residual.max_relative
        allowed = ((bound.convention, of_engine(bound.convention.engine, dtype, usual)[0]) for bound in bounds)
        return tuple(convention.name for convention, most in allowed if off * _SURELY <= most.rtol)

    def _nothing(self, place: Place) -> Identification:
        pair = self._pair
        note = "no element of the input is finite, not zero, and has a result of its own sign: there is nothing to fit"
        return Identification(False, None, place.layout, pair.shape, pair.order, pair.grid.name, notes=(note,))


def _norm(finding: Finding, *, stored: bool = False) -> ResponseNorm:
    values = finding.numbers.stored if stored else finding.numbers.typed
    window = dict(zip(finding.place.letters, finding.spans, strict=True))
    return ResponseNorm(window, values.scale, values.bias, values.beta)
