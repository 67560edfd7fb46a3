"""`--format` means the same in every verb: the same cells as text, Markdown, TSV, CSV."""

from __future__ import annotations

import csv
import json
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt

from lrn_cli import normalize
from lrn_cli.conventions.registry import oddities
from tests.conftest import Run
from tests.models.onnx_bytes import model, node


class Cells(HTMLParser):
    """The cells of an HTML table, row by row."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """x.npy, `a|b,c_*.npy` made from it, and a model."""
    (tmp_path / "net.onnx").write_bytes(model(node("LRN", "x", "y", name="norm1", size=5)))
    x = np.random.default_rng(5).normal(size=(2, 8, 6, 6)).astype("f4") * 9
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "a|b,c_*.npy", normalize(x, "caffe", alpha=0.5, layout="NCHW"))
    for folder, tensor in (("new", x), ("old", x * 2)):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "a|b,c_*.npy", tensor)
    np.save(tmp_path / "new" / "more.npy", x)
    return tmp_path


MISTAKE = oddities()[0].name
COMMANDS = {
    "compare": ["compare", "x.npy", "a|b,c_*.npy"],
    "compare folders": ["compare", "-r", "new", "old"],
    "identify": ["identify", "x.npy", "a|b,c_*.npy"],
    "info": ["info", "x.npy", "a|b,c_*.npy"],
    "statistics": ["info", "-r", "new", "--stats"],
    "show": ["show", "a|b,c_*.npy", "--layout", "NCHW"],
    "translate": ["translate", "caffe"],
    "translate to one": ["translate", "caffe", "--to", "tf"],
    "translate for some channels": ["translate", "onnx:size=8", "--channels", "4"],
    "translate a model": ["translate", "net.onnx"],
    "conventions": ["conventions"],
    "check": ["gradient", "x.npy", "a|b,c_*.npy", "--check", "x.npy", "-c", "caffe"],
    "parameters": ["gradient", "x.npy", "--dy", "ones", "--parameters", "-c", "caffe"],
    "gradient": ["gradient", "x.npy", "a|b,c_*.npy", "-o", "dx.npy", "-c", "caffe", "-f"],
    "explain": ["explain", "caffe"],
    "explain a mistake": ["explain", MISTAKE],
    "apply": ["apply", "a|b,c_*.npy", "-o", "out.npy", "-c", "caffe", "-f"],
    "dry run": ["apply", "a|b,c_*.npy", "-o", "out.npy", "-c", "caffe", "--dry-run"],
}
EVERY = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())


@EVERY
def test_csv_and_tsv_have_the_same_cells(call: Run, pair: Path, words: list[str]) -> None:
    tsv = call(*words, "--format", "tsv").out.decode()
    rows = [line.split("\t") for line in tsv.splitlines()]
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > 1
    found = call(*words, "--format", "csv").out.decode()
    assert list(csv.reader(StringIO(found))) == rows


@pytest.mark.parametrize("name", [name for name in COMMANDS if not name.startswith("explain")])
def test_markdown_renders_to_the_same_cells(call: Run, pair: Path, name: str) -> None:
    rows = [line.split("\t") for line in call(*COMMANDS[name], "--format", "tsv").out.decode().splitlines()]
    html = MarkdownIt("commonmark").enable("table").render(call(*COMMANDS[name], "--format", "markdown").out.decode())
    assert Cells(html).rows == rows


@EVERY
def test_json_is_one_value_by_either_name(call: Run, pair: Path, words: list[str]) -> None:
    by_format, by_flag = (call(*words, *flag) for flag in (["--format", "json"], ["--json"]))
    assert json.loads(by_format.out) == json.loads(by_flag.out)


def test_text_is_the_panel_off_a_terminal_too(call: Run, pair: Path) -> None:
    lines = call("compare", "x.npy", "a|b,c_*.npy", "--format", "text").out.decode().splitlines()
    assert lines[0].startswith("x.npy and a|b,c_*.npy")
    assert any("DIFFERENT with rtol 1e-05" in line for line in lines)
    assert call("info", "x.npy", "--format", "text").out.decode().splitlines()[0].split("  ")[0] == "file"


def test_without_a_format_a_pipe_gets_what_it_always_did(call: Run, pair: Path) -> None:
    for name in ("compare", "identify", "info", "translate", "translate a model", "conventions"):
        assert call(*COMMANDS[name]).out == call(*COMMANDS[name], "--format", "tsv").out
    assert call(*COMMANDS["check"]).out == call(*COMMANDS["check"], "--format", "text").out
    assert call(*COMMANDS["parameters"]).out == call(*COMMANDS["parameters"], "--format", "json").out


@pytest.mark.parametrize("verb", ["info", "explain"])
def test_the_layers_of_a_model_are_tables_in_every_format(call: Run, pair: Path, verb: str) -> None:
    layers, elsewhere = call(verb, "net.onnx", "--format", "tsv").out.decode().split("\n\n")
    rows = [line.split("\t") for line in layers.splitlines()]
    assert rows[0][:4] == ["file", "format", "layers", "parameters"]
    found = call(verb, "net.onnx", "--format", "csv").out.decode().partition("\n\n")[0]
    assert list(csv.reader(StringIO(found))) == rows
    html = MarkdownIt("commonmark").enable("table").render(call(verb, "net.onnx", "--format", "markdown").out.decode())
    expected = [row[1:] for row in csv.reader(StringIO(elsewhere), delimiter="\t", quoting=csv.QUOTE_NONE)]
    assert [row[-4:] for row in Cells(html).rows if row[-4:] in expected] == expected


@EVERY
def test_an_unknown_format_is_refused_with_those_there_are(call: Run, pair: Path, words: list[str]) -> None:
    call(*words, "--format", "yaml").assert_refused("yaml", "text", "markdown", "tsv", "csv", "json")
