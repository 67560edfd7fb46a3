"""What the package offers in Python: a few functions, found without importing NumPy before they are used."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

import lrn_cli
from lrn_cli.answers import Answer
from lrn_cli.conventions.registry import conventions
from lrn_cli.errors import LrnError
from tests.models.onnx_bytes import model, node


def test_every_promised_name_is_there() -> None:
    assert all(getattr(lrn_cli, name) is not None for name in lrn_cli.__all__)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'normalise'"):
        lrn_cli.normalise  # noqa: B018


def test_importing_the_package_imports_no_numpy() -> None:
    code = "import sys; from lrn_cli import api; api.conventions(); print({'numpy', 'h5py', 'PIL'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_conventions_are_declared_as_data_with_sources_and_traps() -> None:
    declared = lrn_cli.api.conventions()
    assert [one["convention"] for one in declared] == [convention.name for convention in conventions()]
    for one in declared:
        assert one["sources"]
        assert all(trap["text"] and trap["source"] for trap in one["traps"])
    assert json.loads(json.dumps(declared)) == declared


def test_an_explanation_is_plain_data() -> None:
    explained = lrn_cli.explain("caffe", local_size=3, alpha=0.3)
    assert (explained["window"], explained["scale"]) == ({"C": [1, 1]}, 0.1)
    assert json.loads(json.dumps(explained)) == explained
    assert [one["convention"] for one in lrn_cli.explain()] == [convention.name for convention in conventions()]


X = np.arange(48.0).reshape(1, 2, 3, 8)


def read_layers() -> Answer:
    """The layers of a model with two of them, one of which no convention says."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        path.write_bytes(model(node("LRN", "x", "y", name="norm1", size=5), node("LRN", "y", "z", size=-1)))
        return lrn_cli.layers(path)


MADE: dict[str, Any] = {
    "compare": lambda: lrn_cli.compare(X, conventions=["tf", "caffe"]),
    "compare several": lambda: lrn_cli.compare(X, conventions=["tf", "caffe", "wolfram"]),
    "compare two": lambda: lrn_cli.compare(X, X),
    "compare shapes": lambda: lrn_cli.compare(X, X[0, 0, 0]),
    "identify": lambda: lrn_cli.identify(X, lrn_cli.normalize(X, "tf", depth_radius=1)),
    "identify nothing": lambda: lrn_cli.identify(X, np.sin(X)),
    "translate": lambda: lrn_cli.translate("caffe", "tf"),
    "refused": lambda: lrn_cli.translate("caffe", "neupy", local_size=5),
    "explain": lambda: lrn_cli.explain("caffe"),
    "layers": read_layers,
    "convention": lambda: lrn_cli.api.conventions()[0],
}


@pytest.fixture(params=list(MADE.values()), ids=list(MADE), scope="module")
def answer(request: pytest.FixtureRequest) -> Answer:
    """An answer of each kind."""
    made: Answer = request.param()
    return made


def test_an_answer_is_one_short_line(answer: Answer) -> None:
    assert len(repr(answer)) <= 200
    assert repr(answer).startswith(f"<{type(answer).__name__}: ")
    assert "\n" not in repr(answer)


def test_every_entry_is_an_attribute_and_every_declared_field_an_entry(answer: Answer) -> None:
    for name, value in answer.items():
        assert getattr(answer, name) is value
    declared = {name for kind in type(answer).__mro__ if issubclass(kind, Answer) for name in kind.__annotations__}
    assert declared - {"nested"} <= set(answer)
    with pytest.raises(AttributeError, match="has no 'nonsense', only "):
        _ = answer.nonsense


def test_as_a_dictionary_an_answer_is_plain_all_the_way_down(answer: Answer) -> None:
    def kinds(value: Any) -> set[type]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return {type(value), *(kind for one in inner for kind in kinds(one))}

    assert kinds(answer.as_dict()) <= {dict, list, str, int, float, bool, type(None)}
    assert json.loads(json.dumps(answer)) == answer.as_dict()
    assert pickle.loads(pickle.dumps(answer)) == answer  # noqa: S301 - our own


def test_a_notebook_shows_a_table_in_which_names_stay_text(answer: Answer) -> None:
    seen: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.add(tag)

    Tags().feed(type(answer).of({**answer, "note": "<script>alert(1)</script>"})._repr_html_())
    assert seen <= {"p", "b", "table", "tr", "th", "td", "br"}


def test_an_error_prints_its_hint() -> None:
    with pytest.raises(LrnError) as caught:
        lrn_cli.explain("caffee")
    assert str(caught.value) == f"{caught.value.message}\nhint: {caught.value.hint}"
    assert "caffe" in caught.value.hint
    assert str(LrnError("only this")) == "only this"


def test_the_layers_of_a_model_are_plain_data(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(model(node("LRN", "x", "y", name="norm1", size=5)))
    found = lrn_cli.layers(path)
    assert [layer["convention"] for layer in found["layers"]] == ["onnx:size=5,alpha=0.0001,beta=0.75,bias=1"]
    assert lrn_cli.translate(f"{path}::norm1", to="tf")["word"] == "tf:depth_radius=2,bias=1,alpha=2e-05,beta=0.75"
    x = np.ones((1, 8, 2, 2))
    assert np.array_equal(lrn_cli.normalize(x, f"{path}::norm1"), lrn_cli.normalize(x, "onnx", size=5))
