"""Paddle's fluid programs: a ProgramDesc, usually called `__model__`.

Field numbers: PaddlePaddle/Paddle v2.6.2, paddle/fluid/framework/framework.proto; defaults: its
paddle/fluid/operators/lrn_op.cc, LRNOpMaker.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.models.content import Content
from lrn_cli.models.kinds import find_flaw
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.protobuf import wire
from lrn_cli.models.protobuf.wire import BYTES, VARINT, Message, outline

_PROGRAM = {1: BYTES, 3: BYTES, 4: BYTES, 5: BYTES}
_KINDS = {"n": int, "k": float, "alpha": float, "beta": float}
_DEFAULTS: dict[str, Written] = {"n": 5, "k": 2.0, "alpha": 1e-4, "beta": 0.75}
_LAYOUT = "data_format"


class Paddle(ModelFormat):
    """A ProgramDesc."""

    name = "paddle-fluid"
    title = "a Paddle fluid program"
    members = ("__model__",)

    def matches(self, content: Content) -> bool:
        """Whether its fields are a ProgramDesc's, the first a block with its number and its parent's."""
        fields = outline(content)
        if not fields or fields[0].number != 1 or not all(_PROGRAM.get(field.number) == field.kind for field in fields):
            return False
        inner = outline(content, fields[0].start, fields[0].end)
        return [(field.number, field.kind) for field in inner[:2]] == [(1, VARINT), (2, VARINT)]

    def layers(self, content: Content) -> Iterator[Layer]:
        """The lrn operators of all its blocks."""
        for number, block in enumerate(Message.whole(content).of(1)):
            for operator in block.message().of(4):
                yield from _read_operator(operator.message(), f"block {number}" if number else "")


def _read_operator(message: Message, place: str) -> Iterator[Layer]:
    if message.string(3) != "lrn":
        return
    pairs = [pair for attribute in message.of(4) for pair in _read_attribute(attribute.message())]
    written = {name: value for name, value in pairs if name in _KINDS}
    filled = {**_DEFAULTS, **written}
    layout = {name: value for name, value in pairs if name == _LAYOUT}
    yield Layer(
        "lrn",
        written,
        words=(("paddle-fluid", {**filled, **layout}), ("alexnet", filled)),
        output=_read_output(message),
        place=place,
        given=filled,
        flaw=find_flaw(pairs, _KINDS),
        notes=(f"{_LAYOUT} NHWC: the channels are the last axis",) if layout.get(_LAYOUT) == "NHWC" else (),
    )


def _read_output(operator: Message) -> str:
    """The name of what is called `Out`; there is one for the middle of the computation besides."""
    for output in operator.of(2):
        variable = output.message()
        if variable.string(1) == "Out":
            return variable.string(2)
    return ""


def _read_attribute(message: Message) -> Iterator[tuple[str, Written]]:
    name = message.string(1)
    for field in message if name in _KINDS or name == _LAYOUT else ():
        match field.number, field.kind:
            case 3, wire.VARINT:
                yield name, field.integer
            case 4, wire.FIXED32:
                yield name, field.float32
            case 5, wire.BYTES:
                yield name, field.text


FORMATS = (Paddle(),)
