"""PyTorch's LocalResponseNorm in ONNX: its exporters write no LRN node but the parts of the layer, two forms of them.

    Div(x, Pow(Add(Mul(Squeeze(AveragePool(Pad(Reshape(Mul(x, x))))), alpha), k), beta))

`torch.onnx.export` writes these nine nodes; the older exporter computes the paddings from a list of PyTorch's order by
26 more. Each side of the window is a padding, so that what is found is exact.
(pytorch/pytorch@00012f4b:torch/nn/functional.py local_response_norm)
"""

from __future__ import annotations

from typing import NamedTuple

from lrn_cli.formula import Span
from lrn_cli.models.model import Layer, Word
from lrn_cli.models.onnx.graph import Graph, Node, Numbers, Reference
from lrn_cli.models.stated import state

_SHAPE_ONLY = ("Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Cast")
_UNSQUEEZED = (*_SHAPE_ONLY, "If", "Equal", "Gather", "Shape")
"""The older exporter squeezes in an If, whose condition asks for the shape of what is squeezed."""
_REORDERED = ("Cast", "Reshape", "Transpose", "Slice")
"""What it makes ONNX's paddings with from PyTorch's, which begin with the last axis."""
_CHANNEL = 2
"""The axis of the channels, behind the one that is put in to pool over."""
_LONGEST_CHAIN = 8
WANTED = {"Div", "Pow", "Sqrt", "Add", "Mul", "AveragePool", "Pad", "Constant", "Concat", *_UNSQUEEZED, *_REORDERED}
"""The operators that are looked at."""


class _Pooled(NamedTuple):
    """A mean over channels.

    Attributes:
        source: What is squared and pooled.
        span: How far the window reaches.
        width: By what the sum is divided.
    """

    source: str
    span: Span
    width: int


class Decomposed:
    """The decomposed layers of a graph.

    Args:
        graph: With the nodes of `WANTED`.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        pools = any(node.op == "AveragePool" for node in graph.nodes)
        self._makers = {name: node for node in graph.nodes for name in node.outputs} if pools else {}

    def layer_of(self, quotient: Node) -> Layer | None:
        """The layer that ends with that division; None where none does."""
        if quotient.second not in self._makers:
            return None
        base, beta = self._split_power(quotient.second)
        total, k = self._split(base, "Add", 0.0)
        mean, alpha = self._split(total, "Mul", 1.0)
        pooled = self._pool(mean)
        if pooled is None or pooled.source != quotient.input:
            return None
        return self._layer(quotient, pooled, {"alpha": alpha, "beta": beta, "k": k})

    def _layer(self, quotient: Node, pooled: _Pooled, numbers: dict[str, float]) -> Layer:
        width, span = pooled.width, pooled.span
        written = {"size": width, **numbers}
        words: list[Word] = []
        if span == (width // 2, (width - 1) // 2):
            words.append(("pytorch", written))
        elif span == ((width - 1) // 2, width // 2):
            bias = {"bias": numbers["k"], "alpha": numbers["alpha"], "beta": numbers["beta"]}
            words.append(("onnx", {"size": width, **bias}))
        return Layer(
            "LocalResponseNorm",
            written,
            words=tuple(words),
            name=quotient.name,
            output=quotient.output,
            input=quotient.input,
            place=self._graph.place,
            given=written,
            stated=state({"C": span}, alpha=numbers["alpha"], divisor=width, bias=numbers["k"], beta=numbers["beta"]),
            flaw="" if words else f"no convention divides a window of {span.width} by {width}",
            notes=("PyTorch's layer as it is exported: recognised by its Pad, AveragePool, Pow and Div",),
        )

    def _split_power(self, name: str) -> tuple[str, float]:
        """The base and the exponent of a power; any other value is a power of 1."""
        node = self._makers.get(name)
        if node is not None and node.op == "Sqrt":
            return node.input, 0.5
        if node is not None and node.op == "Pow" and (beta := self._scalar(node.second)) is not None:
            return node.input, beta
        return name, 1.0

    def _split(self, name: str, op: str, neutral: float) -> tuple[str, float]:
        """The value and the constant of an operation; of what is another one itself and a neutral constant."""
        node = self._makers.get(name)
        if node is not None and node.op == op and len(node.inputs) == 2:
            for value, constant in (node.inputs, node.inputs[::-1]):
                if (number := self._scalar(constant)) is not None:
                    return value, number
        return name, neutral

    def _pool(self, name: str) -> _Pooled | None:
        pool = self._origin(name, _UNSQUEEZED)
        if pool is None or pool.op != "AveragePool":
            return None
        kernel = pool.attribute("kernel_shape")
        width = kernel[0] if isinstance(kernel, tuple) and kernel and set(kernel[1:]) <= {1} else None
        own = self._reach(pool.attribute("pads"), (len(kernel) if isinstance(kernel, tuple) else 0), 0)
        before = self._makers.get(pool.input)
        padded = before if before is not None and before.op == "Pad" else None
        outer = Span(0, 0) if padded is None else self._padding(padded)
        square = self._origin(padded.input if padded else pool.input, _SHAPE_ONLY)
        if not isinstance(width, int) or own is None or outer is None or square is None:
            return None
        source = square.input if self._is_square(square) else None
        span = Span(own.before + outer.before, own.after + outer.after)
        counted = own == (0, 0) or pool.attribute("count_include_pad") == 1
        return _Pooled(source, span, width) if source and counted and span.width == width else None

    def _is_square(self, node: Node) -> bool:
        twice = node.op == "Mul" and node.input == node.second
        return twice or (node.op == "Pow" and self._scalar(node.second) == 2)

    def _padding(self, pad: Node) -> Span | None:
        """How far zeros are put before and after the channels; None where that is not all, or is not known."""
        given = pad.attribute("pads") or self._elements(pad.second)
        if given is not None:
            return self._reach(given, len(given) // 2 if isinstance(given, tuple) else 0, _CHANNEL)
        joined = self._origin(pad.second, _REORDERED)
        listed = self._elements(joined.input) if joined is not None and joined.op == "Concat" else None
        # Pairs from the last axis on: those behind the channels have none, and none is given for those before them.
        if not listed or any(listed[:-2]) or len(listed) % 2 or not _are_integers(listed):
            return None
        return Span(int(listed[-2]), int(listed[-1]))

    def _reach(self, pads: object, rank: int, axis: int) -> Span | None:
        """The pads of one axis, in a list of all before and all after; None where other axes have some."""
        if pads is None:
            return Span(0, 0)
        if not isinstance(pads, tuple) or len(pads) != 2 * rank or rank <= axis or not _are_integers(pads):
            return None
        span = Span(int(pads[axis]), int(pads[rank + axis]))
        others = [*pads[:axis], *pads[axis + 1 : rank + axis], *pads[rank + axis + 1 :]]
        return span if min(span) >= 0 and not any(others) else None

    def _origin(self, name: str, through: tuple[str, ...]) -> Node | None:
        """What made a value, past operators that only shape it."""
        node = self._makers.get(name)
        for _ in range(_LONGEST_CHAIN):
            if node is None or node.op not in through or not node.inputs:
                break
            node = self._makers.get(node.input)
        return node

    def _scalar(self, name: str) -> float | None:
        elements = self._elements(name)
        return float(elements[0]) if elements and len(elements) == 1 else None

    def _elements(self, name: str) -> Numbers | None:
        """The elements of a constant, whichever way it is one."""
        if name in self._graph.constants:
            return self._graph.constants[name]
        node = self._makers.get(name)
        if node is None or node.op != "Constant":
            return None
        value = next((value for _, value in node.attributes), None)
        if isinstance(value, (int, float)):
            return (value,)
        return value if isinstance(value, tuple) and not isinstance(value, Reference) else None


def _are_integers(listed: Numbers) -> bool:
    return all(isinstance(each, int) for each in listed)
