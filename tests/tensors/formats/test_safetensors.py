"""Safetensors files, as they are written and read byte by byte."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from lrn_cli.dtypes import Array
from tests.tensors.formats.battery import Battery, Example, random
from tests.tensors.safetensors_files import by_place, names, parse, safetensors, tensor, texts

NAME = "layer.0/weight"


def make(path: Path, tensors: dict[str, Array], metadata: dict[str, str] | None, spaces: int) -> None:
    """A file."""
    path.write_bytes(safetensors(tensors, metadata, spaces))


def tell(path: Path) -> list[object]:
    """What the file says beside the tensor: its texts, the order of its tensors, their types and the others' bytes."""
    header, data = parse(path)
    others = {name: data[slice(*header[name]["data_offsets"])] for name in names(path) if name != NAME}
    return [
        "__metadata__" in header,
        list(texts(path).items()),
        names(path),
        by_place(path),
        others,
        [header[name]["dtype"] for name in names(path)],
    ]


def example(
    name: str, values: Array, *, others: bool = True, metadata: dict[str, str] | None = None, spaces: int = 0
) -> Example:
    """A tensor between two others."""
    around = {"before": random((3, 4), "f8"), NAME: values, "behind": random((5,), "u1")}
    file = partial(make, tensors=around if others else {NAME: values}, metadata=metadata, spaces=spaces)
    return Example(name, "safetensors", ".safetensors", values, file, partial(tensor, name=NAME), NAME, tell)


class TestSafetensors(Battery):
    """Kinds of numbers, alone and among others, with texts and spaces."""

    EXAMPLES = (
        example("float32", random((3, 5, 4, 6))),
        example("float64 alone", random((7, 9), "f8"), others=False),
        example("half precision", random((1, 2, 11, 13), "f2")),
        example("whole numbers", random((5, 6, 8), "i2"), metadata={"format": "pt", "ü": 'a "b"\n'}),
        example("booleans", random((5, 7), "?"), others=False, spaces=3),
        example("a vector", random((17,)), metadata={}),
    )
