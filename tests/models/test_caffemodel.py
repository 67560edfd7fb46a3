"""Caffe's binary nets in the three forms that Caffe upgrades, as caffe.proto numbers their fields."""

from __future__ import annotations

import pytest

from lrn_cli.errors import LrnError
from tests.models.proto_bytes import inner, integer, real
from tests.models.reading import Seen, only, read, words

PARAMETER = (integer(1, 3), real(2, 5e-5), real(3, 0.75))
WITHIN = "caffe:local_size=3,alpha=5e-05,beta=0.75,k=1,norm_region=WITHIN_CHANNEL"
ACROSS = "caffe:local_size=3,alpha=5e-05,beta=0.75,k=1,norm_region=ACROSS_CHANNELS"

CONVOLUTION = inner(100, inner(1, "conv1"), inner(2, "Convolution"), inner(7, inner(5, bytes(4000))))
V2 = inner(100, inner(1, "norm1"), inner(2, "LRN"), inner(3, "conv1"), inner(4, "n1"), inner(118, *PARAMETER))
V1 = inner(
    2, inner(2, "conv1"), inner(3, "n1"), inner(4, "norm1"), integer(5, 15), inner(18, *PARAMETER, integer(4, 1))
)
V0 = inner(
    2, inner(1, inner(1, "norm1"), inner(2, "lrn"), integer(13, 3), real(14, 5e-5), real(15, 0.75)), inner(3, "n1")
)
NAME = inner(1, "net")


@pytest.mark.parametrize(
    ("net", "word"), [(NAME + CONVOLUTION + V2, ACROSS), (NAME + V1, WITHIN), (NAME + V0, ACROSS), (V2, ACROSS)]
)
def test_each_form_gives_its_layer(net: bytes, word: str) -> None:
    layer = only(net)
    assert (layer.name, layer.output, layer.bound and layer.bound.word) == ("norm1", "n1", word)


def test_a_parameter_that_is_absent_is_caffes_default_and_marked_so() -> None:
    layer = only(NAME + inner(100, inner(1, "norm1"), inner(2, "LRN")))
    assert layer.written == {}
    # caffe.proto, LRNParameter: alpha is 1
    assert layer.filled == {"local_size": 5, "alpha": 1, "beta": 0.75, "k": 1, "norm_region": "ACROSS_CHANNELS"}
    assert layer.defaults == ("local_size", "alpha", "beta", "k", "norm_region")


def test_a_parameter_of_two_parts_is_joined_and_the_last_value_counts() -> None:
    layer = only(inner(100, inner(2, "LRN"), inner(118, integer(1, 3), real(2, 1)), inner(118, integer(1, 7))))
    assert layer.written == {"local_size": 7, "alpha": 1}


def test_phases_are_told() -> None:
    rules = inner(100, inner(1, "n"), inner(2, "LRN"), inner(8, integer(1, 1))) + inner(
        100, inner(1, "n"), inner(2, "LRN"), inner(8, integer(1, 0))
    )
    assert [layer.place for layer in read(rules).layers] == ["phase TEST", "phase TRAIN"]


def test_layers_of_the_new_form_beside_old_ones_are_refused_as_caffe_does() -> None:
    with pytest.raises(LrnError, match="has both `layer` and `layers`"):
        read(NAME + V1 + V2)


def test_layers_of_the_two_old_forms_may_stand_together() -> None:
    assert words(NAME + V0 + V1) == [Seen("norm1", ACROSS), Seen("norm1", WITHIN)]


def test_an_even_size_is_listed_with_caffes_reason() -> None:
    layer = only(inner(100, inner(2, "LRN"), inner(118, integer(1, 4))))
    assert layer.bound is None
    assert "local_size is 4, it must be 1 or more and odd" in layer.reason


def test_a_cut_net_gives_no_layers() -> None:
    with pytest.raises(LrnError, match="ends early"):
        read((NAME + V2 + CONVOLUTION)[:-10])
