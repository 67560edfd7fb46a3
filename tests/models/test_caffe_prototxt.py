"""Caffe's nets as text: three forms, defaults that are Caffe's, and what Caffe refuses refused."""

from __future__ import annotations

import pytest

from lrn_cli.errors import LrnError
from tests.models.reading import only, read, words

PLAIN = "caffe:local_size=5,alpha=1,beta=0.75,k=1,norm_region=ACROSS_CHANNELS"
"""The defaults of caffe.proto."""
THREE = "caffe:local_size=3,alpha=5e-05,beta=0.75,k=2,norm_region=ACROSS_CHANNELS"

# The same layer in every form there is of it.
FORMS = [
    'layer { name: "n" type: "LRN" lrn_param { local_size: 3 alpha: 5e-5 k: 2 norm_region: ACROSS_CHANNELS } }',
    "layer { lrn_param < norm_region: 0; alpha: 5e-05f, local_size: 0x3 k: 2. >, type: 'LRN' name: 'n' }",
    'layers { name: "n" type: LRN lrn_param { local_size: 3 alpha: .00005 k: 2 norm_region: ACROSS_CHANNELS } }',
    'layers { name: "n" type: 15 lrn_param: { local_size: 3 alpha: 5e-5 k: 2 norm_region: 0 engine: MKL2017 } }',
    'train_net_param { layer { name: "n" type: "LRN" lrn_param { local_size: 3 alpha: 5e-5 k: 2 norm_region: 0 } } }',
]


@pytest.mark.parametrize("text", FORMS)
def test_a_layer_is_read_in_all_its_forms(text: str) -> None:
    assert words(text.encode()) == [("n", THREE)]


@pytest.mark.parametrize("region", ["WITHIN_CHANNEL", "1"])
def test_a_region_goes_by_its_name_or_its_number(region: str) -> None:
    layer = only(f'layer {{ type: "LRN" lrn_param {{ local_size: 3 norm_region: {region} }} }}'.encode())
    assert layer.canonical is not None
    assert list(layer.canonical.window) == ["H", "W"]


@pytest.mark.parametrize("parameters", ["", "lrn_param {}", "lrn_param { engine: CAFFE }"])
def test_what_is_left_out_has_the_defaults_of_caffe(parameters: str) -> None:
    assert words(f'layer {{ name: "n" type: "LRN" {parameters} }}'.encode()) == [("n", PLAIN)]


def test_the_layers_of_2013_have_their_numbers_beside_their_type() -> None:
    text = 'layers { layer { name: "n" type: "lrn" local_size: 3 alpha: 0.3 } bottom: "a" top: "b" }'
    layer = only(text.encode())
    assert (layer.op, layer.output, layer.written) == ("lrn", "b", {"local_size": 3, "alpha": 0.3})
    assert layer.bound is not None
    assert layer.bound.norm.scale == pytest.approx(0.1)


def test_unknown_fields_types_and_words_are_passed_over() -> None:
    text = """
    # layer { type: "LRN" }
    name: "net { layer" input: "data" input_shape { dim: 1 dim: [3, 4] }
    layer { type: "Python" python_param { param_str: "'lrn_param': { local_size: 9 }" } }
    layer { name: "pool" type: "Pooling" pooling_param { norm_region: WITHIN_CHANNEL } lrn_param { local_size: 7 } }
    layer { name: "roi" type: "ROIPooling" roi_pooling_param { pooled_w: 7 } }
    layer { name: "n" type: "LRN" future_field: WORD lrn_param { local_size: 5 } }
    """
    assert [seen.name for seen in words(text.encode())] == ["n"]


def test_layers_of_one_name_say_for_which_phase_they_are() -> None:
    text = "".join(f'layer {{ name: "n" type: "LRN" include {{ phase: {phase} }} }}' for phase in ("TRAIN", "TEST"))
    assert [layer.place for layer in read(text.encode()).layers] == ["phase TRAIN", "phase TEST"]


# What Caffe's own parser refuses, and what is said of it.
FLAWS = [
    ("lrn_param { local_size: 5.0 }", "local_size is 5.0, an integer is wanted"),
    ("lrn_param { local_size: -5 }", "local_size is -5"),
    ("lrn_param { local_size: 4 }", "local_size is 4, it must be 1 or more and odd"),
    ("lrn_param { alpha: 1 alpha: 2 }", "alpha stands twice"),
    ('lrn_param { norm_region: "WITHIN_CHANNEL" }', "a word without quotes is wanted"),
    ("lrn_param { norm_region: SIDEWAYS }", "norm_region is 'SIDEWAYS'"),
    ("lrn_param { alpha: nan }", "alpha is nan"),
    ("lrn_param {} lrn_param {}", "lrn_param stands 2 times"),
]


@pytest.mark.parametrize(("parameters", "said"), FLAWS)
def test_a_layer_that_caffe_refuses_is_shown_with_the_reason_and_the_others_are_read(
    parameters: str, said: str
) -> None:
    text = f'layer {{ name: "bad" type: "LRN" {parameters} }} layer {{ name: "good" type: "LRN" }}'
    bad, good = read(text.encode()).layers
    assert bad.bound is None
    assert said in bad.reason
    assert good.bound is not None


@pytest.mark.parametrize("text", ["layer { type: LRN }", 'layers { type: "LRN" }'])
def test_a_type_in_the_quotes_of_the_other_form_is_a_flaw(text: str) -> None:
    assert "quotes" in only(text.encode()).reason


def test_a_layer_of_a_caffe_that_was_never_released_is_named() -> None:
    assert "never released" in only(b"layers { name: 'n' type: LRN_MAP lrn_map_param { } }").reason


def test_layer_and_layers_in_one_net_are_refused_as_caffe_refuses_them() -> None:
    with pytest.raises(LrnError, match="both `layer` and `layers`"):
        read(b"layer { type: 'LRN' } layers { type: LRN }")


@pytest.mark.parametrize("name", ["net", "train_net", "test_net"])
def test_a_solver_names_its_net(name: str) -> None:
    found = read(f'{name}: "models/train_val.prototxt"\nbase_lr: 0.01'.encode())
    assert found.layers == ()
    assert "models/train_val.prototxt" in found.remark


@pytest.mark.parametrize("cut", range(10, 90, 7))
def test_a_net_that_is_cut_within_a_layer_gives_none(cut: int) -> None:
    text = 'layer { name: "a" type: "LRN" lrn_param { local_size: 5 } bottom: "x" top: "y" bottom: "z" }'
    with pytest.raises(LrnError, match="damaged"):
        read(text[:cut].encode())


def test_names_that_are_not_utf_8_are_read_with_a_replacement() -> None:
    layer = only('layer { name: "normé" type: "LRN" lrn_param { alpha: 2 } }'.encode("latin-1"))
    assert (layer.name, layer.written) == ("norm\ufffd", {"alpha": 2})


def test_a_byte_order_mark_is_no_part_of_the_net() -> None:
    assert words(b'\xef\xbb\xbflayer { name: "n" type: "LRN" }') == [("n", PLAIN)]
