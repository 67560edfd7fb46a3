"""OpenCV's dnn module: what its importers make of models of Caffe, ONNX and TensorFlow."""

from __future__ import annotations

from lrn_cli.conventions.declaration import (
    Call,
    Convention,
    Engine,
    Notation,
    Quirk,
    Region,
    Trap,
    WindowRule,
)
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_LAYER = "opencv/opencv@00803651:modules/dnn/src/layers/lrn_layer.cpp"
_RUN = "OpenCV 4.14.0 on a CPU, run"
_ENGINE = Engine("OpenCV 4.14.0 on a CPU", {"float32": 1.9e-6})
_POSITIVE_ODD = (AtLeast(1), Odd())


def _call(setup: str, statement: str, shown: str = "python") -> tuple[Call, ...]:
    return (
        Call(
            language=shown,
            setup=setup,
            statement=statement,
            transpose="{y} = np.transpose({x}, ({order}))",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
        ),
    )


CAFFE = Convention(
    name="opencv-caffe",
    aliases=("cv2-caffe", "readNetFromCaffe"),
    title="OpenCV readNetFromCaffe, LRN layer",
    parameters=(
        Parameter("local_size", Role.WINDOW, 5, "the whole window", _POSITIVE_ODD),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by local_size, within a channel by its square"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 1.0, "dropped by the importer: the bias is 1"),
        Parameter(
            "norm_region",
            Role.REGION,
            "ACROSS_CHANNELS",
            "sum over neighbouring channels, or over a square of the same channel",
            choices=("ACROSS_CHANNELS", "WITHIN_CHANNEL"),
        ),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    layouts=("NCHW",),
    notation=Notation("top", "bottom", "c"),
    sources=(_LAYER, _RUN),
    traps=(
        Trap("k is dropped, in both regions: whatever the prototxt says, the bias is 1.", _RUN),
        Trap(
            "A prototxt without alpha is computed with 1e-4 by OpenCV 4.14.0, with 1 by OpenCV 4.2.0 and by Caffe.",
            f"{_RUN}; OpenCV 4.2.0, run",
        ),
        Trap('An even local_size is refused: "LRN layer supports only positive odd values for local_size".', _LAYER),
    ),
    calls=_call(
        "import cv2\nimport numpy as np",
        'layer = """\n  input: "x"\n  input_shape {{ dim: 1 dim: 1 dim: 1 dim: 1 }}\n  layer {{\n'
        '    name: "y" type: "LRN" bottom: "x" top: "y"\n    lrn_param {{\n'
        "      local_size: {local_size} alpha: {alpha} beta: {beta} k: {k}\n"
        '      norm_region: {norm_region}\n    }}\n  }}"""\n'
        "net = cv2.dnn.readNetFromCaffe(np.frombuffer(layer.encode(), np.uint8))\n"
        "net.setInput({x})\n{y} = net.forward()",
    ),
    regions=(Region("ACROSS_CHANNELS", ("C",), 1.0), Region("WITHIN_CHANNEL", ("H", "W"), 1.0)),
    framework="OpenCV",
    engine=_ENGINE,
    quirks=(
        Quirk(
            "OpenCV's importer",
            "drops Caffe's k: the bias is 1 across channels and within one",
            _RUN,
            bites=lambda values: values["k"] != 1,
        ),
        Quirk(
            "OpenCV",
            "has changed the alpha of a prototxt that gives none: 1 in 4.2.0, as Caffe, and 1e-4 in 4.14.0",
            f"{_RUN}; OpenCV 4.2.0, run",
            bites=lambda values: values["alpha"] == 1e-4,
        ),
    ),
)

ONNX = Convention(
    name="opencv-onnx",
    aliases=("cv2-onnx", "readNetFromONNX"),
    title="OpenCV readNetFromONNX, operator LRN",
    parameters=(
        Parameter("size", Role.WINDOW, None, "the whole window", _POSITIVE_ODD),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    layouts=("NCHW",),
    notation=Notation("Y", "X", "c"),
    sources=(_LAYER, _RUN),
    traps=(
        Trap("ONNX has even sizes; OpenCV refuses to import them.", _RUN),
        Trap("ONNX has any number of axes, OpenCV four.", _RUN),
    ),
    calls=_call(
        "import cv2\nfrom onnx import helper",
        'node = helper.make_node("LRN", ["x"], ["y"], size={size}, alpha={alpha}, beta={beta}, bias={bias})\n'
        'ends = [helper.make_tensor_value_info(name, 1, {x}.shape) for name in "xy"]\n'
        'graph = helper.make_graph([node], "lrn", ends[:1], ends[1:])\n'
        "model = helper.make_model(graph).SerializeToString()\nnet = cv2.dnn.readNetFromONNX(model)\n"
        "net.setInput({x})\n{y} = net.forward()",
    ),
    framework="OpenCV",
    engine=_ENGINE,
)

TENSORFLOW = Convention(
    name="opencv-tf",
    aliases=("opencv-tensorflow", "cv2-tf", "readNetFromTensorflow"),
    title="OpenCV readNetFromTensorflow, operator LRN",
    parameters=(
        Parameter("depth_radius", Role.WINDOW, 5, "channels on each side: the window is 2r+1", (AtLeast(0),)),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter("alpha", Role.ALPHA, 1.0, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.5, "the exponent"),
    ),
    window=WindowRule.RADIUS,
    alpha_is_divided=False,
    layouts=("NHWC",),
    notation=Notation("output", "input", "d"),
    sources=(_LAYER, _RUN),
    traps=(
        Trap("Unlike its importer of Caffe models, this one keeps the bias.", _RUN),
        Trap(
            "The model's tensors are NHWC; the blobs that OpenCV is given and gives are NCHW.",
            "opencv/opencv:modules/dnn/src/tensorflow/tf_importer.cpp",
        ),
    ),
    calls=_call(
        "import cv2\nimport tensorflow as tf",
        "graph = tf.Graph()\nwith graph.as_default():\n"
        '    x_in = tf.compat.v1.placeholder("float32", {x}.shape)\n'
        "    tf.nn.local_response_normalization(x_in, depth_radius={depth_radius}, bias={bias}, alpha={alpha},"
        " beta={beta})\n"
        "model = graph.as_graph_def().SerializeToString()\nnet = cv2.dnn.readNetFromTensorflow(model)\n"
        "net.setInput({x}.transpose(0, 3, 1, 2))\n{y} = net.forward().transpose(0, 2, 3, 1)",
    ),
    framework="OpenCV",
    engine=_ENGINE,
)

CONVENTIONS = (CAFFE, ONNX, TENSORFLOW)
