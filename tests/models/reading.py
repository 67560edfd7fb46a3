"""How tests read a model that they have made: its layers as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, Model
from lrn_cli.models.registry import read_content


class Seen(NamedTuple):
    """What a layer says."""

    name: str
    word: str | None


def read(data: bytes, name: str = "x.bin") -> Model:
    """The model that those bytes are, whatever the file is called."""
    found = read_content(Content.of_bytes(Path(name), data))
    assert found is not None, "it is of no known format"
    return found


def words(data: bytes) -> list[Seen]:
    """Name, or output where there is none, and word of each layer."""
    return [Seen(layer.name or layer.output, layer.bound.word if layer.bound else None) for layer in read(data).layers]


def only(data: bytes) -> Layer:
    """The one layer of a model."""
    (layer,) = read(data).layers
    return layer
