"""Every way in which the arithmetic can be done on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lrn_cli.arithmetic import native
from tests.arithmetic.random_blocks import arithmetic


@pytest.fixture(scope="module", params=native.chosen.variants, ids=lambda variant: variant or "NumPy")
def variant(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """NumPy's passes, and each variant of the compiled ones: a module that uses this is run with all of them."""
    with arithmetic(request.param):
        yield request.param
