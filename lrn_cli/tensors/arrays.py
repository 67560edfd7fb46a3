"""An array in memory, read block by block like a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array, refuse_unless_numeric
from lrn_cli.tensors.tensor import Source, TensorInfo


class ArraySource(Source):
    """An array as a source.

    Args:
        values: Booleans, integers or real floating-point numbers; a single number counts as one element on one axis.

    Raises:
        LrnError: The elements are no such numbers.
    """

    path: Path | None = None

    def __init__(self, values: ArrayLike) -> None:
        self._values = np.atleast_1d(np.asarray(values))
        refuse_unless_numeric(self._values.dtype)
        flags = self._values.flags
        fortran = flags.f_contiguous and not flags.c_contiguous
        self.info = TensorInfo(self._values.shape, self._values.dtype, fortran_order=fortran)
        self._stored = self._values.T if fortran else self._values

    def read(self, box: Box, out: Array) -> None:
        """Copy a block into `out`."""
        np.copyto(out, self._stored[box])
