"""The compiled passes give the gradients of NumPy's to the byte, and leave to it no more than is listed."""

from __future__ import annotations

from functools import cache

import pytest

from lrn_cli.arithmetic import native
from tests.arithmetic.random_blocks import COMPILED, Made
from tests.arithmetic.random_gradients import ask, derive

pytestmark = pytest.mark.skipif(not COMPILED, reason=str(native.chosen))
EACH = pytest.mark.parametrize("variant", COMPILED)


@cache
def by_numpy(kind: str, seed: int) -> Made:
    """What NumPy's passes make of a random question, which is the same for each variant."""
    return derive(ask(kind, seed), None)


@EACH
@pytest.mark.parametrize("kind", ["ordinary", "wild"])
def test_random_gradients_have_the_same_bytes_from_numpy_and_compiled(kind: str, variant: str) -> None:
    for seed in range(120):
        question = ask(kind, seed)
        expected, made = by_numpy(kind, seed), derive(question, variant)
        assert made.results == expected.results, (seed, question)
        assert made.broken == expected.broken, (seed, question)


@EACH
def test_ordinary_gradients_leave_nothing_to_numpy_but_what_is_listed(variant: str) -> None:
    questions = [ask("ordinary", 1000 + seed) for seed in range(100)]
    listed = [question.listed for question in questions]
    ended = [derive(question, variant).done for question in questions]
    assert [done for (done, _), left in zip(ended, listed, strict=True) if left] == [0] * sum(listed)
    assert all(done == count for (done, count), left in zip(ended, listed, strict=True) if not left)
    assert sum(listed) < len(questions) / 2
