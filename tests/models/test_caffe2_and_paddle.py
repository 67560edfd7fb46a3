"""Nets of Caffe2 and programs of Paddle's fluid, by the numbers of caffe2.proto and framework.proto."""

from __future__ import annotations

from lrn_cli.formula import ResponseNorm, Span
from tests.models.proto_bytes import inner, integer, real
from tests.models.reading import only, read


def argument(name: str, value: bytes) -> bytes:
    """An Argument of an operator."""
    return inner(5, inner(1, name), value)


def net(*arguments: bytes, name: str = "") -> bytes:
    """A NetDef with a Conv and an LRN."""
    named = [inner(3, name)] if name else []
    lrn = inner(2, inner(1, "conv1"), inner(2, "norm1"), *named, inner(4, "LRN"), *arguments)
    return inner(1, "net") + inner(2, inner(1, "data"), inner(2, "conv1"), inner(4, "Conv")) + lrn + inner(7, "data")


SIZE, ALPHA, BETA = argument("size", integer(3, 5)), argument("alpha", real(2, 1e-4)), argument("beta", real(2, 0.75))


def test_an_operator_of_caffe2_is_called_by_its_output_where_it_has_no_name() -> None:
    layer = only(net(SIZE, ALPHA, BETA))
    assert (layer.name, layer.output) == ("", "norm1")
    assert layer.canonical == ResponseNorm({"C": Span(2, 2)}, scale=2e-5, bias=1.0, beta=0.75)
    assert only(net(SIZE, ALPHA, BETA, name="n2")).name == "n2"


def test_the_order_says_where_the_channels_are() -> None:
    layer = only(net(SIZE, ALPHA, BETA, argument("order", inner(4, "NHWC"))))
    assert layer.bound is not None
    assert layer.bound.norm.scale == 2e-5
    assert layer.notes == ("order NHWC: the channels are the last axis",)


def test_caffe2_does_without_no_size() -> None:
    assert only(net(ALPHA)).reason == "size is 0 or not there, which Caffe2 does not take"


def test_a_size_that_is_a_float_is_not_read_as_an_integer() -> None:
    assert "size is 5.0, a float" in only(net(argument("size", real(2, 5)))).reason


def program(*attributes: bytes) -> bytes:
    """A ProgramDesc with an lrn in its second block."""
    outputs = inner(2, inner(1, "MidOut"), inner(2, "mid")) + inner(2, inner(1, "Out"), inner(2, "lrn_0.tmp_1"))
    operator = inner(4, inner(1, inner(1, "X"), inner(2, "x")), outputs, inner(3, "lrn"), *attributes)
    first = inner(1, integer(1, 0), integer(2, -1), inner(4, inner(3, "conv2d")))
    return first + inner(1, integer(1, 1), integer(2, 0), operator) + inner(4, integer(1, 0))


def attribute(name: str, value: bytes) -> bytes:
    """An attribute of an operator."""
    return inner(4, inner(1, name), integer(2, 0), value)


def test_an_operator_of_paddle_has_alpha_undivided_and_a_k_of_2_by_default() -> None:
    layer = only(program(attribute("n", integer(3, 3)), attribute("alpha", real(4, 0.5))))
    assert (layer.output, layer.place) == ("lrn_0.tmp_1", "block 1")
    # paddle/fluid/operators/lrn_op.cc, LRNOpMaker
    assert layer.given == {"n": 3, "k": 2.0, "alpha": 0.5, "beta": 0.75}
    assert layer.canonical is not None
    assert (layer.canonical.scale, layer.canonical.bias) == (0.5, 2.0)


def test_each_is_told_from_the_other() -> None:
    assert (read(net(SIZE)).form.name, read(program()).form.name) == ("caffe2", "paddle-fluid")
