"""Small good models of every format, from which hostile ones are made."""

from __future__ import annotations

import json

from tests.campaign.seeds import Seed
from tests.models import test_archives as archives
from tests.models import test_caffe2_and_paddle as others
from tests.models import test_caffemodel as caffe
from tests.models import test_coreml as coreml
from tests.models import test_ncnn_binary as ncnn
from tests.models import test_tensorflow as tensorflow
from tests.models import test_tflite as tflite
from tests.models.onnx_bytes import exported, model, node
from tests.models.proto_bytes import inner, integer, varint

_TEXTS = {
    ".prototxt": 'name: "net"\nlayer { name: "n" type: "LRN" bottom: "x" top: "y"\n'
    "  lrn_param { local_size: 5 alpha: 1e-4f norm_region: WITHIN_CHANNEL } include { phase: TEST } }\n",
    ".v1.prototxt": 'layers { name: "n" type: LRN lrn_param < alpha: .5, k: 2; > }\n'
    'layers { layer { name: "o" type: "lrn" local_size: 3 } }\n',
    ".pbtxt": 'node { name: "n" op: "LRN" input: "x" attr { key: "depth_radius" value { i: 2 } }\n'
    '  attr { key: "alpha" value { f: 2e-05 } } }\nlibrary { function { node_def { name: "o" op: "LRN" } } }\n',
    ".textproto": 'ir_version: 8 graph { node { op_type: "If" attribute { name: "then_branch" g {\n'
    '  node { output: "y" op_type: "LRN" attribute { name: "size" i: 5 type: INT } } } } }\n'
    '  initializer { data_type: 1 name: "k" raw_data: "\\000\\000\\200?" } }\n',
    ".op.pbtxt": 'name: "net" op { output: "y" type: "LRN" arg { name: "size" i: 5 } arg { name: "alpha" f: 1e-4 }\n'
    '  arg { name: "beta" f: .75 } arg { name: "order" s: "NHWC" } }\n',
    ".xml": '<?xml version="1.0"?><net name="n" version="10"><layers><layer id="0" name="c" type="Const">'
    '<data element_type="i64" shape="1" offset="0" size="8"/></layer>'
    '<layer id="1" name="n" type="LRN" version="opset1">'
    '<data alpha="0.0001" beta="0.75" bias="1" size="5"/></layer></layers>'
    '<edges><edge from-layer="0" from-port="0" to-layer="1" to-port="1"/></edges></net>',
    ".v6.xml": '<net version="6"><layers><layer id="0" name="n" type="Norm">'
    '<data alpha="9.9999997e-05" beta="0.75" local-size="5" region="same" k="2"/></layer></layers></net>',
    ".param": "7767517\n2 2\nInput data 0 1 data 0=227\nLRN n 1 1 data y 0=1 1=3 2=5e-05 -23330=4,3,55,55,96\n",
    "-symbol.json": '{"nodes":[{"op":"LRN","name":"n","attrs":{"nsize":"5","knorm":"1"},"inputs":[[0,0,0]]}],'
    '"heads":[]}',
    ".tfjs.json": '{"format":"graph-model","modelTopology":'
    '{"node":[{"name":"n","op":"LRN","attr":{"depth_radius":{"i":"2"}}}]}}',
    ".nnef": "version 1.0;\ngraph g(x) -> (y)\n{\n  x = external(shape = [1,3,8,8]);\n"
    "  y = local_response_normalization(x, size = [1,5,1,1], alpha = 1.0, beta = 0.5);\n}\n",
    ".cfg": "[net]\nheight=8\n[normalization]\nalpha=.0001\nsize=5\n",
    ".layers.cfg": "[data]\ntype=data\n[n]\ntype=cmrnorm\ninputs=data\nchannels=64\nsize=5\nscale=0.0001\npow=0.75\n",
}


def model_seeds() -> list[Seed]:
    """One of each kind at least, in a fixed order."""
    nested = node("If", "c", "z", inner(5, inner(1, "g"), inner(6, inner(1, node("LRN", size=3)))))
    size = coreml.constant("s", 2, inner(1, varint(3)))
    scripted = {"__torch__": archives.NET, "__torch__/torch/nn/modules/normalization": archives.SCRIPTED}
    made = {
        ".caffemodel": caffe.NAME + caffe.CONVOLUTION + caffe.V2,
        ".old.caffemodel": caffe.NAME + caffe.V0 + caffe.V1,
        ".onnx": model(nested, node("LRN", "x", "y", name="n", size=5), functions=(inner(7, node("LRN", size=7)),)),
        ".torch.onnx": exported((0, 0, 2, 0, 0, 0, 0, 2, 0, 0), [5, 1, 1]),
        ".pb": tensorflow.GRAPH + tensorflow.LIBRARY,
        ".meta": tensorflow.META,
        ".saved.pb": integer(1, 1) + inner(2, tensorflow.META),
        ".mlmodel": coreml.MODEL,
        ".program.mlmodel": coreml.program(size, coreml.operation(size="s")),
        ".c2.pb": others.net(others.SIZE, others.ALPHA, others.BETA),
        ".paddle": others.program(others.attribute("n", integer(3, 3))),
        ".tflite": tflite.model(tflite.ALL),
        ".param.bin": ncnn.net(1, 3, 2, ncnn.bits(5e-5)),
        ".pt": archives.torchscript(scripted),
        ".pt2": archives.exported([0, 0, 0, 0, 2, 2]),
        ".keras": archives.archive({"metadata.json": "{}", "config.json": json.dumps(archives.CONFIG)}),
        ".keras.json": json.dumps(archives.CONFIG).encode(),
    }
    texts = {suffix: text.encode() for suffix, text in _TEXTS.items()}
    return [
        Seed(f"a model {suffix}", f".{suffix.rpartition('.')[2]}", data) for suffix, data in {**made, **texts}.items()
    ]
