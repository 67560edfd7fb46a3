"""Comparisons of arrays, asked for in one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from lrn_cli.analysis.comparison import compare as comparison
from lrn_cli.analysis.comparison.compare import Question
from lrn_cli.analysis.comparison.verdict import Comparison


def compare(
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    conventions: str | Sequence[str] | None = None,
    threads: int | None = None,
    **asked: Any,
) -> Comparison:
    """What is found of one array or two, asked as in `Question`."""
    return comparison.compare(x, y, Question(conventions, **asked), threads)
