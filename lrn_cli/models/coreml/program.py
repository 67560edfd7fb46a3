"""Programs of Core ML (MIL): operations, whose parameters are the names of constants.

Field numbers: apple/coremltools@e0e2f42b:mlmodel/format/MIL.proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from struct import unpack

from lrn_cli.models.coreml.layers import layer_of_program
from lrn_cli.models.decimals import from_float16
from lrn_cli.models.model import Layer, Written
from lrn_cli.models.protobuf.wire import BYTES, Field, Message

_OPERATION = "local_response_norm"
_PARAMETERS = ("size", "alpha", "beta", "k")
_STRINGS = 4
"""The type of a tensor of strings, as 1 is that of floats, 2 and 5 are those of integers, and 7 of float16."""
_SCALAR = 16
"""Bytes that a single number takes at most."""


def read_program(program: Message, place: str) -> Iterator[Layer]:
    """The layers in the blocks of all functions.

    Raises:
        LrnError: It is damaged.
    """
    for entry in program.of(2):
        name, function = entry.message().string(1), entry.message().last(2)
        for block in function.message().of(3) if function else ():
            where = place if name == "main" else f"{place}, function {name}".removeprefix(", ")
            body = block.message().last(2)
            if body is not None:
                yield from _read_block(body.message(), {}, where)


def _read_block(block: Message, outer: Mapping[str, Written], place: str) -> Iterator[Layer]:
    constants = dict(outer)
    for field in block.of(3):
        operation = field.message()
        kind = operation.string(1)
        if kind == "const":
            output, value = _name_output(operation), _attribute(operation, "val")
            if value is not None:
                constants[output] = value
        elif kind == _OPERATION:
            yield _read_layer(operation, constants, place)
        for inner in operation.of(4):
            yield from _read_block(inner.message(), constants, place)


def _read_layer(operation: Message, constants: Mapping[str, Written], place: str) -> Layer:
    written: dict[str, Written] = {}
    flaw = ""
    for entry in operation.of(2):
        key, argument = entry.message().string(1), entry.message().last(2)
        if key not in _PARAMETERS or argument is None:
            continue
        for binding in argument.message().of(1):
            constant = binding.message().string(1)
            value = constants.get(constant) if constant else _read_value(binding.message(), 2)
            if value is None:
                flaw = flaw or f"{key} is {constant}, which is no constant"
            else:
                written[key] = value
    output = _name_output(operation)
    name = _attribute(operation, "name")
    return layer_of_program(
        written, name=name if isinstance(name, str) else output, output=output, place=place, flaw=flaw
    )


def _name_output(operation: Message) -> str:
    output = next(operation.of(3), None)
    return output.message().string(1) if output else ""


def _attribute(operation: Message, wanted: str) -> Written | None:
    """The value of an attribute that is one number or text."""
    for entry in operation.of(5):
        if entry.message().string(1) == wanted:
            return _read_value(entry.message(), 2)
    return None


def _read_value(message: Message, number: int) -> Written | None:
    """The one number or text that a Value is; None where it is another."""
    found = message
    for step in (number, 3, 1):  # the value, which is immediate, and a tensor
        field = found.last(step)
        if field is None:
            return None
        found = field.message()
    for field in found:
        values = field.message().last(1) if field.kind == BYTES else None
        if values is not None and (field.number == _STRINGS or values.end - values.start <= _SCALAR):
            return _read_one(values, field.number)
    return None


def _read_one(values: Field, number: int) -> Written | None:
    """The one value of a repeated field, by the number of its type; None where there are several or it is another."""
    match number:
        case 1:
            numbers: list[float] | list[int] = values.floats()
        case 2 | 5:
            numbers = values.varints()
        case 4:
            return values.text
        case 7 if values.end - values.start == 2:
            numbers = [from_float16(unpack("<e", values.bytes())[0])]
        case _:
            return None
    return numbers[0] if len(numbers) == 1 else None
