"""What `lrn apply` says of many inputs: what they have in common once, and as what they were taken."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 6, 4, 4)).astype("f4")
WORD = ("-c", "caffe:alpha=0.5")
NAMES = [f"a{number}" for number in range(30)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty tensors that are alike in a folder, eight of which have an output already."""
    for made in ("in", "out"):
        (tmp_path / made).mkdir()
    for name in NAMES:
        np.save(tmp_path / "in" / f"{name}.npy", X)
    for name in NAMES[:8]:
        np.save(tmp_path / "out" / f"{name}.npy", X)
    return tmp_path


def test_errors_of_one_kind_are_one_with_a_count_and_a_way_to_go_on(folder: Path, call: Run) -> None:
    first, hint, others, done, failed, _ = call("apply", "-r", "in", "-o", "out", *WORD).err.splitlines()
    assert first == "lrn: error: out/a0.npy: is there already, and is not replaced without --force"
    assert hint.startswith("hint: --skip-existing")
    assert hint.index("--skip-existing") < hint.index("--force")
    assert others == "lrn: error: 7 more like out/a0.npy: " + ", ".join(sorted(f"out/{n}.npy" for n in NAMES[1:8]))
    assert done == "lrn: 22 of 30 inputs done: NCHW with 6 channels"
    assert failed == "lrn: error: 8 of 30 inputs failed"


def test_what_is_skipped_is_one_line_with_a_count_and_with_verbose_each_is_named(folder: Path, call: Run) -> None:
    words = ("apply", "-r", "in", "-o", "out", "--skip-existing", *WORD)
    assert call(*words, "--dry-run", "-v").err.count("is there already, skipped") == 8
    lines = call(*words).err.splitlines()
    assert lines[0] == "lrn: out/a0.npy is there already, skipped"
    assert lines[1].startswith("lrn: 7 more like out/a0.npy: out/a1.npy")
    assert lines[2:] == ["lrn: 22 of 30 inputs done, 8 skipped: NCHW with 6 channels"]


def test_errors_that_differ_in_a_number_or_in_bytes_are_of_one_kind(folder: Path, call: Run) -> None:
    for number, name in enumerate(NAMES[10:25]):
        (folder / "in" / f"{name}.npy").write_bytes((folder / "in" / "a1.npy").read_bytes()[: 200 + number])
    for name in NAMES[25:27]:
        (folder / "in" / f"{name}.npy").write_bytes(f"no array: {name}".encode()[::-1])
    lines = call("apply", "-r", "in", "-o", "new/", *WORD).err.splitlines()
    told = [line for line in lines if line.startswith("lrn: error: ")]
    assert [bool(re.match(r"lrn: error: \d+ more like", line)) for line in told] == [False, False, True, True, False]
    assert ": in/a11.npy, in/a12.npy, in/a13.npy, ... (-v says all)" in told[2]
    assert told[3].endswith(": in/a26.npy")
    assert lines[-3] == "lrn: 13 of 30 inputs done: NCHW with 6 channels"
    every = call("apply", "-r", "in", "-o", "more/", "-v", *WORD).err
    assert every.count("lrn: error: in/") == 17


def test_a_long_run_with_bad_and_finished_inputs_ends_in_a_page_that_is_right(tmp_path: Path, call: Run) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    small = np.ones((2, 3, 3), "f4")
    for number in range(400):
        np.save(tmp_path / "in" / f"{number:03}.npy", small if number else np.ones((4, 3, 3), "f4"))
    for number in range(100, 220):
        np.save(tmp_path / "out" / f"{number:03}.npy", small)
    for number in range(220, 232):
        (tmp_path / "in" / f"{number}.npy").write_bytes([b"", b"text", b"\x93NUMPY\x01\0"][number % 3])
    words = ("apply", "-r", "in", "-o", "out", "--skip-existing", "-j", "1", *WORD)
    ended = call(*words)
    lines = ended.err.splitlines()
    assert len(lines) < 20
    assert ended.code == 2
    assert lines[-3:-1] == [
        "lrn: 268 of 400 inputs done: 267 CHW with 2 channels, 1 CHW with 4 channels (in/000.npy)",
        "lrn: error: 12 of 400 inputs failed, 120 skipped",
    ]
    named = re.findall(r"in/(\d+)\.npy", " ".join(line for line in lines[:-3] if "more like" in line))
    assert {int(name) for name in named} == set(range(220, 232))
    rows = [json.loads(line) for line in call(*words, "--json").out.splitlines()]
    assert sum(row.get("skipped", False) for row in rows) == 388
    assert sum("error" in row for row in rows) == 12


def test_the_closing_line_shows_the_odd_ones_out(folder: Path, call: Run) -> None:
    np.save(folder / "in" / "b.npy", np.arange(10))
    for name in ("c", "d"):
        np.save(folder / "in" / f"{name}.npy", X[:, :5])
    ended = call("apply", "-r", "in", "-o", "new/", *WORD)
    groups = "30 NCHW with 6 channels, 2 NCHW with 5 channels, 1 C with 10 channels (in/b.npy)"
    assert ended.err.splitlines()[-1] == f"lrn: 33 of 33 inputs done: {groups}"


# (shape, convention, what it looks like or nothing)
SHAPES = [
    ((1, 28, 28, 32), "caffe", "NHWC"),
    ((1, 32, 28, 28), "caffe", None),
    ((1, 32, 28, 28), "tf", "NCHW"),
    ((1, 28, 28, 32), "tf", None),
    ((28, 28, 1), "caffe", "HWC"),
    ((2, 480, 640, 3), "caffe", "NHWC"),
    ((2, 3, 480, 640), "tf", "NCHW"),
    ((2, 3, 480, 640), "caffe", None),
    ((2, 96, 27, 30), "caffe", None),
    ((4, 4, 4, 4), "caffe", None),
    ((2, 9, 9, 9, 64), "pytorch:size=5", "NDHWC"),
    ((5, 7), "caffe", None),
    ((2, 7, 9), "pytorch:size=5", None),
]


@pytest.mark.parametrize(("shape", "convention", "other"), SHAPES)
def test_a_layout_that_the_shape_speaks_against_is_doubted_and_a_flag_settles_it(
    shape: tuple[int, ...], convention: str, other: str | None, call: Run
) -> None:
    np.save("x.npy", np.ones(shape, "f4"))
    taken = call("apply", "x.npy", "-o", "y.npy", "-c", convention).err
    planned = call("apply", "x.npy", "-o", "z.npy", "-c", convention, "--dry-run").err
    assert ("looks like" in taken, "looks like" in planned) == (other is not None, other is not None)
    if other is None:
        return
    assert f"looks like {other}, taken as" in taken
    for layout in re.findall(r"--layout (\w+)", taken):
        settled = call("apply", "x.npy", "-o", f"{layout}.npy", "-c", convention, "--layout", layout)
        assert "warning" not in settled.err
        expected = normalize(np.ones(shape, "f4"), convention, layout=layout)
        np.testing.assert_array_equal(np.load(f"{layout}.npy"), expected)


# (array, whether it looks like labels)
VECTORS = [
    (np.arange(10), True),
    (np.arange(10, dtype="u1"), True),
    (np.zeros(4, bool), True),
    (np.arange(10.0), False),
    (np.arange(12).reshape(3, 4), False),
    (np.array([7]), False),
]


@pytest.mark.parametrize(("array", "labels"), VECTORS)
def test_a_vector_of_integers_is_doubted(array: np.ndarray, labels: bool, call: Run) -> None:
    np.save("x.npy", array)
    assert ("look like labels" in call("apply", "x.npy", "-o", "y.npy", *WORD).err) == labels
    if labels:
        assert "warning" not in call("apply", "x.npy", "-o", "z.npy", "--layout", "C", *WORD).err


# (what is chosen, which files)
CHOICES = [
    ("--exclude labels.npy", ["x.npy", "a/x.npy", "a/val/x.npy"]),
    ("--exclude val", ["labels.npy", "x.npy", "a/x.npy"]),
    ("--exclude val/ --exclude lab*", ["x.npy", "a/x.npy"]),
    ("--include a", ["a/x.npy", "a/val/x.npy"]),
    ("--include a/*.npy", ["a/x.npy"]),
    ("--include **/x.npy --exclude a/val", ["x.npy", "a/x.npy"]),
    ("--include l* --include val", ["labels.npy", "a/val/x.npy"]),
]


@pytest.mark.parametrize(("words", "files"), CHOICES)
def test_files_of_a_folder_are_chosen_by_their_names(words: str, files: list[str], tmp_path: Path, call: Run) -> None:
    (tmp_path / "in" / "a" / "val").mkdir(parents=True)
    for place in ("labels.npy", "x.npy", "a/x.npy", "a/val/x.npy"):
        np.save(tmp_path / "in" / place, X)
    assert call("apply", "-r", "in", *words.split(), "-o", "out/", *WORD).code == 0
    assert {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.npy")} == {*files}
    rows = call("info", "-r", "in", *words.split()).out.decode().splitlines()[1:]
    assert [row.split("\t")[0] for row in rows] == sorted(f"in/{file}" for file in files)


def test_what_chooses_nothing_is_refused(folder: Path, call: Run) -> None:
    call("apply", "-r", "in", "-o", "new/", "--include", "*.h5", *WORD).assert_refused("chosen by --include '*.h5'")
    call("apply", "in/a1.npy", "-o", "y.npy", "--exclude", "b*", *WORD).assert_refused(
        "--exclude 'b*' chooses among the files of folders", "hint: -r --exclude 'b*'"
    )


@pytest.mark.parametrize("output", ["no/where/{stem}.npy", "no/where/"])
def test_a_missing_folder_is_said_once_and_before_anything_is_done(output: str, folder: Path, call: Run) -> None:
    ended = call("apply", "-r", "in", "-o", output, *WORD)
    ended.assert_refused(f"{output}: there is no folder no", "hint: mkdir -p no/where")


def test_the_input_is_named_where_it_would_be_replaced(folder: Path, call: Run) -> None:
    word = "in/a1.npy"
    call("apply", word, "-o", word, *WORD).assert_refused(
        f"{word}: is there already, and is not replaced without --force: it is the input itself",
        "hint: another name behind -o, or --force",
    )
    (folder / "link.npy").symlink_to(folder / word)
    call("apply", word, "-o", "link.npy", *WORD).assert_refused("it is the input itself")
    forced = call("apply", word, "-o", word, "--force", *WORD)
    assert "lrn: warning: in/a1.npy: the result takes its input's place" in forced.err
    assert "takes" not in call("apply", "in/a2.npy", "-o", "out/a2.npy", "--force", *WORD).err
