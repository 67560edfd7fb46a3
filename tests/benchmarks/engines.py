"""One engine's normalisation in memory. Runs in the interpreter of that engine and imports nothing of the benchmarks.

Called with the engine, what to measure ("cells", "windows" or "sizes"), what to divide the first axis by, and how often
to measure each cell; prints a JSON object for each cell. Called with the engine alone, it prints the engine's version.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from statistics import median
from typing import Any, NamedTuple

import numpy as np

ALPHA, BIAS = 1e-4, 1.0
"""The coefficient of the sum, whoever divides it by what, and what is added to it."""
THREADS = 2


class Cell(NamedTuple):
    """What is normalised: the layout, the shape, how wide the window is, and the exponent."""

    layout: str
    shape: tuple[int, ...]
    width: int
    beta: float
    within: bool = False

    def scaled(self, divisor: int) -> Cell:
        """The same with that much less along the first axis."""
        return self._replace(shape=(max(self.shape[0] // divisor, 1), *self.shape[1:]))

    def __str__(self) -> str:
        return f"{self.layout} {'x'.join(map(str, self.shape))}"


CELLS = (
    Cell("NCHW", (64, 96, 55, 55), 5, 0.75),
    Cell("NCHW", (32, 256, 27, 27), 5, 0.75),
    Cell("NCHW", (64, 96, 55, 55), 5, 0.6),
    Cell("NCHW", (32, 256, 27, 27), 11, 0.5),
    Cell("NCHW", (64, 96, 55, 55), 5, 1.0),
    Cell("NHWC", (64, 55, 55, 96), 5, 0.75),
    Cell("NHWC", (32, 27, 27, 256), 5, 0.75),
    Cell("NHWC", (64, 55, 55, 96), 5, 0.6),
    Cell("NHWC", (32, 27, 27, 256), 11, 0.5),
    Cell("NHWC", (16, 512, 512, 3), 5, 0.75),
)
WIDTHS = (5, 15, 63, 255)
WINDOWS = (
    *(Cell("NCHW", (20, 1024, 28, 28), width, 0.75) for width in WIDTHS),
    *(Cell("NHWC", (20, 28, 28, 1024), width, 0.75) for width in WIDTHS),
    *(Cell("NCHW", (10, 6, 512, 512), width, 0.75, within=True) for width in WIDTHS),
)
SIZES = tuple(Cell("NCHW", (4**power, 64, 64, 64), 5, 0.75) for power in range(6))
"""1 MiB to 1 GiB, to be compared without the start of a process."""
NEEDS = {
    "memcpy": ["numpy"],
    "lrn": ["lrn_cli"],
    "numpy": ["lrn_cli"],
    "torch": ["torch"],
    "onnxruntime": ["onnxruntime", "onnx"],
    "openvino": ["openvino", "onnx"],
    "tensorflow": ["tensorflow"],
}


def memcpy(cell: Cell, x: Any) -> Callable[[], object]:
    y = np.empty_like(x)
    return lambda: np.copyto(y, x)


def lrn(cell: Cell, x: Any) -> Callable[[], object]:
    normalize = import_module("lrn_cli").normalize
    if cell.layout == "NHWC":
        radius = cell.width // 2
        return lambda: normalize(x, "tf", depth_radius=radius, bias=BIAS, alpha=ALPHA, beta=cell.beta, threads=THREADS)
    terms = cell.width**2 if cell.within else cell.width
    options: dict[str, Any] = {"local_size": cell.width, "alpha": ALPHA * terms, "k": BIAS}
    options |= {"norm_region": "WITHIN_CHANNEL"} if cell.within else {}
    return lambda: normalize(x, "caffe", beta=cell.beta, threads=THREADS, **options)


def numpy(cell: Cell, x: Any) -> Callable[[], object]:
    """Ours without its compiled part, which is chosen when it is imported."""
    os.environ["LRN_NATIVE"] = "0"
    return lrn(cell, x)


def torch(cell: Cell, x: Any) -> Callable[[], object] | None:
    if cell.layout != "NCHW":
        return None
    module = import_module("torch")
    module.set_num_threads(THREADS)
    tensor, function = module.from_numpy(x), import_module("torch.nn.functional").local_response_norm
    return lambda: function(tensor, cell.width, ALPHA * cell.width, cell.beta, BIAS)


def onnx_model(cell: Cell) -> bytes:
    module = import_module("onnx")
    h, number = module.helper, module.TensorProto.FLOAT
    node = h.make_node("LRN", ["x"], ["y"], size=cell.width, alpha=ALPHA * cell.width, beta=cell.beta, bias=BIAS)
    ends = [[h.make_tensor_value_info(name, number, cell.shape)] for name in "xy"]
    model = h.make_model(h.make_graph([node], "g", *ends), opset_imports=[h.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def onnxruntime(cell: Cell, x: Any) -> Callable[[], object] | None:
    if cell.layout != "NCHW":
        return None
    module = import_module("onnxruntime")
    options = module.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = module.InferenceSession(onnx_model(cell), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": x})


def openvino(cell: Cell, x: Any) -> Callable[[], object] | None:
    if cell.layout != "NCHW":
        return None
    core = import_module("openvino").Core()
    options = {"INFERENCE_NUM_THREADS": THREADS, "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(core.read_model(io.BytesIO(onnx_model(cell))), "CPU", options).create_infer_request()
    return lambda: request.infer([x], share_inputs=True, share_outputs=True)


def tensorflow(cell: Cell, x: Any) -> Callable[[], object] | None:
    if cell.layout != "NHWC":
        return None
    module = import_module("tensorflow")
    if module.config.threading.get_intra_op_parallelism_threads() != THREADS:
        module.config.threading.set_intra_op_parallelism_threads(THREADS)
    tensor, function = module.constant(x), module.nn.local_response_normalization
    return lambda: function(tensor, cell.width // 2, BIAS, ALPHA, cell.beta)


def milliseconds(call: Callable[[], object], times: int) -> float:
    for _ in range(2):
        call()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return median(taken) * 1e3


def main(engine: str, what: str, divisor: str, times: str) -> None:
    rng = np.random.default_rng(0)
    for index, full in enumerate({"cells": CELLS, "windows": WINDOWS, "sizes": SIZES}[what]):
        cell = full.scaled(int(divisor))
        x = rng.standard_normal(cell.shape, dtype=np.float32)
        call = globals()[engine](cell, x)
        if call is not None:
            print(json.dumps({"index": index, "ms": milliseconds(call, int(times))}), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(*[import_module(name).__version__ for name in NEEDS[sys.argv[1]]])
    else:
        main(*sys.argv[1:])
