"""NNEF's graph.nnef: the calls of local_response_normalization in a graph and in its fragments.

KhronosGroup/NNEF-Tools: the standard fragment has alpha 1, beta 0.5, bias 1; its box is centred, an even size reaching
one further after, and normalized by the product of the sizes, at the borders too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod

from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm, Span
from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Word, Written
from lrn_cli.models.pasted.expressions import Seen, Value, as_float, describe
from lrn_cli.models.pasted.foreign import read_foreign
from lrn_cli.models.stated import state
from lrn_cli.models.tars import find_member, holds

_OPERATION = "local_response_normalization"
_START = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:\s|#[^\n]*\n)*version\s+\d+\.\d+\s*;")
_COMMENT = re.compile(r"#[^\n]*")
_FOUND = re.compile(rf"(?:{_OPERATION}(?=\s*[(<])|(graph|fragment)\s+(\w+))")
_RESULT = re.compile(r"(\w{1,200})\s*=\s*\Z")
_LONGEST_CALL, _LONGEST_NAME = 2000, 240
_ORDER = ("input", "size", "alpha", "beta", "bias")
_DEFAULTS: Mapping[str, Written] = {"alpha": 1.0, "beta": 0.5, "bias": 1.0}
_LETTERS = {3: "NCW", 4: "NCHW", 5: "NCDHW"}


class Nnef(ModelFormat):
    """A graph as text, or the folder or tar archive that holds it."""

    name = "nnef"
    title = "an NNEF graph"
    members = ("graph.nnef",)

    def matches(self, content: Content) -> bool:
        """Whether it begins with the version, as the grammar wants it, and has a graph."""
        return bool(_START.match(content.head)) if content.is_text else holds(content, self.members[0])

    def layers(self, content: Content) -> Iterator[Layer]:
        """The calls, those of fragments too.

        Raises:
            LrnError: It ends within a call or a graph.
        """
        graph = content if content.is_text else find_member(content, self.members[0])
        text = _COMMENT.sub("", graph.text if graph else "")
        if text.count("{") != text.count("}") or "}" not in text:
            raise content.damaged("its graph has no end")
        place = ""
        for match in _FOUND.finditer(text):
            block, name = match.groups()
            before = text[max(match.start() - _LONGEST_NAME, 0) : match.start()]
            if before[-1:].isalnum() or before[-1:] == "_":
                continue  # the end of another word
            if block:
                place = "" if block == "graph" else f"fragment {name}"
            elif place != f"fragment {_OPERATION}":
                result = _RESULT.search(before)
                call = text[match.end() : match.end() + _LONGEST_CALL]
                yield _read_call(content, call, result[1] if result else "", place)


def _read_call(content: Content, text: str, result: str, place: str) -> Layer:
    """The layer of a call, from its brackets on; `<scalar>` may stand before them."""
    end = text.find(")")
    if end < 0 or ";" in text[:end]:
        raise content.damaged(f"a call of {_OPERATION} without an end")
    try:
        call = read_foreign(f"f{text[text.index('(') : end + 1]}")[0]
        given = _take(call)
    except LrnError as error:
        return Layer(_OPERATION, {}, name=result, place=place, flaw=error.message)
    written: dict[str, Written] = {key: _show(value) for key, value in given.items() if key != "input"}
    filled = {**_DEFAULTS, **written}
    flaw = _find_flaw(filled)
    return Layer(
        _OPERATION,
        written,
        () if flaw else _words(filled),
        name=result,
        output=result,
        input=describe(given["input"])[:_LONGEST_NAME] if "input" in given else "",
        place=place,
        given=filled,
        stated=None if flaw else _canonical(filled),
        flaw=flaw,
    )


def _take(call: Seen) -> dict[str, Value]:
    """The arguments by their names.

    Raises:
        LrnError: There is another one, or one twice.
    """
    given: dict[str, Value] = {}
    for place, argument in enumerate(call.arguments):
        key = argument.key or (_ORDER[place] if place < len(_ORDER) else f"argument {place + 1}")
        if key not in _ORDER or key in given:
            raise LrnError(f"{key} is {'given twice' if key in given else 'no parameter of it'}")
        given[key] = argument.value
    return given


def _show(value: Value) -> Written:
    if isinstance(value, Fraction):
        return as_float(value)
    if isinstance(value, list) and all(isinstance(item, int) for item in value):
        return tuple(item for item in value if isinstance(item, int))
    return value if isinstance(value, int) else describe(value)[:40]


def _find_flaw(filled: Mapping[str, Written]) -> str:
    size = filled.get("size")
    if not isinstance(size, tuple) or not all(0 < item < 1 << 31 for item in size):
        return "size is not there, and required" if size is None else f"size is {size}, not a width for each axis"
    bad = [key for key in _DEFAULTS if isinstance(filled[key], (str, tuple))]
    return f"{bad[0]} is {filled[bad[0]]}, which is no number here" if bad else ""


def _canonical(filled: Mapping[str, Written]) -> ResponseNorm | None:
    size, letters = _size(filled), _LETTERS.get(len(_size(filled)))
    if letters is None:
        return None
    alpha, beta, bias = (float(str(filled[key])) for key in _DEFAULTS)
    window = {axis: Span((n - 1) // 2, n // 2) for axis, n in zip(letters, size, strict=True) if n > 1}
    return state(window or {"C": Span(0, 0)}, alpha=alpha, divisor=prod(size), bias=bias, beta=beta)


def _size(filled: Mapping[str, Written]) -> Sequence[int]:
    return [int(item) for item in filled["size"]] if isinstance(filled["size"], tuple) else []


def _words(filled: Mapping[str, Written]) -> tuple[Word, ...]:
    """NNEF's own, and others where the window lies over the channels alone, or over a square within one."""
    size = _size(filled)
    own: Word = ("nnef", {**filled, "size": list(size)})
    caffe = {"alpha": filled["alpha"], "beta": filled["beta"], "k": filled["bias"]}
    if len(size) > 1 and prod(size) == size[1]:
        return own, (
            "onnx",
            {"size": size[1], "alpha": filled["alpha"], "beta": filled["beta"], "bias": filled["bias"]},
        )
    if len(size) == 4 and size[:2] == [1, 1] and size[2] == size[3] and filled["bias"] == 1:
        return own, ("caffe", {"local_size": size[2], **caffe, "norm_region": "WITHIN_CHANNEL"})
    return (own,)


FORMATS = (Nnef(),)
