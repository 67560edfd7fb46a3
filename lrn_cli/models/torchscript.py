"""The code of TorchScript: classes with their constants and members, of which only lines are looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lrn_cli.models.content import DEPTH, LAYERS
from lrn_cli.models.model import Layer, Written

_CLASS = re.compile(r"^class (\w+)\(Module\):$")
_MEMBER = re.compile(r"^  (\w+) : (__torch__[\w.]+)$")
_NUMBERED = re.compile(r'^  __annotations__\["([^"]+)"\] = (__torch__[\w.]+)$')
_CONSTANT = re.compile(r"^  (size|alpha|beta|k) : Final\[(?:int|float)\] = (\S+)$")
_FUNCTION = re.compile(r"^\s+(\w+) = __torch__\.torch\.nn\.functional\.local_response_norm$")
_CALL = re.compile(r"\b(\w+)\([\w.]+, (\d+), ([\d.e+-]+), ([\d.e+-]+), ([\d.e+-]+), \)")
_VALUE = r"(CONSTANTS\.c\d+|[\d.e+-]+)"
_TRACED = {
    "pad": re.compile(r"torch\.pad\(\w+, \[(?:0, 0, ){1,2}(\d+), (\d+)\]"),
    "size": re.compile(r"torch\.avg_pool[23]d\(\w+, \[(\d+)(?:, 1)+\]"),
    "alpha": re.compile(rf"torch\.mul\(\w+, {_VALUE}\)"),
    "k": re.compile(rf"torch\.add\((?:\w+|torch\.mul\([^()]*\)), {_VALUE}\)"),
    "beta": re.compile(rf"torch\.pow\(\w+, {_VALUE}\)"),
}
"""The parts of the layer in the order in which they stand where it was traced: the last one completes it."""
_NAME = "LocalResponseNorm"
_PARAMETERS = ("size", "alpha", "beta", "k")


class _Class(NamedTuple):
    """What is known of a class.

    Attributes:
        members: The classes of its submodules, by name.
        constants: Of LocalResponseNorm its parameters.
        calls: The parameters with which it calls the function.
    """

    members: dict[str, str]
    constants: dict[str, Written]
    calls: list[dict[str, Written]]


def find_layers(code: Mapping[str, str], values: Sequence[float]) -> Iterator[Layer]:
    """The layers of a module and the modules in it, with names as PyTorch has them, `features.2`.

    Args:
        code: Of each of its modules, by name.
        values: The constants that code which was traced refers to, in their order; none where they are not known.
    """
    known = {f"CONSTANTS.c{number}": value for number, value in enumerate(values)}
    classes = {name: found for module, text in code.items() for name, found in _read_classes(module, text, known)}
    inside = {member for found in classes.values() for member in found.members.values()}
    waiting = [("", name, 0) for name in reversed(classes) if name not in inside]
    visits = 0
    while waiting and visits < LAYERS * 10:
        visits += 1
        path, name, depth = waiting.pop()
        found = classes.get(name)
        if found is None or depth > DEPTH:
            continue
        if name.rpartition(".")[2] == _NAME:
            yield _layer(path, found.constants or (found.calls or [{}])[0])
            continue
        for parameters in found.calls:
            yield _layer(path, parameters)
        deeper = [(f"{path}.{member}".lstrip("."), kind, depth + 1) for member, kind in found.members.items()]
        waiting += reversed(deeper)


def _layer(path: str, parameters: Mapping[str, Written]) -> Layer:
    missing = [name for name in _PARAMETERS if name not in parameters]
    flaw = f"it was traced, and {' and '.join(missing)} cannot be told from its code" if missing else ""
    return Layer(_NAME, parameters, words=(("pytorch", parameters),), name=path, flaw=flaw)


def _read_classes(module: str, text: str, known: Mapping[str, float]) -> Iterator[tuple[str, _Class]]:
    """The classes of one file by their full names."""
    found = _Class({}, {}, [])
    functions: set[str] = set()
    traced: dict[str, re.Match[str]] = {}
    for line in text.splitlines():
        if start := _CLASS.match(line):
            found = _Class({}, {}, [])
            functions.clear()
            traced.clear()
            yield f"{module}.{start[1]}", found
        elif member := _MEMBER.match(line) or _NUMBERED.match(line):
            found.members[member[1]] = member[2]
        elif constant := _CONSTANT.match(line):
            if (number := _read_number(constant[2])) is not None:
                found.constants[constant[1]] = number
        elif function := _FUNCTION.match(line):
            functions.add(function[1])
        else:
            found.calls.extend(_read_call(call) for call in _CALL.finditer(line) if call[1] in functions)
            traced |= {name: part for name, pattern in _TRACED.items() if (part := pattern.search(line))}
            if "beta" in traced:
                found.calls.extend(_read_traced(traced, known))
                traced.clear()


def _read_call(call: re.Match[str]) -> dict[str, Written]:
    numbers = ((name, _read_number(call[at])) for at, name in enumerate(_PARAMETERS, 2))
    return {name: number for name, number in numbers if number is not None}


def _read_traced(parts: Mapping[str, re.Match[str]], known: Mapping[str, float]) -> Iterator[dict[str, Written]]:
    """The parameters of a layer that was traced, if all of its parts are there."""
    if parts.keys() == _TRACED.keys():
        size = int(parts["size"][1])
        if (int(parts["pad"][1]), int(parts["pad"][2])) == (size // 2, (size - 1) // 2):
            values = {name: known.get(parts[name][1], _read_number(parts[name][1])) for name in ("alpha", "beta", "k")}
            yield {"size": size, **{name: value for name, value in values.items() if value is not None}}


def _read_number(text: str) -> int | float | None:
    """A number as Python writes it."""
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return None
