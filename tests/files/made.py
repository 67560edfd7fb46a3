"""Small files as the libraries that own their formats write them, each with a tensor and a way to read it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

X = np.random.default_rng(0).standard_normal((2, 3, 4, 5)).astype("f4")


class Seen(NamedTuple):
    """What a library sees in a file.

    Attributes:
        rest: All it has but the tensor, as text by name.
        tensor: The tensor's numbers.
    """

    rest: dict[str, str]
    tensor: NDArray[Any]


@dataclass(frozen=True)
class Made:
    """A kind of file.

    Attributes:
        name: What it is.
        suffix: Of its name.
        member: The tensor in it.
        write: Writes one.
        read: Reads it with the library that owns the format.
        needs: Modules without which it can neither be written nor read.
    """

    name: str
    suffix: str
    member: str
    write: Callable[[Path], None]
    read: Callable[[Path], Seen]
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """The first of the modules it needs that is not installed; empty where all are."""
        return next((name for name in self.needs if find_spec(name) is None), "")


def shown(value: Any) -> str:
    """A value as text in which dtype, shape and every element can be seen, NaN too."""
    if isinstance(value, (np.ndarray, np.generic)):
        return f"{value.dtype} {value.shape} {value.tolist()!r}"
    return f"{type(value).__name__} {value!r}"


def made() -> list[Made]:
    """All kinds, also those whose libraries are missing here."""
    from tests.files import (
        kept_files,
        matlab_files,
        netcdf_files,
        pandas_files,
        plain_files,
        pytables_files,
        science_files,
    )

    modules = (kept_files, plain_files, netcdf_files, pytables_files, pandas_files, matlab_files, science_files)
    return [kind for module in modules for kind in module.KINDS]
