"""Tensors of types that NumPy lacks, read as float32 and written as they came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.narrow import WIDE, decode, encode
from lrn_cli.tensors.tensor import Source


def narrow(write: Callable[[Box, Array], None], name: str, dtype: np.dtype[Any]) -> Callable[[Box, Array], None]:
    """What writes blocks of float32 as elements of the type `name`, through what writes those.

    Args:
        write: Writes a block; see `Sink.write`.
        name: A type that NumPy lacks.
        dtype: Of the elements in the file.
    """
    return lambda box, block: write(box, encode(name, block, dtype))


class Widened(Source):
    """The values of a source, as float32."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.path, self.info = source.path, source.info._replace(dtype=WIDE)
        self.sequential = source.sequential

    @property
    def shared_elements(self) -> int:
        """As the source itself."""
        return self._source.shared_elements

    @shared_elements.setter
    def shared_elements(self, count: int) -> None:
        self._source.shared_elements = count

    def read(self, box: Box, out: Array) -> None:
        """Read a block, and decode it."""
        stored = np.empty(out.shape, self._source.info.dtype)
        self._source.read(box, stored)
        decode(self.info.narrow, stored, out)

    def survey(self) -> tuple[str, ...]:
        """As the source itself."""
        return self._source.survey()

    def finish(self) -> None:
        """As the source itself."""
        self._source.finish()

    def close(self) -> None:
        """As the source itself."""
        self._source.close()
