"""What does not need NumPy, h5py, Pillow or rich does not import them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HEAVY = ("numpy", "h5py", "PIL", "rich")

# Runs the command in this very process, and then says which of the heavy modules it has loaded.
PROGRAM = f"""
import sys
sys.argv = ["lrn", *sys.argv[1:]]
try:
    from lrn_cli.__main__ import main
    main()
finally:
    print("loaded:", *[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
"""


def loaded_by(*words: str, folder: Path, code: int = 0) -> set[str]:
    """The heavy modules that a run of the command has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == code, done.stderr
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("loaded:"))
    return set(line.split()[1:])


# (words, exit code)
LIGHT = [
    (["--help"], 0),
    (["--version"], 0),
    (["--version", "-v"], 0),
    (["apply", "--help"], 0),
    (["info", "--help"], 0),
    (["explain", "--help"], 0),
    (["translate", "--help"], 0),
    (["compare", "--help"], 0),
    (["identify", "--help"], 0),
    (["translate", "caffe", "--to", "tf"], 0),
    (["apply", "--colour"], 2),
    (["apply"], 2),
    (["appl"], 2),
]


@pytest.mark.parametrize(("words", "code"), LIGHT)
def test_help_version_and_usage_errors_import_nothing_heavy(words: list[str], code: int, tmp_path: Path) -> None:
    assert loaded_by(*words, folder=tmp_path, code=code) == set()


@pytest.mark.parametrize("words", [["apply", "x.npy", "-o", "y.npy"], ["info", "x.npy"], ["info", "x.npz"]])
def test_numpys_files_need_only_numpy(words: list[str], tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 2, 3, 4), "f4"))
    np.savez(tmp_path / "x.npz", a=np.ones(3))
    assert loaded_by(*words, folder=tmp_path) == {"numpy"}


def test_importing_the_package_imports_nothing_heavy(tmp_path: Path) -> None:
    program = f"""
import sys, lrn_cli
from lrn_cli.conventions.registry import conventions
conventions()
print(*[name for name in {HEAVY} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


# (words, the files of frameworks that are read for them)
NAMED = [
    (["apply", "x.npy", "-o", "y.npy"], {"tf"}),
    (["apply", "x.npy", "-o", "y.npy", "-c", "caffe", "--local-size", "3"], {"caffe"}),
    (["apply", "x.npy", "-o", "y.npy", "-c", "TensorFlow"], {"tf"}),
    (["apply", "x.npy", "-o", "y.npy", "-c", "opencv-tf"], {"opencv"}),
    (["apply", "x.npy", "-o", "y.npy", "-c", "bigdl"], {"caffe"}),
    (["translate", "caffe", "--local-size", "3", "--to", "tf"], {"caffe", "tf"}),
]


@pytest.mark.parametrize(("words", "files"), NAMED)
def test_only_the_files_of_the_frameworks_that_are_named_are_read(
    words: list[str], files: set[str], tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 4, 3, 8), "f4"))
    program = PROGRAM.replace(
        f"*[name for name in {HEAVY} if name in sys.modules]",
        "*[name.rpartition('.')[2] for name in sys.modules if '.frameworks.' in name]",
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("loaded:"))
    assert set(line.split()[1:]) == files


# The same, counting the files of the package of which any line runs.
COUNTING = """
import sys, threading
files = set()
def watch(frame, event, argument):
    files.add(frame.f_code.co_filename)
sys.settrace(watch)
threading.settrace(watch)
sys.argv = ["lrn", "apply", "x.npy", "-o", "y.npy"]
from lrn_cli.__main__ import main
try:
    main()
finally:
    sys.settrace(None)
    print(sum("/lrn_cli/" in file for file in files))
"""


@pytest.mark.parametrize("native", ["", "0"])
def test_the_first_use_runs_few_files(native: str, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 2, 3, 4), "f4"))
    done = subprocess.run(
        [sys.executable, "-c", COUNTING],
        cwd=tmp_path,
        env={**os.environ, "LRN_NATIVE": native},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 30 < int(done.stdout) <= 68
