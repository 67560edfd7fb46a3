"""Disks that are full, folders that refuse or vanish: one line, exit code 2, and the old output as it was."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.conftest import Run

LRN = [sys.executable, "-m", "lrn_cli", "apply"]
X = np.random.default_rng(0).standard_normal((16, 16, 64, 64)).astype("f4")  # 4 MiB
OUTPUTS = ("y.npy", "y.npz", "y.safetensors", "y.h5", "photo.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two inputs whose outputs take more room than there will be, and old outputs."""
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "photo.npy", np.random.default_rng(1).random((1000, 700, 3)).astype("f4"))
    return tmp_path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("to mount a small file system takes the rights of root")
    yield place
    subprocess.run(["umount", place], check=True)


def words(output: Path) -> list[str]:
    source = "photo.npy" if output.name == "photo.png" else "x.npy"
    return [source, "-o", str(output), "--axis=-1"]


def refused(output: Path, folder: Path, *more: str, before: Callable[[], None] | None = None) -> str:
    """The one line with which a run ends; its hint is looked at, too."""
    done = subprocess.run(
        [*LRN, *words(output), "-c", "tf", *more],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=before,
    )
    lines = done.stderr.splitlines()
    assert done.returncode == 2, done.stderr
    assert [line.partition(": ")[0] for line in lines] == ["lrn", "hint"], done.stderr
    return lines[0]


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_full_disk_leaves_the_old_output_and_nothing_else(name: str, folder: Path, small_disk: Path) -> None:
    (small_disk / name).write_bytes(b"old")
    line = refused(small_disk / name, folder, "--force")
    assert "free" in line or "No space left on device" in line
    assert {path.name: path.read_bytes() for path in small_disk.iterdir()} == {name: b"old"}


def test_a_disk_that_fills_up_on_the_way_leaves_the_old_output(folder: Path, small_disk: Path) -> None:
    with h5py.File(folder / "packed.h5", "w") as file:  # whose output is packed as well: how large it will be shows
        file.create_dataset("x", data=X, chunks=(1, 16, 64, 64), compression="lzf")
    (small_disk / "y.h5").write_bytes(b"old")
    command = [*LRN, "packed.h5", "-o", str(small_disk / "y.h5"), "--force", "-c", "tf"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "No space left on device" in done.stderr) == (2, True), done.stderr
    assert {path.name: path.read_bytes() for path in small_disk.iterdir()} == {"y.h5": b"old"}


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_quota_that_is_reached_leaves_the_old_output_and_nothing_else(name: str, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / name).write_bytes(b"old")
    line = refused(
        folder / "out" / name,
        folder,
        "--force",
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19)),
    )
    assert "File too large" in line
    assert {path.name: path.read_bytes() for path in (folder / "out").iterdir()} == {name: b"old"}


def test_a_full_device_is_named(folder: Path) -> None:
    assert "No space left on device" in refused(Path("/dev/full"), folder)


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_folder_that_may_not_be_written_to_is_refused(name: str, folder: Path) -> None:
    (folder / "out").mkdir(mode=0o555)
    # Root may write anywhere, unless that power is taken away.
    weak = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if weak and not shutil.which("setpriv"):
        pytest.skip("no way to do without the rights of root")
    done = subprocess.run(
        [*weak, *LRN, *words(folder / "out" / name), "-q"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written to" in done.stderr
    assert list((folder / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["y.npy", "y.npz", "y.safetensors", "y.h5"])
@pytest.mark.parametrize("force", [True, False])
def test_a_folder_that_is_removed_meanwhile_is_an_error(name: str, force: bool, folder: Path) -> None:
    (folder / "out").mkdir()
    os.mkfifo(folder / "pipe")
    more = ["--force"] if force else []
    process = subprocess.Popen(
        [*LRN, "pipe", "-o", f"out/{name}", "-c", "tf", "-q", *more],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    data = (folder / "x.npy").read_bytes()
    with (folder / "pipe").open("wb", buffering=0) as pipe:
        pipe.write(data[: len(data) // 2])
        time.sleep(0.2)
        shutil.rmtree(folder / "out")
        pipe.write(data[len(data) // 2 :])
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2, said
    assert said.startswith("lrn: error: ")
    assert "No such file or directory" in said
    assert not (folder / "out").exists()


@pytest.mark.parametrize("how", ["path", "hard link", "symbolic link"])
def test_the_input_may_be_the_output_and_is_lost_only_for_the_whole_result(how: str, folder: Path, lrn: Run) -> None:
    before = (folder / "x.npy").read_bytes()
    output = folder / {"path": "x.npy"}.get(how, "other.npy")
    if how == "hard link":
        os.link(folder / "x.npy", output)
    elif how == "symbolic link":
        output.symlink_to("x.npy")
    assert "is there already" in refused(output, folder)
    assert (folder / "x.npy").read_bytes() == before
    done = lrn("apply", "x.npy", "-o", output.name, "-c", "tf", "--axis=-1", "--force", "-q")
    assert done.code == 0, done.err
    assert output.read_bytes() != before
    # A name that is a hard link gets a file of its own; a symbolic link still leads to the file that was replaced.
    assert ((folder / "x.npy").read_bytes() == before) == (how == "hard link")


@pytest.mark.parametrize("words", [("x.npz", "y.npy"), ("-", "y.npy"), ("x.npz", "y.npz")])
def test_a_full_disk_for_temporary_copies_is_an_error(words: tuple[str, str], folder: Path, small_disk: Path) -> None:
    np.savez(folder / "x.npz", x=X)
    np.save(folder / "y.npy", X)
    np.savez(folder / "y.npz", y=X)
    command = [sys.executable, "-m", "lrn_cli", "identify", *words, "-q"]
    with (folder / "x.npy").open("rb") as stdin:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "TMPDIR": str(small_disk)},
        )
    assert done.returncode == 2, done.stderr
    assert "copy of what can be read only once cannot be written: No space left on device" in done.stderr
    assert list(small_disk.iterdir()) == []


def test_a_pipe_or_file_behind_standard_output_that_is_full_is_named(folder: Path) -> None:
    with (folder / "out").open("wb") as stdout:
        done = subprocess.run(
            [*LRN, "x.npy", "-o", "-", "-c", "tf", "-q"],
            cwd=folder,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19)),
        )
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        "lrn: error: standard output: cannot be written: File too large",
    )


@pytest.mark.parametrize("suffix", [".npy", ".h5", ".png"])
def test_a_name_as_long_as_names_may_be_is_replaced(suffix: str, folder: Path, lrn: Run) -> None:
    np.save(folder / "grey.npy", np.ones((4, 5, 1), "f4"))
    name = "漢" * ((255 - len(suffix)) // 3) + suffix
    for force in ((), ("--force",)):
        done = lrn("apply", "grey.npy", "-o", name, "-c", "tf", "--axis=-1", "-q", *force)
        assert done.code == 0, done.err
