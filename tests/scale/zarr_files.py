"""Stores as zarr-python makes them, and by hand."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

zarr = pytest.importorskip("zarr", reason="zarr is not installed: pip install -e '.[test-cluster]'")

SHAPE, CHUNKS = (4, 8, 5, 5), (1, 8, 5, 5)


def maps(shape: tuple[int, ...] = SHAPE, dtype: str = "f4") -> Any:
    """Numbers, the same each time."""
    return (np.random.default_rng(0).normal(size=shape) * 9).astype(dtype)


def store(path: Path, version: int = 3, **options: Any) -> Path:
    """A store that is one array of `maps()`."""
    about: dict[str, Any] = {"shape": SHAPE, "dtype": "f4", "chunks": CHUNKS, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        array = zarr.create_array(path, zarr_format=version, **about)
        array[...] = maps(about["shape"], about["dtype"])
    return path


def group(path: Path, arrays: dict[str, Any], version: int = 3, *, consolidated: bool = False) -> Path:
    """A store of named arrays."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root = zarr.open_group(path, mode="w", zarr_format=version)
        for name, values in arrays.items():
            root.create_array(name, data=values, attributes={"of": name})
        if consolidated:
            zarr.consolidate_metadata(path)
    return path


def load(path: Path, name: str = "") -> Any:
    """An array as zarr-python reads it."""
    node = zarr.open(path, mode="r")
    return node[name][...] if name else node[...]


def metadata(path: Path) -> Path:
    """The file with the metadata of an array."""
    return next(file for name in ("zarr.json", ".zarray") if (file := path / name).exists())


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change the metadata of an array."""
    file = metadata(path)
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    return path


def files(path: Path) -> dict[str, bytes]:
    """All files of a folder, by their path in it."""
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}
