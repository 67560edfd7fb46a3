"""Caffe's .caffemodel: a NetParameter with its weights, in the three forms that Caffe upgrades.

Field numbers: BVLC/caffe@9b891540:src/caffe/proto/caffe.proto.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.errors import LrnError
from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.protobuf import wire
from lrn_cli.models.protobuf.wire import BYTES, FIXED32, VARINT, Field, Message, Table, outline

_NET = {(1, BYTES), (2, BYTES), (3, BYTES), (4, VARINT), (5, VARINT), (6, BYTES), (7, VARINT), (8, BYTES), (100, BYTES)}
_V1_LRN = 15
_REGIONS = ("ACROSS_CHANNELS", "WITHIN_CHANNEL")


def _uint32(field: Field) -> int:
    return field.value & 0xFFFFFFFF


def _float(field: Field) -> float:
    return field.float32


def _region(field: Field) -> str:
    return _REGIONS[field.value] if field.value < len(_REGIONS) else str(field.value)


LRN_PARAMETER: Table = {
    (1, VARINT): ("local_size", _uint32),
    (2, FIXED32): ("alpha", _float),
    (3, FIXED32): ("beta", _float),
    (4, VARINT): ("norm_region", _region),
    (5, FIXED32): ("k", _float),
}
_V0_PARAMETERS: Table = {
    (13, VARINT): ("local_size", _uint32),
    (14, FIXED32): ("alpha", _float),
    (15, FIXED32): ("beta", _float),
    (22, FIXED32): ("k", _float),
}


class CaffeModel(ModelFormat):
    """A binary NetParameter."""

    name = "caffemodel"
    title = "a Caffe model"

    def matches(self, content: Content) -> bool:
        """Whether its fields are a NetParameter's, and its first layer one of Caffe's and no operator of Caffe2."""
        fields = outline(content)
        if not fields or not all((field.number, field.kind) in _NET for field in fields):
            return False
        if fields[0].number == 1 and not _is_text(content, fields[0]):
            return False
        layers = [field for field in fields if field.number in (2, 100)]
        return any(field.number == 100 or _is_v1(content, field) for field in layers[:1])

    def layers(self, content: Content) -> Iterator[Layer]:
        """The LRN layers of all three forms.

        Raises:
            LrnError: It is damaged, or has layers of V2 beside older ones, which Caffe refuses.
        """
        forms = set()
        for field in Message.whole(content):
            if (field.number, field.kind) in ((2, BYTES), (100, BYTES)):
                forms.add(field.number)
                if len(forms) > 1:
                    message = f"{content.path}: has both `layer` and `layers`, which Caffe refuses to upgrade"
                    raise LrnError(message, "the file as Caffe's upgrade_net_proto_binary writes it")
                found = _read_v2(field.message()) if field.number == 100 else _read_v1(field.message())
                if found:
                    yield found


def _is_text(content: Content, field: Field) -> bool:
    return content.read(field.start, min(field.end - field.start, 256)).decode("utf-8", "replace").isprintable()


def _is_v1(content: Content, layer: Field) -> bool:
    """Whether a field 2 is a V1LayerParameter, by its type or by the layer of V0 in it."""
    inner = outline(content, layer.start, layer.end)
    old = next((field for field in inner if (field.number, field.kind) == (1, BYTES)), None)
    if any((field.number, field.kind) == (5, VARINT) for field in inner):
        return True
    return old is not None and [field.number for field in outline(content, old.start, old.end)[:2]] == [1, 2]


def _read_v2(message: Message) -> Layer | None:
    name = source = output = kind = phase = ""
    written: dict[str, Written] = {}
    for field in message:
        match field.number, field.kind:
            case 1, wire.BYTES:
                name = field.text
            case 2, wire.BYTES:
                kind = field.text
            case 3, wire.BYTES:
                source = source or field.text
            case 4, wire.BYTES:
                output = output or field.text
            case 8, wire.BYTES:
                phase = phase or _phase(field.message())
            case 118, wire.BYTES:
                written |= field.message().pick(LRN_PARAMETER)
    if kind != "LRN":
        return None
    return Layer(kind, written, (("caffe", written),), name, output, phase, input=source)


def _read_v1(message: Message) -> Layer | None:
    name = source = output = phase = ""
    kind, old = -1, None
    written: dict[str, Written] = {}
    for field in message:
        match field.number, field.kind:
            case 1, wire.BYTES:
                old = field
            case 2, wire.BYTES:
                source = source or field.text
            case 3, wire.BYTES:
                output = output or field.text
            case 4, wire.BYTES:
                name = field.text
            case 5, wire.VARINT:
                kind = field.value
            case 18, wire.BYTES:
                written |= field.message().pick(LRN_PARAMETER)
            case 32, wire.BYTES:
                phase = phase or _phase(field.message())
    if old is not None:
        return _read_v0(old.message(), source, output)
    if kind != _V1_LRN:
        return None
    return Layer("LRN", written, (("caffe", written),), name, output, phase, input=source)


def _read_v0(message: Message, source: str, output: str) -> Layer | None:
    if message.string(2) != "lrn":
        return None
    written = message.pick(_V0_PARAMETERS)
    return Layer("lrn", written, (("caffe", written),), message.string(1), output, input=source)


def _phase(rule: Message) -> str:
    field = rule.last(1, VARINT)
    return "" if field is None else f"phase {'TEST' if field.value else 'TRAIN'}"


FORMATS = (CaffeModel(),)
