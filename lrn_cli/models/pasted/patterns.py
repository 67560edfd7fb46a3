"""The calls that conventions declare, as patterns: what is called, and which parameter stands where.

A call's statement is read as what people paste is, with a mark in the place of each parameter: what a convention can
be written as can be read, and no second place says how.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from lrn_cli.conventions.declaration import Call, Convention
from lrn_cli.conventions.registry import conventions
from lrn_cli.models.pasted.expressions import DICTIONARY, Opaque, Seen, Value, nested
from lrn_cli.models.pasted.foreign import read_foreign
from lrn_cli.models.pasted.messages import read_messages
from lrn_cli.models.pasted.python import read_python

TENSOR = "\0tensor"
"""The slot of what is no parameter."""
_TENSOR_MARK, _OTHER_MARK = "lrn_tensor_mark", "lrn_other_mark"
_MARK = re.compile(r"lrn_mark_(\d+)_")


class Pattern(NamedTuple):
    """One call of a convention.

    Attributes:
        convention: Whose it is.
        names: What is called: with its imports resolved, and as it is written.
        places: For each argument without a name the parameter, TENSOR, or a constant in quotation marks.
        keys: The parameter, or TENSOR, of each argument with a name.
        listed: The parameters that are handed over as one list.
        on_any: Whether it is a method of a variable, whatever that is called.
        is_message: Whether it is a message of a protobuf text.
        fills: The numbers that it has where they are left out, by parameter.
    """

    convention: Convention
    names: tuple[str, str]
    places: tuple[str, ...]
    keys: dict[str, str]
    listed: tuple[str, ...] = ()
    on_any: bool = False
    is_message: bool = False
    fills: Mapping[str, float] = MappingProxyType({})


@cache
def patterns() -> tuple[Pattern, ...]:
    """Those of all calls of all conventions; of two that are written the same the usual one's."""
    calls: dict[str, tuple[Convention, Call]] = {}
    for convention in conventions():
        for call in convention.calls:
            calls.setdefault(call.statement, (convention, call))
    found = (pattern for convention, call in calls.values() for pattern in _of(convention, call))
    return tuple(pattern for pattern in found if pattern.names[1] != DICTIONARY)


def read_calls(text: str) -> list[Seen]:
    """The calls in a text of any language, each in front of those among its arguments."""
    return list(nested(read_python(text) or read_messages(text) or read_foreign(text)))


def _of(convention: Convention, call: Call) -> Iterator[Pattern]:
    names = [parameter.name for parameter in convention.parameters]
    marks = {name: f"lrn_mark_{index}_" for index, name in enumerate(names)}
    for template in (call.statement, *call.also):
        text = template.format_map({"x": _TENSOR_MARK, "y": _OTHER_MARK, **marks})
        python = read_python(f"{call.setup}\n{text}")  # with its setup, for the imports
        messages = [] if python else read_messages(text)
        seen = list(nested(python or messages or read_foreign(text)))
        if template is not call.statement:
            seen = seen[-1:]
        for one in seen:
            pattern = _pattern(convention, one, names)
            if template is call.statement and not {*pattern.places, *pattern.keys.values(), *pattern.listed} & set(
                names
            ):
                continue
            setup = call.setup if template is call.statement else ""
            yield _complete(pattern, names, setup)._replace(is_message=bool(messages), fills=call.fills)


def _pattern(convention: Convention, seen: Seen, names: list[str]) -> Pattern:
    """The pattern of a call in a template, as far as its arguments say."""
    places: list[str] = []
    keys: dict[str, str] = {}
    listed: tuple[str, ...] = ()
    for argument in seen.arguments:
        slots = _slots(argument.value, names)
        if argument.key:
            keys[argument.key] = slots[0] if slots else TENSOR
            # The tensor goes by its place, too.
            places += [TENSOR] if slots == [TENSOR] and not argument.chained else []
        elif len(slots) > 1:
            listed = tuple(slots)
            places.append(TENSOR)
        elif slots and slots[0] != TENSOR and places and places[-1].startswith('"') and len(places) > 1:
            keys[places.pop().strip('"')] = slots[0]  # a pair: 'Alpha', 1e-4
        else:
            places += slots or [f'"{argument.value}"' if isinstance(argument.value, str) else TENSOR]
    return Pattern(convention, (seen.whole or seen.name, seen.name), tuple(places), keys, listed)


def _complete(pattern: Pattern, names: list[str], setup: str) -> Pattern:
    """With the parameters that it does not mention, in the framework's order, and those that have names."""
    mentioned = {*pattern.places, *pattern.keys.values(), *pattern.listed}
    by_name = {name: name for name in names if name not in mentioned}
    rest = () if pattern.listed else tuple(name for name in names if name not in pattern.places)
    root, dot, method = pattern.names[1].partition(".")
    of_any = root[:1].islower() and not re.search(rf"\b{re.escape(root)}\b", setup)
    on_any = bool(dot) and (root == _TENSOR_MARK or bool(setup and of_any))
    return pattern._replace(
        places=(*pattern.places, *rest),
        keys={**by_name, **pattern.keys},
        names=(method, method) if root == _TENSOR_MARK else pattern.names,
        on_any=on_any,
    )


def _slots(value: Value, names: list[str]) -> list[str]:
    """The parameters that stand in a value of a template."""
    if isinstance(value, list):
        return [slot for item in value for slot in _slots(item, names)]
    text = value.text if isinstance(value, Opaque) else value
    if not isinstance(text, str):
        return []
    return [names[int(mark)] for mark in _MARK.findall(text)] or ([TENSOR] if _TENSOR_MARK in text else [])
