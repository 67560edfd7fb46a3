"""`lrn apply` does and says the same with one input as with each of several."""

from __future__ import annotations

import json
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from lrn_cli.conventions.binding import bound
from lrn_cli.pipeline.batch import Batch
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Input, Outcome, Request
from tests.conftest import Ended, Run

NAMES = ("a", "b", "d")
REPORT = "caffe local_size=5"
FORMULA = "lrn: y = x / (1 + 2e-05 * sum of x^2 over c-2..c+2) ^ 0.75"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Each name in three formats, and as what is no tensor, beside a folder with an output for each that is there."""
    x = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
    (tmp_path / "there").mkdir()
    for name in NAMES:
        np.save(tmp_path / f"{name}.npy", x)
        np.save(tmp_path / f"{name}0.npy", np.zeros((1, 2, 3, 3), "f4"))
        np.save(tmp_path / "there" / f"{name}.npy", x)
        (tmp_path / f"{name}.txt").write_bytes(b"nothing")
        (tmp_path / f"{name}cut.npy").write_bytes((tmp_path / f"{name}.npy").read_bytes()[:-100])
        Image.fromarray(np.full((4, 5, 3), 90, "u1")).save(tmp_path / f"{name}.png")
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["t"] = x
    return tmp_path


def run(lrn: Run, names: tuple[str, ...], words: str) -> Ended:
    """A run of `words`, where @ stands for each of the names."""
    typed = [word.replace("@", name) for word in words.split() for name in (names if "@" in word else [""])]
    convention = [] if "-c" in words.split() else ["-c", "caffe:alpha=1e-4"]
    return lrn("apply", *typed, *convention)


def about_a(text: str) -> list[str]:
    """What is said of the first input or of no input by name, each line once, without how many were done."""
    others = re.compile(r"\b[bd](0|cut|-missing)?\.|of 3 inputs|lines above")
    return list(dict.fromkeys(line for line in text.splitlines() if not others.search(line)))


# (what is typed, the exit code, what stands in the lines of standard error about an input)
SAME = [
    ("@.npy -o new/ -v", 0, [REPORT, FORMULA]),
    ("@.npy -o {stem}.y.npy -v", 0, [REPORT, FORMULA]),
    ("@.h5 -o new/ -v", 0, [REPORT, FORMULA]),
    ("@.png -o new/ --output-format png --stretch -v", 0, [REPORT, FORMULA]),
    ("@.npy -o new/ --fsync -j 1 --memory 1M -v", 0, [REPORT, FORMULA]),
    ("@.npy -o new/ --debug -v", 0, [REPORT, FORMULA]),
    ("@.npy -o there/ --force -v", 0, [REPORT, FORMULA]),
    ("@0.npy -o new/ -v -c caffe:k=0", 0, [REPORT, "over c-2..c+2", "values are NaN or infinite"]),
    ("@.npy -o new/ -v --json", 0, [FORMULA]),
    ("@.npy -o new/ -q", 0, []),
    ("@.npy -o new/ --dry-run", 0, []),
    ("@.npy -o new/ --dry-run --json", 0, []),
    ("@.npy -o there/ --skip-existing", 0, ["lrn: there/a.npy is there already, skipped"]),
    ("@.npy -o there/ --skip-existing --dry-run --json", 0, ["lrn: there/a.npy is there already, skipped"]),
    ("@.npy -o there/ --skip-existing -q", 0, []),
    ("@.npy -o there/", 2, ["lrn: error: there/a.npy: is there already", "hint: "]),
    ("@.npy -o there/ --dry-run", 2, ["lrn: error: there/a.npy: is there already", "hint: "]),
    ("@.txt -o new/", 2, ["lrn: error: a.txt: ", "hint: "]),
    ("@cut.npy -o new/", 2, ["lrn: error: acut.npy: ", "hint: "]),
    ("@-missing.npy -o new/", 2, ["lrn: error: a-missing.npy: ", "hint: "]),
    ("@.npy -o new/ --layout NHWCX", 2, ["lrn: error: a.npy: ", "hint: "]),
]


@pytest.mark.parametrize(("words", "code", "said"), SAME, ids=[words for words, _, _ in SAME])
def test_one_input_is_spoken_of_as_each_of_three(
    words: str, code: int, said: list[str], folder: Path, call: Run
) -> None:
    one = run(call, NAMES[:1], words)
    for made in (*(folder / "new").glob("*"), *folder.glob("*.y.npy")):
        made.unlink()
    many = run(call, NAMES, words)
    assert (one.code, many.code) == (code, code), (one.err, many.err)
    # One input's report has no flag; of several it is said with -v.
    short = [line for line in one.err.splitlines() if " -> " not in line or "-v" in words.split()]
    assert short == about_a(many.err)
    assert len(short) == len(said)
    assert [fragment for fragment, line in zip(said, short, strict=True) if fragment not in line] == []
    if code == 0:  # else one's error is all there is
        assert one.out.decode().splitlines() == about_a(many.out.decode())


def test_a_skipped_input_is_a_row_of_a_planned_run_too(folder: Path, call: Run) -> None:
    (folder / "there" / "b.npy").unlink()
    ended = run(call, NAMES, "@.npy -o there/ --skip-existing --dry-run --json")
    rows = {row["input"]: row.get("skipped", False) for row in map(json.loads, ended.out.splitlines())}
    assert rows == {"a.npy": True, "b.npy": False, "d.npy": True}


def test_debug_shows_where_each_of_several_failed(folder: Path, lrn: Run) -> None:
    assert run(lrn, NAMES[:1], "@.txt -o new/ --debug").err.count("Traceback") == 1
    assert run(lrn, NAMES, "@.txt -o new/ --debug").err.count("Traceback") == 3


# (what goes wrong without words of ours, what is said of it)
UNEXPECTED = [
    (MemoryError(), "a.npy: not enough memory"),
    (OSError(28, "No space left on device"), "a.npy: No space left on device"),
    (OSError(13, "Permission denied", "new"), "new: Permission denied"),
    (KeyError("window"), "a.npy: KeyError: 'window'"),
]


@pytest.mark.parametrize(("error", "said"), UNEXPECTED, ids=[said for _, said in UNEXPECTED])
@pytest.mark.parametrize("suffix", [".npy", ".h5"])
def test_what_goes_wrong_unexpectedly_has_the_same_words(
    error: Exception, said: str, suffix: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.chdir(folder)
    monkeypatch.setattr(Plan, "run", fail)
    one = ended(["a" + suffix], alone=True)[0]
    many = ended([name + suffix for name in NAMES])[0]
    assert one.error is not None
    assert many.error is not None
    assert (one.error.message, one.error.hint) == (many.error.message, many.error.hint)
    assert one.error.message == said.replace(".npy", suffix)


def ended(words: list[str], *, alone: bool = False) -> list[Outcome]:
    """How each input ends."""
    request = Request(source="", output="new/", bound=bound("caffe"))
    return list(Batch([Input(word) for word in words], request, alone=alone).run())
