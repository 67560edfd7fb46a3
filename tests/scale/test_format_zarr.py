"""Zarr stores are to zarr-python after `lrn` what they were before, but for the numbers."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tensors.formats.battery import Battery, Example, random

zarr = pytest.importorskip("zarr", reason="zarr is not installed: pip install -e '.[test-cluster]'")

NAME = "layer/conv1"


def make(path: Path, values: Any, version: int, options: dict[str, Any], *, alone: bool, whole: bool) -> None:
    """A store with an array, as its root or in a group among others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        about: dict[str, Any] = {"attributes": {"units": "1", "by": ["a", 2, None]}, **options}
        if alone:
            zarr.create_array(
                path, shape=values.shape, dtype=values.dtype, zarr_format=version, overwrite=True, **about
            )[...] = values
            return
        root = zarr.open_group(path, mode="w", zarr_format=version, attributes={"title": "maps"})
        root.create_array(NAME, shape=values.shape, dtype=values.dtype, **about)[...] = values
        root.create_array("labels", data=np.arange(7), chunks=(3,))
        root.create_group("empty", attributes={"x": {"y": 1.5}})
        if whole:
            zarr.consolidate_metadata(path)


def load(path: Path, name: str) -> Any:
    node = zarr.open(path, mode="r")
    return node[name][...] if name else node[...]


def tell(path: Path, name: str) -> object:
    """All that zarr-python says of a store but the numbers of the array."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root = zarr.open(path, mode="r")
        if not name:
            return root.metadata.to_dict()
        found = {member: node.metadata.to_dict() for member, node in root.members(max_depth=None)}
        consolidated = root.metadata.to_dict().get("consolidated_metadata")
        return found, dict(root.attrs), root["labels"][...].tolist(), json.dumps(consolidated, default=str)


def example(
    name: str, values: Any, version: int = 3, *, alone: bool = False, whole: bool = False, **options: Any
) -> Example:
    member = "" if alone else NAME
    return Example(
        name,
        "zarr",
        ".zarr",
        values,
        lambda path: make(path, values, version, options, alone=alone, whole=whole),
        lambda path: load(path, member),
        "" if alone else f"/{NAME}",
        lambda path: tell(path, member),
    )


class TestZarr(Battery):
    """Both versions, with and without codecs, shards and other arrays."""

    EXAMPLES = (
        example("version 3", random((5, 6, 7, 4)), chunks=(2, 4, 7, 3), dimension_names=("n", "c", "y", "x")),
        example("shards", random((6, 8, 5), "f8"), whole=True, chunks=(1, 4, 5), shards=(3, 8, 5)),
        example("version 2", random((5, 9, 4), "f2"), 2, whole=True, chunks=(2, 4, 4), fill_value=float("nan")),
        example("big-endian in Fortran order", random((7, 9), ">f4"), 2, alone=True, chunks=(4, 4), order="F"),
        example("the root, of whole numbers", random((9, 11), "i2"), alone=True, chunks=(4, 5), compressors=None),
        example("a vector", random((17,)), 2, chunks=(5,), compressors=None),
    )
