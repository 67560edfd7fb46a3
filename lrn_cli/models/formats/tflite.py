"""TensorFlow Lite's .tflite: a flatbuffer, of which a few tables are looked at.

Fields: tensorflow/tensorflow v2.21.0, tensorflow/compiler/mlir/lite/schema/schema.fbs.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.models.content import Content
from lrn_cli.models.flatbuffer import Table
from lrn_cli.models.model import Layer, ModelFormat, Written

_LRN = 13
_RADIUS = "radius"
_NUMBERS = ("bias", "alpha", "beta")


class TfLite(ModelFormat):
    """A model."""

    name = "tflite"
    title = "a TensorFlow Lite model"

    def matches(self, content: Content) -> bool:
        """Whether the flatbuffer names its schema."""
        return content.head[4:8] == b"TFL3"

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of all its subgraphs.

        Raises:
            LrnError: It is damaged.
        """
        model = Table.root(content)
        codes = {index for index, code in enumerate(model.tables(1)) if max(code.int8(0), code.int32(3)) == _LRN}
        for number, graph in enumerate(model.tables(2) if codes else ()):
            for operator in graph.tables(3):
                if operator.uint32(0) in codes:
                    yield _read_operator(operator, graph, f"subgraph {number}" if number else "")


def _read_operator(operator: Table, graph: Table, place: str) -> Layer:
    options = operator.table(4)
    written: dict[str, Written] = {}
    if options is not None and options.has(0):
        written[_RADIUS] = options.int32(0)
    for index, name in enumerate(_NUMBERS, 1):
        if options is not None and options.has(index):
            written[name] = options.float32(index)
    filled = {_RADIUS: 0, **dict.fromkeys(_NUMBERS, 0.0), **written}
    numbers = {name: filled[name] for name in _NUMBERS}
    outputs = operator.integers(2)
    tensor = graph.item(0, outputs[0]) if outputs else None
    name = tensor.string(3) if tensor is not None else ""
    given = {"depth_radius": filled[_RADIUS], **numbers}
    words = (("tflite", given), ("tf", given))
    return Layer("LOCAL_RESPONSE_NORMALIZATION", written, words, name, name, place, given=filled)


FORMATS = (TfLite(),)
