"""Pasted text as a convention with its numbers: it stands wherever a convention's word does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from lrn_cli.conventions.binding import Asked, Bound
from lrn_cli.errors import LrnError
from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer
from lrn_cli.models.pasted.expressions import Argument, Seen, is_number, shorten
from lrn_cli.models.pasted.matching import OtherCall, ask, candidates, read_arguments
from lrn_cli.models.pasted.patterns import read_calls
from lrn_cli.models.pasted.statements import read_statements
from lrn_cli.models.registry import read_content

_LONGEST = 64 << 10
"""Characters of the longest text: whole programs are files."""
_SIGNS = "({\"'\n\r;"
_NCNN = re.compile(r"\s*LRN\s+\S+\s+\d+\s+\d+(\s|$)")
"""A line of ncnn's .param, which has defaults for what is not there."""


class _Reading(NamedTuple):
    asked: Asked
    bound: Bound


def is_pasted(word: str) -> bool:
    """Whether a word is a call or a layer, and not `name:parameter=value,...`.

    >>> is_pasted("nn.LocalResponseNorm(5)"), is_pasted("[5 1 2e-5 0.75]"), is_pasted("nnef:size=[1,5,1,1]")
    (True, True, False)
    """
    name = word.partition(":")[0]
    fields = word.count(":") > 1 and "::" not in word  # local_size: 5 alpha: 1e-4
    return fields or "[" in name or " " in name.strip() or any(sign in word for sign in _SIGNS)


def read_pasted(text: str) -> Asked:
    """What a pasted call or layer asks for.

    Raises:
        LrnError: It has none that a convention declares, several that say different things, one that could be of
            several conventions, or an argument that its convention has not or that is no literal.

    >>> read_pasted("tf.nn.lrn(x, 4, bias=1.0, alpha=0.001 / 9.0, beta=0.75)").word
    'tf:depth_radius=4,bias=1,alpha=0.00011111111111111112,beta=0.75'
    """
    if len(text) > _LONGEST:
        raise LrnError(f"a text of {len(text):,} characters, the limit is {_LONGEST:,}", "the call alone, or a file")
    net = _read_net(text)
    readings = _read_calls(text)
    distinct = {reading.bound.word: reading for reading in net or readings}
    if not distinct:
        raise _nothing(text)
    if len(distinct) > 1:
        said = " and ".join(distinct)
        raise LrnError(
            f"{len(distinct)} calls or layers that say different things: {said}", f"-c {next(iter(distinct))}"
        )
    return next(iter(distinct.values())).asked


def _read_calls(text: str) -> list[_Reading]:
    """What the calls in a text ask for, and where there are none the lists that are handed over to what is not known.

    >>> [reading.bound.values["local_size"] for reading in _read_calls("lrn_param { local_size: 3 }")]
    [3]
    """
    written, rest = read_statements(text)
    readings = [_bind(ask(convention, [(a.key, a.value) for a in seen.arguments])) for convention, seen in written]
    calls = read_calls(rest) if rest.strip(" 0") else []
    readings += [reading for seen in calls if (reading := _read(seen))]
    if readings:
        return readings
    lists = [argument.value for seen in calls for argument in seen.arguments if _is_numbers(argument)]
    return [reading for value in lists if (reading := _read(Seen("", (Argument("", value),))))]


def _read_net(text: str) -> list[_Reading]:
    """What the layers ask for of a net that was pasted: they may have no parameters, which no call shows.

    Raises:
        LrnError: The net is damaged, or no convention says one of its layers.
    """
    lines = [line for line in text.splitlines() if _NCNN.match(line)]
    net = "\n".join([f"7767517\n{len(lines)} {len(lines)}", *lines]) if lines else text if "{" in text else ""
    model = read_content(Content.of_bytes(Path("-"), net.encode("utf-8", "replace"))) if net else None
    return [_of_layer(layer) for layer in model.layers] if model else []


def _of_layer(layer: Layer) -> _Reading:
    if layer.asked is None or layer.bound is None:
        raise LrnError(f"{layer.name or layer.op}: {layer.reason}", "lrn explain NAME shows what a convention takes")
    return _Reading(layer.asked._replace(word=layer.bound.word), layer.bound)


def _bind(asked: Asked) -> _Reading:
    return _Reading(asked, asked.bind())


def _is_numbers(argument: Argument) -> bool:
    return isinstance(argument.value, list) and bool(argument.value) and all(map(is_number, argument.value))


def _read(seen: Seen) -> _Reading | None:
    """What a call asks for; None where no convention has such a call."""
    readings: list[_Reading] = []
    refusals: list[LrnError] = []
    found = candidates(seen)
    if found and seen.cut:
        raise LrnError(
            f"{seen.name or 'the list'}: the text ends inside of its brackets", "the text up to the last one"
        )
    for pattern in found:
        try:
            readings.append(_bind(read_arguments(seen, pattern)))
        except OtherCall:
            continue
        except LrnError as error:
            refusals.append(error)
    if not readings and refusals:
        raise refusals[0]
    if len({str(reading.bound.norm) for reading in readings}) > 1:
        words = dict.fromkeys(reading.bound.word for reading in readings)
        raise LrnError(f"{seen.name or 'the list'} could be {' or '.join(words)}", f"-c {next(iter(words))}")
    return readings[0] if readings else None


def _nothing(text: str) -> LrnError:
    shown = shorten(" ".join(text.split()))
    return LrnError(
        f"{shown}: no call and no layer that a convention has", "lrn explain caffe ends with how it is called"
    )
