"""Caffe2's nets in binary: a NetDef, as of predict_net.pb.

Field numbers: pytorch/pytorch v1.8.1, caffe2/proto/caffe2.proto.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.models.caffe2 import ARGUMENTS, lrn_layer
from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.protobuf import wire
from lrn_cli.models.protobuf.wire import BYTES, VARINT, Message, outline

_NET = {1: BYTES, 2: BYTES, 3: BYTES, 4: VARINT, 5: BYTES, 6: BYTES, 7: BYTES, 8: BYTES, 9: BYTES}
_OPERATOR = dict.fromkeys(range(1, 11), BYTES) | {12: VARINT}


class Caffe2(ModelFormat):
    """A NetDef."""

    name = "caffe2"
    title = "a Caffe2 net"

    def matches(self, content: Content) -> bool:
        """Whether its fields are a NetDef's, and the first operator one of Caffe2's and no layer of Caffe."""
        fields = outline(content)
        operators = [field for field in fields if field.number == 2]
        if not operators or not all(_NET.get(field.number) == field.kind for field in fields):
            return False
        inner = outline(content, operators[0].start, operators[0].end)
        known = all(_OPERATOR.get(field.number) == field.kind for field in inner)
        kinds = [field for field in inner if field.number == 4]
        return known and len(kinds) == 1 and content.read(kinds[0].start, 1).isalpha()

    def layers(self, content: Content) -> Iterator[Layer]:
        """Its LRN operators."""
        for operator in Message.whole(content).of(2):
            yield from _read_operator(operator.message())


def _read_operator(message: Message) -> Iterator[Layer]:
    name = kind = output = source = ""
    arguments = []
    for field in message:
        match field.number, field.kind:
            case 1, wire.BYTES:
                source = source or field.text
            case 2, wire.BYTES:
                output = output or field.text
            case 3, wire.BYTES:
                name = field.text
            case 4, wire.BYTES:
                kind = field.text
            case 5, wire.BYTES:
                arguments.append(field)
    if kind == "LRN":
        found = [pair for argument in arguments for pair in _read_argument(argument.message())]
        yield lrn_layer(name, output, found, source)


def _read_argument(message: Message) -> Iterator[tuple[str, Written]]:
    name = message.string(1)
    for field in message if name in ARGUMENTS else ():
        match field.number, field.kind:
            case 2, wire.FIXED32:
                yield name, field.float32
            case 3, wire.VARINT:
                yield name, field.integer
            case 4, wire.BYTES:
                yield name, field.text
            case number, _ if number > 4:
                yield name, ()


FORMATS = (Caffe2(),)
