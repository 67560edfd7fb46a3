"""Models that coremltools makes: neural networks and programs, of single and half precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrn_cli.models.registry import read_model

coremltools = pytest.importorskip("coremltools", reason="coremltools is not installed: pip install coremltools")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def program() -> Any:
    """Two layers, the second with the defaults of coremltools."""
    from importlib import import_module

    builder = import_module("coremltools.converters.mil").Builder
    spec = builder.TensorSpec(shape=(1, 16, 8, 8))

    def made(x: Any) -> Any:
        x = builder.local_response_norm(x=x, size=5, alpha=5e-4, beta=0.5, k=2.0, name="norm1")
        return builder.local_response_norm(x=builder.relu(x=x), size=3, name="norm2")

    return builder.program(input_specs=[spec], opset_version=coremltools.target.iOS15)(made)


@pytest.mark.parametrize("precision", ["FLOAT32", "FLOAT16"])
def test_a_package_with_a_program(precision: str, program: Any, tmp_path: Path) -> None:
    chosen = coremltools.precision[precision]
    target = coremltools.target.iOS15
    made = coremltools.convert(
        program, convert_to="mlprogram", compute_precision=chosen, minimum_deployment_target=target
    )
    made.save(str(tmp_path / "net.mlpackage"))
    first, second = read_model(tmp_path / "net.mlpackage").layers
    assert first.given == {"size": 5, "alpha": pytest.approx(5e-4, rel=1e-3), "beta": 0.5, "k": 2}
    assert second.given == {"size": 3, "alpha": pytest.approx(1e-4, rel=1e-3), "beta": 0.75, "k": 1}


def test_a_neural_network(program: Any, tmp_path: Path) -> None:
    coremltools.convert(program, convert_to="neuralnetwork").save(str(tmp_path / "net.mlmodel"))
    first, second = read_model(tmp_path / "net.mlmodel").layers
    assert first.given == {"localSize": 5, "alpha": pytest.approx(5e-4, rel=1e-3), "beta": 0.5, "k": 2}
    assert second.written["localSize"] == 3
    assert second.name.startswith("norm2")
