"""`lrn apply` over many inputs: names, trees, lists, bad files among good ones, runs that are begun again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from lrn_cli import normalize
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
WORD = ("-c", "caffe:alpha=0.5")
EXPECTED = normalize(X, "caffe", alpha=0.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three tensors, one of them in a folder below."""
    (tmp_path / "in" / "deep" / "er").mkdir(parents=True)
    for place in ("in/a.npy", "in/b.npy", "in/deep/er/a.npy"):
        np.save(tmp_path / place, X)
    (tmp_path / "in" / "notes.txt").write_text("no tensor")
    return tmp_path


def written(folder: Path) -> list[str]:
    """Every file below the folder that holds the expected result."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(str(path.relative_to(folder)) for path in files if np.array_equal(np.load(path), EXPECTED))


def test_several_inputs_go_to_a_folder_that_is_made(folder: Path, call: Run) -> None:
    ended = call("apply", "in/a.npy", "in/b.npy", "-o", "out/", *WORD)
    assert ended.code == 0, ended.err
    assert written(folder / "out") == ["a.npy", "b.npy"]
    assert ended.err == "lrn: 2 of 2 inputs done: NCHW with 6 channels\n"


def test_a_folder_is_searched_and_its_tree_kept(folder: Path, call: Run) -> None:
    assert call("apply", "in", "--recursive", "-o", "out/", *WORD).code == 0
    assert written(folder / "out") == ["a.npy", "b.npy", "deep/er/a.npy"]


def test_results_below_the_searched_folder_are_not_taken_for_inputs(folder: Path, call: Run) -> None:
    assert call("apply", "in", "-r", "-o", "in/out/", *WORD).code == 0
    again = call("apply", "in", "-r", "-o", "in/out/", "--force", *WORD)
    assert again.err == "lrn: 3 of 3 inputs done: NCHW with 6 channels\n"


def test_a_template_names_each_output(folder: Path, call: Run) -> None:
    (folder / "out").mkdir()
    assert call("apply", "in/a.npy", "in/b.npy", "-o", "out/{stem}.{convention}{suffix}", *WORD).code == 0
    assert call("apply", "in/a.npy", "-o", "out/one-{name}", *WORD).code == 0
    assert written(folder / "out") == ["a.caffe.npy", "b.caffe.npy", "one-a.npy"]


@pytest.mark.parametrize(("separator", "words"), [("\n", []), ("\r\n", []), ("\0", ["-0"])])
def test_a_list_names_inputs(folder: Path, lrn: Run, separator: str, words: list[str]) -> None:
    sent = separator.join(["in/a.npy", "in/b.npy", ""]).encode()
    (folder / "list").write_bytes(sent)
    assert lrn("apply", "--files-from", "list", *words, "-o", "one/", *WORD).code == 0
    assert lrn("apply", "--files-from", "-", *words, "-o", "two/", *WORD, stdin=sent).code == 0
    assert written(folder / "one") == written(folder / "two") == ["a.npy", "b.npy"]


REFUSED = [
    ("in/a.npy in/deep/er/a.npy -o out/", ["2 inputs would write", "in/a.npy, in/deep/er/a.npy"]),
    ("in/a.npy in/a.npy -o out/", ["in/a.npy: is given 2 times"]),
    ("in/a.npy in/b.npy -o out/x.npy", ["2 inputs cannot be written to one output", "-o out/x/"]),
    ("in/a.npy in/b.npy -o all.h5::/{stem}", ["2 inputs would write", "all.h5"]),
    ("in/a.npy in/b.npy", ["nothing says where"]),
    ("in/a.npy - -o out/", ["cannot be one of many"]),
    ("in/a.npy in/b.npy -o out/{nothing}.npy", ["no field is called 'nothing'", "stem"]),
    ("in/a.npy -o {stem.__class__}.npy", ["no field is called 'stem.__class__'"]),
    ("in/a.npy -o out/{.npy", ["out/{.npy"]),
    ("in -o out/", ["is a folder"]),
    ("in/notes.txt in/a.npy -o out/ -c cafe", ["unknown convention"]),
    ("--files-from nowhere -o out/", ["nowhere", "cannot be read"]),
    ("in/deep/er -r -o out/ -c tf:radius=1", ["no parameter radius"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED, ids=[words for words, _ in REFUSED])
def test_what_cannot_be_named_is_refused_before_anything_starts(
    words: str, fragments: list[str], folder: Path, call: Run
) -> None:
    call("apply", *words.split()).assert_refused(*fragments)
    assert sorted(path.name for path in folder.iterdir()) == ["in"]


def test_a_folder_without_tensors_is_refused(folder: Path, call: Run) -> None:
    (folder / "empty").mkdir()
    call("apply", "empty", "-r", "-o", "out/").assert_refused("no file below this folder")


def test_a_bad_file_is_reported_and_the_others_are_done(folder: Path, lrn: Run) -> None:
    (folder / "in" / "bad.npy").write_bytes(b"nothing")
    ended = lrn("apply", "in/bad.npy", "in/a.npy", "in/missing.npy", "in/b.npy", "-o", "out/", *WORD)
    assert ended.code == 2
    assert written(folder / "out") == ["a.npy", "b.npy"]
    errors = [line for line in ended.err.splitlines() if line.startswith("lrn: error: ")]
    assert [line.split(": ")[2] for line in errors] == ["in/bad.npy", "in/missing.npy", "2 of 4 inputs failed"]


def test_a_run_that_was_cut_short_is_completed(folder: Path, lrn: Run) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "a.npy").write_bytes(b"from an earlier run")
    refused = lrn("apply", "in/a.npy", "in/b.npy", "-o", "out", *WORD)
    assert refused.code == 2
    ended = lrn("apply", "in/a.npy", "in/b.npy", "in/deep/er/a.npy", "-o", "out/{stem}.npy", *WORD)
    assert ended.code == 2
    (folder / "out" / "b.npy").unlink()
    ended = lrn("apply", "in/a.npy", "in/b.npy", "-o", "out", "--skip-existing", *WORD)
    assert (
        ended.err
        == "lrn: out/a.npy is there already, skipped\nlrn: 1 of 2 inputs done, 1 skipped: NCHW with 6 channels\n"
    )
    assert (folder / "out" / "a.npy").read_bytes() == b"from an earlier run"
    assert np.array_equal(np.load(folder / "out" / "b.npy"), EXPECTED)
    one = lrn("apply", "in/a.npy", "-o", "out", "--skip-existing", *WORD)
    assert (one.code, one.err) == (0, "lrn: out/a.npy is there already, skipped\n")


def test_a_dry_run_shows_the_plan_and_writes_nothing(folder: Path, call: Run) -> None:
    (folder / "in" / "bad.npy").write_bytes(b"nothing")
    ended = call("apply", "in", "-r", "-o", "out/", "--dry-run", "--dtype", "float64", *WORD)
    assert ended.code == 2
    assert ended.out.decode().splitlines() == [
        "input\toutput\tlayout\tchannels\tshape\tdtype\toutput dtype",
        "in/a.npy\tout/a.npy\tNCHW\t6\t2x6x4x5\tfloat32\tfloat64",
        "in/b.npy\tout/b.npy\tNCHW\t6\t2x6x4x5\tfloat32\tfloat64",
        "in/deep/er/a.npy\tout/deep/er/a.npy\tNCHW\t6\t2x6x4x5\tfloat32\tfloat64",
    ]
    assert not (folder / "out").exists()
    one = call("apply", "in/a.npy", "-o", "y.npy", "--dry-run", "--json", *WORD)
    assert json.loads(one.out)["output"] == "y.npy"
    assert not (folder / "y.npy").exists()


def test_json_is_one_object_for_each_input_in_order(folder: Path, call: Run) -> None:
    (folder / "in" / "bad.npy").write_bytes(b"nothing")
    ended = call("apply", "in/a.npy", "in/bad.npy", "in/b.npy", "-o", "out/", "--json", *WORD)
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [row["input"] for row in rows] == ["in/a.npy", "in/bad.npy", "in/b.npy"]
    assert rows[0]["shape"] == [2, 6, 4, 5]
    assert "is none of" in rows[1]["error"]


def test_each_input_has_a_line_with_verbose_and_none_without(folder: Path, call: Run) -> None:
    words = ("apply", "in/a.npy", "in/b.npy", "-o", "out/", "--force", *WORD)
    assert call(*words).err.count("in/") == 0
    assert [line.split(" -> ")[0] for line in call(*words, "-v").err.splitlines() if "->" in line] == [
        "in/a.npy",
        "in/b.npy",
    ]
    assert call(*words, "-q").err == ""


def test_datasets_and_images_take_their_names_along(folder: Path, call: Run) -> None:
    with h5py.File(folder / "m.h5", "w") as file:
        file["a"], file["b"] = X, X
    np.savez(folder / "z.npz", a=X, b=X)
    words = ("m.h5::/a", "z.npz::a", "z.npz::b")
    assert call("apply", *words, "-o", "out/", *WORD).code == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["m.h5", "z.a.npy", "z.b.npy"]
    call("apply", "m.h5::/a", "m.h5::/b", "-o", "out/", *WORD).assert_refused("2 inputs would write")
    assert call("apply", "m.h5::/a", "m.h5::/b", "-o", "out/{stem}{member}.npy", *WORD).code == 0
    assert {"ma.npy", "mb.npy"} <= {path.name for path in (folder / "out").iterdir()}


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("memory", ["8K", "1M", "1G"])
def test_jobs_and_memory_change_no_bit(folder: Path, lrn: Run, jobs: int, memory: str) -> None:
    x = np.random.default_rng(1).standard_normal((2, 40, 30, 31)).astype("f4")
    np.save(folder / "x.npy", x)
    for word in ("caffe", "caffe:norm_region=WITHIN_CHANNEL", "alexnet:beta=0.6"):
        ended = lrn("apply", "x.npy", "-o", "y.npy", "-j", jobs, "--memory", memory, "-c", word, "--force")
        assert ended.code == 0, ended.err
        assert np.load(folder / "y.npy").tobytes() == normalize(x, word).tobytes()


@pytest.mark.parametrize("size", ["0", "-1M", "many", "", "1Q"])
def test_a_size_that_is_none_is_refused(call: Run, size: str) -> None:
    call("apply", "x.npy", "-o", "y.npy", "--memory", size).assert_refused("is no size, as 200M is")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_batch_and_leaves_only_whole_files(folder: Path, number: signal.Signals, code: int) -> None:
    x = np.random.default_rng(1).standard_normal((64, 64, 30, 30)).astype("f4")
    for index in range(30):
        np.save(folder / f"x{index}.npy", x)
    words = [sys.executable, "-m", "lrn_cli", "apply", *(f"x{i}.npy" for i in range(30)), "-o", "out/", "-c", "caffe"]
    process = subprocess.Popen(words, cwd=folder, start_new_session=True, stderr=subprocess.PIPE, text=True)
    while not list((folder / "out").glob("x*.npy")) and process.poll() is None:
        time.sleep(0.01)
    (os.killpg if number is signal.SIGINT else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert re.search(r"^lrn: interrupted: \d+ of 30 inputs done; the same command with --skip-existing", said, re.M)
    done = sorted((folder / "out").iterdir())
    assert 0 < len(done) < 30
    assert [path.suffix for path in done] == [".npy"] * len(done)
    expected = normalize(x, "caffe").tobytes()
    assert all(np.load(path).tobytes() == expected for path in done)
