"""A tensor in another shape is read like NumPy's own reshaping of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrn_cli.analysis.reshaping import Reshaped, fold_like
from lrn_cli.tensors.arrays import ArraySource


def factors(count: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of 72 elements."""
    shapes = [(72,), (8, 9), (2, 4, 9), (1, 72), (9, 2, 4), (3, 1, 24), (2, 3, 4, 3), (72, 1, 1), (1, 8, 9), (8, 1, 9)]
    return st.sampled_from([shape for shape in shapes if np.prod(shape) == count])


@given(stored=factors(72), shape=factors(72), fortran=st.booleans(), data=st.data())
def test_any_block_is_that_of_the_reshaped_array(
    stored: tuple[int, ...], shape: tuple[int, ...], fortran: bool, data: st.DataObject
) -> None:
    values = np.arange(72.0).reshape(stored)
    wanted = values.reshape(shape)
    source = Reshaped(ArraySource(np.asfortranarray(values) if fortran else values), shape)
    starts = [data.draw(st.integers(0, length - 1)) for length in shape]
    box = tuple(
        slice(start, data.draw(st.integers(start + 1, length))) for start, length in zip(starts, shape, strict=True)
    )
    in_storage = box[::-1] if source.info.fortran_order else box
    out = np.empty([piece.stop - piece.start for piece in in_storage])
    source.read(in_storage, out)
    np.testing.assert_array_equal(out.T if source.info.fortran_order else out, wanted[box])


@pytest.mark.parametrize(
    ("own", "shape", "folded"),
    [
        ((16, 4, 4), (1, 16, 4, 4), (1, 16, 4, 4)),
        ((256,), (1, 16, 4, 4), (1, 16, 4, 4)),
        ((2, 80), (2, 16, 5), (2, 16, 5)),
        ((4, 5, 16), (1, 16, 4, 5), (1, 4, 5, 16)),
        ((1, 4, 5, 16), (1, 16, 4, 5), (1, 4, 5, 16)),
        ((5, 4), (4, 5), (5, 4)),
        ((4, 5), (4, 6), (4, 5)),
    ],
)
def test_only_axes_of_one_position_and_elements_in_a_row_are_folded(
    own: tuple[int, ...], shape: tuple[int, ...], folded: tuple[int, ...]
) -> None:
    source, told = fold_like(ArraySource(np.zeros(own)), shape)
    assert source.info.shape == folded
    assert bool(told) == (own != folded)
