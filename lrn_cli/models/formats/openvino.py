"""OpenVINO's intermediate representation: LRN of versions 10 and 11, and Norm of those before.

openvinotoolkit/openvino: docs/.../normalization/lrn-1.rst; src/core/reference/include/openvino/reference/lrn.hpp
@079483b2; Norm as the plugins of 2019 read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import prod
from struct import calcsize, unpack

from lrn_cli.conventions.decimals import divide
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm, Span
from lrn_cli.models.content import Content
from lrn_cli.models.kinds import read_number
from lrn_cli.models.model import Layer, ModelFormat, Word, Written
from lrn_cli.models.openvino.net import Net, Node, read_net
from lrn_cli.models.stated import state

_ROOT = re.compile(rb"<(?:net|!DOCTYPE\s+net)\b")
_NUMBERS: dict[str, type[int] | type[float]] = {"alpha": float, "beta": float, "bias": float, "size": int}
_REGIONS = {"across": 1, "same": 2}
"""Of Norm: over how many axes."""
_CODES = {"i64": "q", "i32": "i", "I64": "q", "I32": "i"}
_MOST_AXES = 8
_GREATEST = 2**31 - 1
_LETTERS = {3: "NCW", 4: "NCHW", 5: "NCDHW"}


class OpenVino(ModelFormat):
    """The .xml; the axes of LRN are in the .bin beside it."""

    name = "openvino"
    title = "an OpenVINO model"

    def matches(self, content: Content) -> bool:
        """Whether it is XML whose root is a net."""
        return content.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and bool(_ROOT.search(content.head))

    def layers(self, content: Content) -> Iterator[Layer]:
        """Its layers LRN and Norm, also those in the bodies of loops and branches.

        Raises:
            LrnError: It is damaged, or has a DOCTYPE.
        """
        net = read_net(content)
        for node in net.norms:
            yield _norm(node) if node.kind == "Norm" else _lrn(content, net, node)


def _norm(node: Node) -> Layer:
    """The layer of versions 2 to 7, whose bias is 1 where it is not said."""
    data = {"bias" if key == "k" else "size" if key == "local-size" else key: value for key, value in node.data.items()}
    count = _REGIONS.get(data.get("region", "").lower(), 0)
    flaw = "" if count else f"region is {data.get('region', 'not there')!s:.40}, it must be across or same"
    rank = max((rank for _, rank in node.inputs), default=4)
    axes = (1,) if count == 1 else tuple(range(2, rank))
    return _layer(node, {"bias": "1", **data}, (axes, rank), flaw=flaw)


def _lrn(content: Content, net: Net, node: Node) -> Layer:
    rank = node.inputs[0][1] if node.inputs else 4
    source = net.sources.get((node.scope, node.key, node.inputs[1][0])) if len(node.inputs) > 1 else None
    constant = net.constants.get((node.scope, source)) if source is not None else None
    if constant is None:
        computed = "its axes are computed in the net, and not known before it runs"
        return _layer(node, node.data, ((), rank), flaw=computed)
    try:
        axes, note = _read_axes(content, constant.data, rank)
    except LrnError as error:
        return _layer(node, node.data, ((), rank), flaw=error.message)
    return _layer(node, node.data, (axes, rank), note=note)


def _read_axes(content: Content, data: Mapping[str, str], rank: int) -> tuple[tuple[int, ...], str]:
    """The axes, and what is to be said of how they are known.

    Raises:
        LrnError: They are not what axes are, or the .bin has not what the .xml says.
    """
    shape = [int(word) for word in data.get("shape", "").split(",") if word.strip().isdecimal() and len(word) < 9]
    count, code = prod(shape), _CODES.get(data.get("element_type", ""))
    if not 0 < count <= _MOST_AXES or code is None:
        raise LrnError(f"its axes are {count} numbers of type {data.get('element_type', '?')!s:.20}, which no axes are")
    weights = content.path.with_suffix(".bin")
    if not weights.is_file():
        guess = {1: (1,), 2: (2, 3) if rank == 4 else ()}.get(count, ())
        if not guess:
            raise LrnError(f"its {count} axes are in {weights.name}, which is not there")
        return guess, f"its axes are in {weights.name}, which is not there: {count} of them, taken for {list(guess)}"
    begin, size = (data.get(key, "") for key in ("offset", "size"))
    wanted = count * calcsize(f"<{code}")
    if not begin.isdecimal() or len(begin) > 18 or size != str(wanted):
        raise LrnError(f"its axes are {size!s:.20} bytes at {begin!s:.20}, {wanted} are wanted")
    with weights.open("rb", buffering=0) as file:
        stored = Content.of_file(weights, file).read(int(begin), wanted)
    axes = [axis + rank if axis < 0 else axis for axis in unpack(f"<{count}{code}", stored)]
    if not all(0 <= axis < max(rank, 1) for axis in axes) or len(set(axes)) < len(axes):
        raise LrnError(f"its axes are {axes}, and the tensor has {rank}")
    return tuple(sorted(axes)), ""


def _layer(
    node: Node, data: Mapping[str, str], over: tuple[tuple[int, ...], int], *, flaw: str = "", note: str = ""
) -> Layer:
    """A layer over these axes of so many."""
    axes, rank = over
    numbers: dict[str, Written] = {}
    for key, kind in _NUMBERS.items():
        try:
            numbers[key] = read_number(data[key], kind)
        except KeyError:
            flaw = flaw or f"{key} is not there, and required"
        except ValueError:
            flaw = flaw or f"{key} is {data[key][:40]!r}, no number"
    if not flaw and int(str(numbers["size"])) < 1:
        flaw = f"size is {numbers['size']}, it must be at least 1"
    filled: dict[str, Written] = {**numbers, "axes": axes}
    return Layer(
        node.kind,
        dict(node.data),
        () if flaw else _words(numbers, axes, rank),
        name=node.name,
        given=filled,
        stated=None if flaw else _canonical(numbers, axes, rank),
        flaw=flaw,
        absent=("bias",) if node.kind == "Norm" and "k" not in node.data else (),
        notes=(note,) if note else (),
    )


def _canonical(numbers: Mapping[str, Written], axes: tuple[int, ...], rank: int) -> ResponseNorm | None:
    """An even size reaches (size-1)/2 to both sides, and is divided by all the same."""
    letters = _LETTERS.get(rank)
    size = int(str(numbers["size"]))
    alpha, beta, bias = (float(str(numbers[key])) for key in ("alpha", "beta", "bias"))
    if letters is None or size > _GREATEST:
        return None
    window = dict.fromkeys((letters[axis] for axis in axes), Span((size - 1) // 2, (size - 1) // 2))
    return state(window, alpha=alpha, divisor=size ** len(axes), bias=bias, beta=beta)


def _words(numbers: Mapping[str, Written], axes: tuple[int, ...], rank: int) -> tuple[Word, ...]:
    """OpenVINO's own, and others with the same numbers: TensorFlow's has no alpha that is divided."""
    size, alpha = int(str(numbers["size"])), float(str(numbers["alpha"]))
    own: Word = ("openvino", {**numbers, "axes": list(axes)})
    caffe = {"local_size": size, "alpha": alpha, "beta": numbers["beta"], "k": numbers["bias"]}
    if axes == (1,) and size % 2 == 0:
        tf = {"depth_radius": (size - 1) // 2, "alpha": divide(alpha, size)}
        return own, ("tf", {**tf, "beta": numbers["beta"], "bias": numbers["bias"]})
    if axes == (1,):
        return own, ("caffe", caffe)
    if axes == (2, 3) and rank == 4 and numbers["bias"] == 1:
        return own, ("caffe", {**caffe, "norm_region": "WITHIN_CHANNEL"})
    return (own,)


FORMATS = (OpenVino(),)
