"""`lrn conventions`: all of them, whose they are, which engine confirmed them; and one more in a file of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from lrn_cli.conventions.registry import conventions
from tests.conftest import Run

# What the issue of a framework's own documentation would say: an even window shrinks, alpha is whole, the bias is cut.
MADE_UP = """
from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

CONVENTIONS = (
    Convention(
        name="madeup",
        aliases=("made-up-net",),
        title="A framework that nobody has",
        parameters=(
            Parameter("width", Role.WINDOW, 3, "the window", (AtLeast(1),)),
            Parameter("gain", Role.ALPHA, 0.5, "multiplies the sum"),
            Parameter("power", Role.BETA, 1.0, "the exponent"),
            Parameter("offset", Role.BIAS, 2.0, "added to the sum"),
        ),
        window=WindowRule.ROUNDED_DOWN,
        alpha_is_divided=False,
        layouts=("NHWC",),
        notation=Notation("y", "x", "c"),
        sources=("nowhere",),
        traps=(Trap("It does not exist.", "nowhere"), Trap("Nor will it.", "nowhere")),
        calls=(Call("python", "{y} = madeup({x}, {width})", "{y} = {x}", "{y} = {x}", "{y} = {x}"),),
        framework="Made Up",
        engine=Engine("Made Up 1.0", {"float32": 1e-6}),
        quirks=(Quirk("Made Up", "forgets a gain of 7", "nowhere", bites=lambda values: values["gain"] == 7),),
    ),
)
"""

# Runs the command as if the file lay among the frameworks.
PROGRAM = """
import sys
import lrn_cli.conventions.frameworks as frameworks
frameworks.__path__.append(sys.argv.pop(1))
from lrn_cli.__main__ import main
main()
"""


def test_all_are_listed_with_framework_family_and_engine(call: Run) -> None:
    lines = [line.split("\t") for line in call("conventions").out.decode().splitlines()]
    assert lines[0] == ["name", "framework", "family", "confirmed by"]
    rows = {line[0]: line[1:] for line in lines[1:]}
    assert [name for name in rows if name in {one.name for one in conventions()}] == [
        convention.name for convention in conventions()
    ]
    assert rows["openvino"] == [
        "OpenVINO",
        "a width, an even one covering one less, alpha divided",
        "OpenVINO 2026.4.1 on a CPU",
    ]
    assert rows["cudnn"][2] == "not confirmed by a run"
    assert rows["tract"][1] == "read as onnx"
    assert rows["darknet"][1] == "described, not offered"


def test_the_usual_ones_come_first_and_json_says_the_same(call: Run) -> None:
    data = json.loads(call("conventions", "--json").out)
    assert [one["name"] for one in data if one["usual"]] == [one["name"] for one in data][:8]
    by_name = {one["name"]: one for one in data}
    assert by_name["matconvnet"]["tolerance"] == {"float32": 5e-3, "float64": 5e-3}
    assert (by_name["cudnn"]["confirmed"], by_name["cudnn"]["engine"]) == (False, "not confirmed by a run")


# (what is typed, what has to be said, what the file then has of it)
SAID = [
    (
        "caffe:norm_region=WITHIN_CHANNEL,local_size=3,k=5",
        "caffe ignores k 5 in WITHIN_CHANNEL: 1 is used",
        {"local_size": 3, "alpha": 1.0, "beta": 0.75, "k": 1.0, "norm_region": "WITHIN_CHANNEL"},
    ),
    (
        "opencv-caffe:k=3.5,alpha=0.5",
        "opencv-caffe ignores k 3.5 in ACROSS_CHANNELS: 1 is used",
        {"local_size": 5, "alpha": 0.5, "beta": 0.75, "k": 1.0, "norm_region": "ACROSS_CHANNELS"},
    ),
    (
        "openvino:axes=[2,3],bias=2.7",
        "OpenVINO's CPU plugin cuts the bias to an integer",
        {"axes": [2, 3], "alpha": 1.0, "beta": 0.5, "bias": 2.7, "size": 5},
    ),
    (
        "matconvnet",
        "results are up to 5e-3 off",
        {"N": 5, "KAPPA": 2.0, "ALPHA": 1e-3, "BETA": 0.5},
    ),
]


@pytest.mark.parametrize(("word", "said", "kept"), SAID, ids=[word for word, _, _ in SAID])
def test_what_is_used_and_what_engines_make_of_it_is_said_and_kept(
    word: str, said: str, kept: dict[str, object], call: Run, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 2, 5, 6), "f4"))
    ended = call("apply", "x.npy", "-o", "y.h5", "-c", word, "--json")
    assert (ended.code, json.loads(ended.out)["parameters"]) == (0, kept)
    assert said in ended.err
    assert any(said in notice for notice in json.loads(ended.out)["notices"])
    with h5py.File(tmp_path / "y.h5") as file:
        (name,) = file
        assert json.loads(file[name].attrs["lrn_parameters"]) == kept


WITHIN = [
    "onednn:alg=within,local_size=3,alpha=9,beta=1,k=5",
    "ncnn:region_type=1,local_size=3,alpha=9,beta=1,bias=5",
]


@pytest.mark.parametrize("word", WITHIN)
def test_what_only_caffe_with_cudnn_computes_has_a_word(word: str, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 1, 3, 3)))
    assert call("apply", "x.npy", "-o", "y.npy", "-c", word).code == 0
    assert np.load(tmp_path / "y.npy")[0, 0, 1, 1] == 1 / (5 + 9)


@pytest.mark.parametrize("name", ["darknet", "tflite_ref", "mnn-caffe", "mnn-tf", "torch-crossmap"])
def test_what_engines_compute_by_mistake_is_explained_and_not_offered(name: str, call: Run, tmp_path: Path) -> None:
    assert "not offered behind -c" in " ".join(call("explain", name).out.decode().split())
    np.save(tmp_path / "x.npy", np.ones((1, 2, 3, 4), "f4"))
    call("apply", "x.npy", "-o", "y.npy", "-c", name).assert_refused("described and not offered", "lrn explain")


@pytest.mark.parametrize("name", [convention.name for convention in conventions() if not convention.engine])
def test_what_no_engine_confirmed_says_so_where_it_is_explained(name: str, call: Run) -> None:
    assert "not confirmed by a run" in " ".join(call("explain", "-c", name).out.decode().split())


def run_with(file: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "frameworks").mkdir(exist_ok=True)
    (folder / "frameworks" / "madeup.py").write_text(file)
    command = [sys.executable, "-c", PROGRAM, str(folder / "frameworks"), *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "LRN_CONVENTION": ""}
    )


def test_a_new_framework_is_one_file_and_nothing_else(tmp_path: Path) -> None:
    x = np.arange(1, 25, dtype="f4").reshape(1, 2, 3, 4)
    np.save(tmp_path / "x.npy", x)
    done = run_with(
        MADE_UP, tmp_path, "apply", "x.npy", "-o", "y.npy", "-c", "made-up-net", "--width", "4", "--gain", "7"
    )
    assert done.returncode == 0, done.stderr
    assert "Made Up forgets a gain of 7" in done.stderr
    squares = np.pad(x.astype("f8") ** 2, [(0, 0)] * 3 + [(1, 1)])
    sums = squares[..., :-2] + squares[..., 1:-1] + squares[..., 2:]
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), x / (2 + 7 * sums), rtol=1e-6)
    against = run_with(
        MADE_UP, tmp_path, "compare", "x.npy", "--against", "y.npy", "-c", "madeup:width=4,gain=7", "--json"
    )
    assert json.loads(against.stdout)["pairs"][0]["tolerance_of"].startswith("Made Up 1.0")
    told = run_with(MADE_UP, tmp_path, "translate", "tf:depth_radius=1,alpha=2", "--to", "madeup")
    assert told.stdout == "width=3 gain=2 power=0.5 offset=1\n"
    assert "Made Up" in run_with(MADE_UP, tmp_path, "conventions").stdout
    assert "A framework that nobody has" in run_with(MADE_UP, tmp_path, "explain", "madeup").stdout
    found = run_with(MADE_UP, tmp_path, "identify", "x.npy", "y.npy", "--layout", "NHWC", "--json")
    numbers = {"width": 3, "gain": 7.0, "power": 1.0, "offset": 2.0}
    assert json.loads(found.stdout)["conventions"]["madeup"] == numbers
