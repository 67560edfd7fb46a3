"""Inputs that change while they are read, outputs that appear meanwhile, and what is said to be on the disk."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Request
from tests.conftest import Run
from tests.tensors.safetensors_files import safetensors

LRN = [sys.executable, "-m", "lrn_cli", "apply"]
X = np.random.default_rng(0).standard_normal((4, 6, 8, 5)).astype("f4")


def write(path: Path, values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    if path.suffix == ".npy":
        np.save(path, values)
    elif path.suffix == ".npz":
        np.savez(path, x=values)
    elif path.suffix == ".safetensors":
        path.write_bytes(safetensors({"x": values}))
    elif path.suffix == ".png":
        Image.fromarray((np.abs(values[0, :, :, :3]) * 80).astype(np.uint8)).save(path)
    else:
        with h5py.File(path, "w", locking=False) as file:
            file.create_dataset("x", data=values, chunks=(1, 6, 8, 5), compression="gzip")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(b"\0\0\0\0")


def replace(path: Path) -> None:
    write(path.with_name(f"new{path.suffix}"), X + 1)
    path.with_name(f"new{path.suffix}").replace(path)


@pytest.mark.parametrize("change", [cut, overwrite, replace])
@pytest.mark.parametrize("suffix", [".npy", ".npz", ".safetensors", ".h5", ".png"])
def test_an_input_that_changes_while_it_is_read_gives_no_mixture(
    suffix: str, change: Callable[[Path], None], tmp_path: Path
) -> None:
    path, output = tmp_path / f"x{suffix}", tmp_path / "y.npy"
    write(path, X)
    request = Request(str(path), str(output), bound("tf:depth_radius=1"), axis=-1, threads=1)
    with Plan(request) as plan:
        plan.run()
    whole = output.read_bytes()
    output.write_bytes(b"old")
    with Plan(request._replace(force=True)) as plan:
        time.sleep(0.01)  # clocks of file systems tick slowly
        change(path)
        try:
            plan.run()
        except LrnError as error:
            assert "\n" not in error.message  # noqa: PT017
            assert output.read_bytes() == b"old"
        else:
            # A file that was replaced is still there for those who have opened it.
            assert change is replace
            assert suffix in (".npy", ".npz", ".safetensors")
            assert output.read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_an_output_that_appears_between_the_check_and_the_write_survives(tmp_path: Path) -> None:
    for suffix in (".npy", ".npz", ".safetensors", ".h5", ".png"):
        np.save(tmp_path / "x.npy", np.abs(X[0, :, :, :3]))
        output = tmp_path / f"y{suffix}"
        request = Request(str(tmp_path / "x.npy"), str(output), bound("tf:depth_radius=1"), axis=-1)
        with Plan(request) as plan:
            output.write_bytes(b"another's")
            with pytest.raises(LrnError, match="is not replaced without --force"):
                plan.run()
        assert output.read_bytes() == b"another's"
        output.unlink()
        assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]


@pytest.mark.parametrize("suffix", [".npy", ".h5"])
def test_of_runs_to_one_output_exactly_one_wins_and_the_others_say_so(suffix: str, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    runs = [
        subprocess.Popen([*LRN, "x.npy", "-o", f"y{suffix}", "-c", "tf", "-q"], cwd=tmp_path, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [run.communicate(timeout=60)[1] for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 2, 2, 2]
    assert sum(b"without --force" in text for text in said) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.npy", f"y{suffix}"]


def test_of_runs_that_add_to_one_file_none_loses_what_another_has_added(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    for _ in range(2):
        write(tmp_path / "y.h5", X)
        runs = {
            name: subprocess.Popen(
                [*LRN, "x.npy", "-o", f"y.h5::/{name}", "-c", "tf", "-q"], cwd=tmp_path, stderr=subprocess.PIPE
            )
            for name in "abcd"
        }
        said = {name: run.communicate(timeout=60)[1] for name, run in runs.items()}
        added = {name for name, run in runs.items() if run.returncode == 0}
        assert added
        assert all(b"y.h5: the file was changed while" in said[name] for name in runs if name not in added), said
        with h5py.File(tmp_path / "y.h5") as file:
            assert set(file) == {"x", *added}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.npy", "y.h5"]


def test_what_another_program_writes_to_a_file_that_is_added_to_is_not_lost(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    write(tmp_path / "y.h5", X)
    request = Request(str(tmp_path / "x.npy"), str(tmp_path / "y.h5::/n"), bound("tf:depth_radius=1"), axis=-1)
    with Plan(request) as plan:

        def advanced(_: int) -> None:
            with h5py.File(tmp_path / "y.h5", "a") as file:
                file.require_group("another's")

        with pytest.raises(LrnError, match="was changed"):
            plan.run(advanced)
    with h5py.File(tmp_path / "y.h5") as file:
        assert set(file) == {"x", "another's"}


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".safetensors", ".h5", ".png"])
@pytest.mark.parametrize("force", [True, False])
def test_with_fsync_the_file_is_on_the_disk_before_its_name_and_the_name_before_success(
    suffix: str, force: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    output = tmp_path / f"y{suffix}"

    def synced(descriptor: int) -> None:
        folder = Path(f"/proc/self/fd/{descriptor}").resolve() == tmp_path
        named = output.exists() and output.read_bytes() != b"old"
        events.append(f"{'folder' if folder else 'file'} {'after' if named else 'before'}")

    np.save(tmp_path / "x.npy", np.abs(X[0, :, :, :3]))
    if force:
        output.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", synced)
    request = Request(str(tmp_path / "x.npy"), str(output), bound("tf"), axis=-1, fsync=True, force=force)
    with Plan(request) as plan:
        plan.run()
    assert events == ["file before", "folder after"]


def test_what_a_killed_run_has_left_does_not_hinder_the_next(tmp_path: Path, call: Run) -> None:
    np.save(tmp_path / "x.npy", X)
    (tmp_path / "y.npy").write_bytes(b"old")
    (tmp_path / ".y.npy.0123456789abcdef.1.00000000.lrn-partial").write_bytes(b"half")
    assert call("apply", "x.npy", "-o", "y.npy", "--force", "-c", "tf", "-q").code == 0
    assert np.load(tmp_path / "y.npy").shape == X.shape


def test_a_signal_that_comes_while_an_object_is_let_go_of_is_not_lost() -> None:
    program = """
import os, signal, sys, time, weakref
from lrn_cli.commands.terminal.exits import run

class Thing:
    pass

def work():
    thing = Thing()
    kept = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGTERM))
    del thing
    time.sleep(20)

sys.exit(run(work, debug=False))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=15)
    assert (done.returncode, done.stderr) == (143, "")
