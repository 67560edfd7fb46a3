"""From the inputs and outputs of real engines, the parameters come back that they were run with."""

from __future__ import annotations

from functools import cache

import pytest

from lrn_cli.analysis.identification.identify import identify
from lrn_cli.analysis.identification.report import Identification
from lrn_cli.conventions.binding import bound, resolve_layout
from lrn_cli.formula import ResponseNorm, Span
from tests.golden import Case, cases

pytestmark = pytest.mark.slow

GOLDEN = {golden.name: golden for golden in cases()}
CASES = pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)

# Sums so large, or so few elements, that the bias is known to a percent at best, and said to be.
BIAS_IS_LOST = {"tensorflow-rand3", "wolfram-rand0"}
# Seven elements that are not zero: several windows fit.
WINDOW_IS_OPEN = {"tensorflow-rand5", "wolfram-docs_ports_example"}


@cache
def identified(name: str) -> Identification:
    """What is found for a case: searched for once, and looked at by several tests."""
    return identify(GOLDEN[name].x, GOLDEN[name].y)


def truth(golden: Case) -> tuple[ResponseNorm, str]:
    choice = bound(golden.convention, golden.parameters)
    return choice.norm, resolve_layout(choice, golden.x.shape)


def reach(norm: ResponseNorm, layout: str, shape: tuple[int, ...]) -> dict[int, Span]:
    """How far a window reaches on that tensor, by axis."""
    cut = {layout.index(axis): span.within(shape[layout.index(axis)]) for axis, span in norm.window.items()}
    return {axis: span for axis, span in cut.items() if any(span)}


@CASES
def test_window_axis_and_region_come_back_where_the_data_determines_them(golden: Case) -> None:
    norm, layout = truth(golden)
    answer = identified(golden.name)
    assert answer.found
    assert answer.norm is not None
    wanted = reach(norm, layout, golden.x.shape)
    if golden.name in WINDOW_IS_OPEN:
        assert "window" not in answer.determined
    else:
        assert reach(answer.norm, answer.layout, golden.x.shape) == wanted
    if wanted:
        assert {"axis", "region"} <= set(answer.determined)
        assert answer.axis == layout.index("C")
        assert set(answer.window) == set(norm.window)
    else:
        assert "axis" not in answer.determined


@CASES
def test_scale_bias_and_beta_come_back_to_four_digits_or_are_said_to_be_unknown(golden: Case) -> None:
    norm, _ = truth(golden)
    answer = identified(golden.name)
    for name in ("scale", "bias", "beta"):
        wanted, found = getattr(norm, name), getattr(answer, name)
        if golden.name in BIAS_IS_LOST and name == "bias":
            assert name not in answer.determined
            assert found == pytest.approx(wanted, rel=0.05)
        else:
            assert found == pytest.approx(wanted, rel=1e-4)


@CASES
def test_the_residual_is_the_engines_own_distance_from_the_formula(golden: Case) -> None:
    # A bias that the engine's errors hide is another one, which adds as much again.
    allowed = golden.tolerance * (2 if golden.name in BIAS_IS_LOST else 1)
    assert identified(golden.name).max_relative <= allowed


@CASES
def test_a_window_that_covers_the_tensor_is_only_known_to_be_that_wide(golden: Case) -> None:
    norm, layout = truth(golden)
    axes = [layout.index(axis) for axis in norm.window]
    covers = all(
        min(span.within(golden.x.shape[axis])) == golden.x.shape[axis] - 1
        for axis, span in zip(axes, norm.window.values(), strict=True)
    )
    answer = identified(golden.name)
    if covers or "window" not in answer.determined:  # with the layout less is open
        answer = identify(golden.x, golden.y, layout=layout)
    if covers:
        assert "window" not in answer.determined
    elif golden.name not in WINDOW_IS_OPEN:
        assert "window" in answer.determined
