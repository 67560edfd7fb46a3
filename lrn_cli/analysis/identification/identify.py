"""`identify`: which normalization turned one tensor into another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from lrn_cli import layouts
from lrn_cli.analysis.identification.alignment import Pair, alignments, rewindable
from lrn_cli.analysis.identification.candidates import Place, places
from lrn_cli.analysis.identification.notes import list_open, why_not
from lrn_cli.analysis.identification.oddities import list_quirks, recognise
from lrn_cli.analysis.identification.report import ALL, Identification, in_conventions, takes
from lrn_cli.analysis.identification.search import Finding, search, typical_error
from lrn_cli.analysis.identification.verification import Residual, verify
from lrn_cli.conventions.binding import Bound
from lrn_cli.dtypes import result_dtype
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm
from lrn_cli.tensors.arrays import ArraySource
from lrn_cli.tensors.selection import open_values
from lrn_cli.tensors.tensor import Reading, Source

_TOLERANCES = {2: 8e-3, 4: 1e-4, 8: 1e-4}
"""How far engines are from the formula, relative, by the bytes of the narrower dtype: ONNX Runtime's running sums
cancel, up to 6e-5; TensorFlow computes float16 in float16, up to 8e-4 off for small sums and 6e-3 for large ones."""
_OUTLIERS = 1e-3
"""The share of elements that may be further off, and by how many times the tolerance."""
_FAR = 30.0
_LOST = 0.05
"""The share of elements whose sum a running sum may have lost; more than twice the most of real outputs."""
_LOOKS, _LOOKED_AT = 8, 512
"""How many planes are looked at for signs, and how far along their axes."""
_OTHER_SIGNS = "the output has another sign than the input, or is not 0 where that is: no normalization does so"
_MOST_ORDERS = 4
"""How many orders of the output's axes are tried that have the input's signs and zeros."""
_HOPELESS = 10.0
"""By how many times the tolerance samples are off where nothing will fit."""
_RARE = 0.2
"""The share of elements that may be further off for the samples to be blamed."""
_ATTEMPTS = 3
"""How often to search again, with the element that was furthest off among the samples."""


def identify(
    x: ArrayLike | str | Path, y: ArrayLike | str | Path, *, layout: str | None = None, axis: int | None = None
) -> Identification:
    """Find the normalization y = x / (bias + scale * sum of x^2 over a window) ^ beta that made y from x.

    Args:
        x: The input, any real numbers: an array, or a file's name as on the command line.
        y: The output, of the same shape or with its axes in another order.
        layout: Which axis of x is which, as in "NHWC"; by default every axis is tried for the channels.
        axis: The channel axis, instead of a layout.

    Raises:
        LrnError: A tensor is not numeric or empty, or no order of the axes makes the shapes the same.

    >>> x = np.arange(1.0, 25.0).reshape(4, 6)
    >>> answer = identify(x, x / np.sqrt(1 + 0.5 * x**2))
    >>> answer.found, dict(answer.window), answer.scale, answer.bias, answer.beta
    (True, {'C': Span(before=0, after=0)}, 0.5, 1.0, 0.5)
    """
    with ExitStack() as stack:
        sources = [stack.enter_context(_source(given)) for given in (x, y)]
        for source in sources:
            source.survey()
        return identify_sources(*sources, layout=layout, axis=axis)


def _source(given: ArrayLike | str | Path) -> Source:
    if isinstance(given, (str, Path)):
        return open_values(str(given), Reading())
    return ArraySource(given)


def identify_sources(
    x: Source,
    y: Source,
    *,
    layout: str | None = None,
    axis: int | None = None,
    advanced: Callable[[int], None] = lambda _: None,
) -> Identification:
    """The same over open tensors, block by block; `advanced` is told of the bytes compared."""
    if not x.info.shape or 0 in x.info.shape:
        raise LrnError(f"the input is {layouts.describe(x.info.shape)}: no elements to tell from", "a tensor with some")
    x, y = rewindable(x), rewindable(y)
    known = layouts.choose(x.info.normalised_shape, **x.info.asked(layout, axis))
    pairs = list(alignments(x, y))
    plausible = [pair for pair in pairs if not _is_contradicted(pair)]
    attempts: list[Identification] = []
    for pair in plausible[:_MOST_ORDERS] or pairs[:1]:
        attempt = _Attempt(pair, known).run(advanced, hopeful_only=bool(attempts))
        if attempt.found:
            return attempt
        attempts.append(attempt)
    best = min(attempts, key=lambda attempt: (attempt.norm is None, attempt.max_relative))
    pair = (plausible or pairs)[0]
    odd = recognise(pair, places(pair.shape, known), typical_error(result_dtype(pair.y.info.dtype)))
    notes = (odd,) if odd else ()
    return replace(best, notes=(*notes, *(() if plausible else (_OTHER_SIGNS,)), *best.notes))


def _is_contradicted(pair: Pair) -> bool:
    """Whether a result has another sign than its element, or an element of zero a result; by a look at some rows."""
    rng = np.random.default_rng(0)
    for _ in range(_LOOKS):
        outer, inner = pair.shape[:-2], pair.shape[-2:]
        corner = [int(rng.integers(length)) for length in outer]
        box = (*(slice(at, at + 1) for at in corner), *(slice(0, min(length, _LOOKED_AT)) for length in inner))
        x, y = pair.read(box)
        if (np.sign(x) * np.sign(y) < 0).any() or ((x == 0) & (np.abs(y) > 0)).any():
            return True
    return False


class _Attempt:
    """One alignment of the output's axes with the input's."""

    def __init__(self, pair: Pair, known: str | None) -> None:
        self._pair, self._places = pair, places(pair.shape, known)
        self._dtype = result_dtype(pair.y.info.dtype)
        self._tolerance = max(_TOLERANCES[pair.narrower], pair.step)

    @property
    def _type_name(self) -> str:
        return self._pair.y.info.narrow or self._dtype.name

    def run(self, advanced: Callable[[int], None], *, hopeful_only: bool) -> Identification:
        """Search, verify, and search again where the samples did not tell enough.

        Args:
            advanced: As for `identify_sources`.
            hopeful_only: Do not verify what does not even fit the samples.
        """
        extra: list[Sequence[int]] = []
        best: Identification | None = None
        for _ in range(_ATTEMPTS):
            finding = search(self._pair, self._places, self._dtype, extra)
            if finding is None or (hopeful_only and finding.chosen.fit.sigma > _HOPELESS * self._tolerance):
                return best or self._nothing()
            residual = self._verify(finding, advanced)
            answer = self._answer(finding, residual)
            if answer.found:
                return answer
            if best is None or answer.max_relative < best.max_relative:
                best = answer
            rare = residual.beyond <= _RARE * residual.elements
            if self._fits(residual) or not rare or residual.worst in extra:
                break
            extra.append(residual.worst)
        assert best is not None  # noqa: S101 - the loop ran
        return best

    def _verify(self, finding: Finding, advanced: Callable[[int], None]) -> Residual:
        norm = self._norm(finding, stored=True)
        layout, tolerance = finding.place.layout, self._tolerance
        return verify(self._pair, norm, layout, self._dtype, tolerance=tolerance, advanced=advanced)

    def _norm(self, finding: Finding, *, stored: bool = False) -> ResponseNorm:
        letters = [finding.place.layout[axis] for axis in finding.place.axes]
        values = finding.numbers.stored if stored else finding.numbers.typed
        return ResponseNorm(dict.fromkeys(letters, finding.span), values.scale, values.bias, values.beta)

    def _fits(self, residual: Residual) -> bool:
        few = residual.beyond <= _OUTLIERS * residual.elements and residual.lost <= _LOST * residual.elements
        return few and residual.max_beyond <= _FAR * self._tolerance

    def _answer(self, finding: Finding, residual: Residual) -> Identification:
        found = not finding.doubt and self._fits(residual)
        norm = self._norm(finding)
        return Identification(
            found=found,
            norm=norm,
            layout=finding.place.layout,
            shape=self._pair.shape,
            order=self._pair.order,
            dtype=self._type_name,
            determined=tuple(name for name in ALL if name in finding.determined) if found else (),
            max_ulp=residual.max_ulp,
            max_relative=residual.max_relative,
            elements=residual.elements,
            bounds=self._bounds(norm, finding.place.layout) if found else (),
            notes=self._notes(finding, residual, norm) if found else (why_not(finding, residual, self._tolerance),),
        )

    def _notes(self, finding: Finding, residual: Residual, norm: ResponseNorm) -> tuple[str, ...]:
        quirks = list_quirks(norm, finding.place.layout)
        return (*_unchanged(norm), *list_open(finding, residual, self._tolerance), *quirks)

    def _bounds(self, norm: ResponseNorm, layout: str) -> tuple[Bound, ...]:
        """The conventions that can express it on this tensor."""
        shape = self._pair.shape
        return tuple(bound for bound in in_conventions(norm, layout) if takes(bound, layout, shape, norm.window))

    def _nothing(self) -> Identification:
        known: Place = self._places[0]
        note = "no element of the input is finite, not zero, and has a result of its own sign: there is nothing to fit"
        return Identification(
            False, None, known.layout, self._pair.shape, self._pair.order, self._type_name, notes=(note,)
        )


def _unchanged(norm: ResponseNorm) -> Sequence[str]:
    return ("the output is the input, unchanged",) if norm.scale == 0 and norm.bias == 1 else ()
