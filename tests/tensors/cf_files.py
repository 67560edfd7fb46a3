"""What the tests of CF attributes share: files that have some, and normalising them without a process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from lrn_cli.conventions.binding import bound
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Report, Request
from lrn_cli.tensors.tensor import Reading

Array = NDArray[Any]
IDENTITY = "tf:depth_radius=0,bias=1,alpha=0,beta=1"
i1, i2, i4, u1 = (partial(np.array, dtype=name) for name in ("i1", "i2", "i4", "u1"))
f2, f4, f8 = (partial(np.array, dtype=name) for name in ("f2", "f4", "f8"))


def write(path: Path, values: Array, attributes: Mapping[str, Any], **how: Any) -> Path:
    """A file with one dataset."""
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("feats", data=values, **how)
        for name, value in attributes.items():
            dataset.attrs[name] = value
    return path


def normalise(
    source: Path, output: Path | str, cf: str | None = None, convention: str = IDENTITY, **asked: Any
) -> Report:
    """Normalise the dataset over its last axis."""
    reading = Reading(cf=cf)
    request = Request(
        f"{source}::/feats", str(output), bound(convention), axis=-1, reading=reading, force=True, **asked
    )
    with Plan(request) as plan:
        return plan.run()
