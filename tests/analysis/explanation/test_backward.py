"""The backward pass is explained in the framework's symbols, with the mirrored window and numbers to check by hand."""

from __future__ import annotations

import pytest

from lrn_cli.analysis.explanation.explain import explain
from lrn_cli.formula import Span
from lrn_cli.pages.convention import page
from lrn_cli.pages.formats import latex, text

# The window's reach, its bases over x = 1 2 1, and dx for dy = 1 0 0 and 0 1 0, worked out by hand.
BY_HAND = {
    Span(1, 1): ((6, 7, 6), (0.340207, -0.136083, 0), (-0.107990, 0.161985, -0.107990)),
    Span(1, 0): ((2, 6, 6), (0.353553, 0, 0), (-0.136083, 0.136083, 0)),
}


def test_the_example_has_the_numbers_that_were_worked_out_by_hand() -> None:
    examples = explain("pytorch:size=4").backward.examples
    assert [example.span for example in examples] == list(BY_HAND)
    for example, (s, *rows) in zip(examples, BY_HAND.values(), strict=True):
        assert example.s == s
        for row, dx in zip(example.rows, rows, strict=True):
            assert row.dx == pytest.approx(dx, abs=1e-6)


@pytest.mark.parametrize(
    ("word", "reach"),
    [("pytorch:size=4", Span(1, 2)), ("onnx:size=4", Span(2, 1)), ("caffe2:size=4", Span(2, 1)), ("tf", Span(5, 5))],
)
def test_before_and_after_change_places(word: str, reach: Span) -> None:
    assert explain(word).backward.mirrored == {"C": reach}


def shown(word: str) -> str:
    written = text.render(page(explain(word)))
    return written.partition("\nBackward pass\n")[2].partition("\nWhat people get wrong\n")[0]


def test_the_page_has_the_formula_in_the_framework_s_symbols() -> None:
    said = shown("pytorch:size=4")
    assert "da[c] = db[c] / s[c]^beta\n        − 2 · alpha/size · beta · a[c] · Σ db[j] · b[j] / s[j]" in said
    assert "j = c−⌊(size−1)/2⌋ … c+⌊size/2⌋, inside 0 … C−1" in said
    assert "j = c−1 … c+2, inside 0 … C−1" in said


def test_the_mirrored_window_is_drawn_where_it_is_another() -> None:
    assert "c = 2   │· ■ ● ■ ■ ·│" in shown("pytorch:size=4")
    assert "is its own mirror" in " ".join(shown("pytorch:size=5").split())
    assert "●" not in shown("pytorch:size=5")


# What must be said of which framework's backward pass.
TRAPS = [
    ("pytorch:size=5", "CrossMapLRN2d"),
    ("caffe2", "not mirrored"),
    ("tf", "trusts them"),
    ("caffe", "ignores k in the gradient"),
    ("paddle:size=5", "power of two"),
    ("alexnet", "proves nothing"),
]


@pytest.mark.parametrize(("word", "said"), TRAPS)
def test_what_goes_wrong_is_said(word: str, said: str) -> None:
    assert said in " ".join(shown(word).split())
    assert any(said in trap["text"] for trap in explain(word).as_data()["backward"]["traps"])


def test_latex_has_the_formula() -> None:
    written = latex.render(page(explain("alexnet")))
    assert (
        r"\frac{\partial L}{\partial a_{i}} = \frac{g_{i}}{s_{i}^{\beta}} - 2 \cdot \alpha \cdot \beta\, a_{i}"
        in written
    )
    assert r"\quad g = \frac{\partial L}{\partial b}" in written
