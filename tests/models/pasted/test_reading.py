"""What people paste is read as the call that it is: numbers exactly, places in the framework's order, nothing run."""

from __future__ import annotations

import pytest

from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from lrn_cli.models.pasted.read import is_pasted, read_pasted

# (what is pasted, the word that says the same), as the frameworks' own documentation calls them.
PASTED = [
    ("lrn_param { local_size: 5 alpha: 1e-4f }", "caffe:local_size=5,alpha=1e-4"),
    ("lrn_param < local_size: 3; norm_region: 1 engine: CUDNN >", "caffe:local_size=3,norm_region=WITHIN_CHANNEL"),
    ("local_size: 5 alpha: 0.0001 k: 2", "caffe:local_size=5,alpha=0.0001,k=2"),
    ('layer { name: "n" type: "LRN" }', "caffe"),
    ("layers { layer { type: 'lrn' local_size: 3 } }", "caffe:local_size=3"),
    ("L.LRN(n.conv1, local_size=5, alpha=1e-4, in_place=True)", "caffe:local_size=5,alpha=1e-4"),
    (
        "layers.LRN(bottom, lrn_param=dict(local_size=5, norm_region=P.LRN.WITHIN_CHANNEL))",
        "caffe:norm_region=WITHIN_CHANNEL",
    ),
    (
        "tf.nn.lrn(x, 4, bias=1.0, alpha=0.001 / 9.0, beta=0.75)",
        "tf:depth_radius=4,alpha=0.00011111111111111112,beta=0.75",
    ),
    ("norm1 = tf.nn.lrn(conv1, 2, 1.0, 2e-05, 0.75, name='norm1')", "tf:depth_radius=2,alpha=2e-05,beta=0.75"),
    ("tf.nn.local_response_normalization(input=x)", "tf"),
    ("tf.compat.v1.nn.lrn(x, depth_radius=2)", "tf:depth_radius=2"),
    ("import tensorflow.compat.v1 as t\ny = t.nn.lrn(x, 3)", "tf:depth_radius=3"),
    ("nn.LocalResponseNorm(5, alpha=1e-4)", "pytorch:size=5"),
    ("    self.norm = nn.LocalResponseNorm(size=5, k=2),\n", "pytorch:size=5,k=2"),
    ("F.local_response_norm(x, 5, 5e-4, k=2)", "pytorch:size=5,alpha=5e-4,k=2"),
    ("from torch.nn import LocalResponseNorm as N\nN(7)(x)", "pytorch:size=7"),
    ("onnx.helper.make_node('LRN', inputs=['x'], outputs=['y'], size=5, bias=2.0)", "onnx:size=5,bias=2"),
    ('LocalResponseNormalizationLayer["Alpha" -> 1.*^-4, "Bias" -> 2]', "wolfram:Alpha=1e-4,Bias=2"),
    ("layers.LocalResponseNorm(depth_radius=3)", "neupy:depth_radius=3"),
    ("layers.LocalResponseNorm(n=3)", "neupy-theano:n=3"),
    ("fluid.layers.lrn(input=x)", "paddle-fluid:k=1"),  # the wrapper's own default, not the operator's
    ("fluid.layers.lrn(x, 3, 1.5)", "paddle-fluid:n=3,k=1.5"),
    ("Y = crosschannelnorm(X, 5, 'Alpha', 1e-3, 'K', 1);", "matlab:WindowChannelSize=5,Alpha=1e-3,K=1"),
    ("new LocalResponseNormalization.Builder(1, 1e-3, 0.5).build()", "dl4j:k=1,alpha=1e-3,beta=0.5"),
    ("LRN norm1 1 1 conv1 norm1 1=3 2=1.000000e-04", "ncnn:local_size=3,alpha=1e-4"),
    ("LRN norm1 1 1 conv1 norm1", "ncnn"),
    ("local_response_normalization(x, size = [1,5,1,1])", "nnef:size=[1,5,1,1]"),
]


@pytest.mark.parametrize(("text", "word"), PASTED)
def test_a_call_is_read_as_its_frameworks_convention(text: str, word: str) -> None:
    assert is_pasted(text)
    found = read_pasted(text).bind()
    assert found.convention is bound(word).convention
    assert found.norm == bound(word).norm


# (expression, the number that it is when it is rounded once)
EXACT = [
    ("0.001 / 9.0", 0.001 / 9),
    ("0.3 / 3", 0.1),
    ("1e-4 * 5", 5e-4),
    ("10 ** -4", 1e-4),
    ("(1 + 2) * 0.1", 0.3),
    ("-(-2)", 2.0),
    ("7 // 2", 3.0),
    ("2 - 1.5", 0.5),
]


@pytest.mark.parametrize(("expression", "number"), EXACT)
def test_arithmetic_of_literals_is_exact_and_rounded_once(expression: str, number: float) -> None:
    assert read_pasted(f"nn.LocalResponseNorm(5, alpha={expression})").bind().values["alpha"] == number


# (what is pasted, what is said)
REFUSED = [
    ("lrn_param { local_size: 5", "lrn_param: the text ends inside of its brackets"),
    ("tf.nn.lrn(x, 4, bias=1.0,", "tf.nn.lrn: the text ends inside of its brackets"),
    ("[5 1 2e-5 0.75", "the list: the text ends inside of its brackets"),
    ("local_response_normalization(x)", "could be tf:"),
    ("LRN n 1 1 a b 1=4x", "local_size is '4x', no number"),
    ("nn.LocalResponseNorm(size)", "pytorch: size is size, an integer is wanted"),
    ("nn.LocalResponseNorm(5, alpha=self.alpha)", "alpha is self.alpha, a number is wanted"),
    ("nn.LocalResponseNorm(5, alpha=float('1'))", "alpha is an expression"),
    ("nn.LocalResponseNorm(5, alpha=1e999)", "alpha is inf"),
    ("nn.LocalResponseNorm(5, alpha=1/0)", "a division by zero"),
    ("nn.LocalResponseNorm(5, alpha=9**9**9)", "a power that is no number"),
    ("nn.LocalResponseNorm(5, alhpa=1e-4)", "pytorch has no parameter alhpa; it has size, alpha, beta, k"),
    ("nn.LocalResponseNorm(5, size=5)", "size is given twice"),
    ("nn.LocalResponseNorm(5.0)", "size is 5.0, it must be an integer"),
    ("nn.LocalResponseNorm(5, 1, 1, 1, 1)", "one argument too many"),
    ("nn.LocalResponseNorm()", "size (the whole window) is required"),
    ("lrn_param { size: 5 }", "caffe has no size; it has local_size"),
    ("layer { type: 'LRN' lrn_param { local_siz: 5 } }", "caffe has no parameter local_siz"),
    ("layer { type: 'LRN' lrn_param {", "damaged"),
    ("LocalResponseNorm(5)", "could be"),
    ("tf.nn.lrn(x, 2)\ntf.nn.lrn(y, 3)", "2 calls or layers that say different things"),
    ("layer { type: 'LRN' } layer { type: 'LRN' lrn_param { alpha: 2 } }", "say different things"),
    ("jittor.nn.LocalResponseNorm(5)", "no call and no layer that a convention has"),
    ("from oneflow import nn\nnn.LocalResponseNorm(5)", "no call and no layer"),
    ("helper.make_node('Conv', ['x'], ['y'], size=5)", "no call and no layer"),
    ("__import__('os').system('exit 1')", "no call and no layer"),
    ("(" * 100, "brackets lie more than 32 deep"),
    ("f(" + "1," * 40_000, "a text of"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_says_no_numbers_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(LrnError) as refused:
        read_pasted(text)
    assert said in refused.value.message
    assert "\n" not in refused.value.message


def test_nothing_is_evaluated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LrnError):
        read_pasted("nn.LocalResponseNorm(print('run') or 5)")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "word", ["tf", "caffe:local_size=5,alpha=1e-4", "nnef:size=[1,5,1,1]", "tf.nn.lrn", "-", "x.onnx"]
)
def test_a_word_is_not_taken_for_pasted_text(word: str) -> None:
    assert not is_pasted(word)


def test_python_that_warns_is_read_without_a_word(recwarn: pytest.WarningsRecorder) -> None:
    assert read_pasted('print("\\d"); nn.LocalResponseNorm(5)').bind().values["size"] == 5
    assert not recwarn.list
