"""HDF5: a file to which another program adds is read if that announced readers (SWMR), and is never replaced."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.conftest import Run

WRITER = """
import h5py, sys, time
with h5py.File("grows.h5", "w", libver="latest") as file:
    plain = file.create_dataset("plain", (0, 3, 4), "f4", maxshape=(None, 3, 4), chunks=(1, 3, 4))
    packed = file.create_dataset("packed", (0, 3, 4), "f4", maxshape=(None, 3, 4), chunks=(1, 3, 4), compression="gzip")
    file.swmr_mode = True
    for sample in range(100_000):
        for data in (plain, packed):
            data.resize(sample + 1, 0)
            data[sample] = sample + 1
            data.flush()
        if sample == 20:
            print("grows", flush=True)
        time.sleep(0.002)
"""
CRASHED = (
    "import h5py, os; file = h5py.File('grows.h5', 'w', libver='latest'); file['x'] = [1.0]; file.flush(); os._exit(1)"
)
IDENTITY = ("-c", "tf:alpha=0", "--axis", -1)


@pytest.fixture
def grows(tmp_path: Path) -> Iterator[Path]:
    """A file that a second process adds to all the time."""
    with subprocess.Popen([sys.executable, "-c", WRITER], cwd=tmp_path, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"grows\n"
        yield tmp_path / "grows.h5"
        assert writer.poll() is None, "the writer must not have been disturbed"
        writer.kill()


def test_a_growing_file_is_read_as_it_is_at_the_beginning(call: Run, grows: Path) -> None:
    for name in ("plain", "packed") * 3:
        done = call("apply", f"grows.h5::/{name}", "-o", "out.npy", "-f", *IDENTITY)
        assert done.code == 0, done.err
        numbers = np.load(grows.parent / "out.npy")
        assert len(numbers) > 20
        assert (numbers == np.arange(1, len(numbers) + 1)[:, None, None]).all()
    assert call("info", "grows.h5").code == 0


def test_a_growing_file_can_be_written_into_another(call: Run, grows: Path) -> None:
    assert call("apply", "grows.h5::/packed", "-o", "out.h5", *IDENTITY).code == 0
    with h5py.File(grows.parent / "out.h5") as made:
        assert made["packed"].compression == "gzip"
        for name in ("plain", "packed"):
            assert (made[name][:] == np.arange(1, len(made[name]) + 1)[:, None, None]).all()


@pytest.mark.parametrize("output", ["grows.h5", "grows.h5::/new"])
def test_a_growing_file_is_neither_replaced_nor_added_to(call: Run, grows: Path, output: str) -> None:
    call("apply", "grows.h5::/plain", "-o", output, "-f", *IDENTITY).assert_refused("is being written", "wait for the")
    np.save(grows.parent / "other.npy", np.ones((2, 3, 4), "f4"))
    if output != "grows.h5":
        call("apply", "other.npy", "-o", output, "-f", *IDENTITY).assert_refused("is being written", "wait for the")


def test_a_file_that_its_writer_left_open_is_not_read(call: Run, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", CRASHED], cwd=tmp_path, check=False)
    call("apply", "grows.h5", "-o", "out.npy", "-c", "tf").assert_refused(
        "is being written, or the program that wrote it crashed",
        "wait for the writer; h5clear -s grows.h5 only if it crashed",
    )


@pytest.mark.parametrize("grew", [False, True])
@pytest.mark.parametrize("user_block", [0, 1024])
def test_a_file_of_the_latest_kind_that_is_cut_off_is_refused_at_once(
    call: Run, tmp_path: Path, grew: bool, user_block: int
) -> None:
    whole = tmp_path / "whole.h5"
    with h5py.File(whole, "w", libver="latest", userblock_size=user_block) as made:
        for number in range(200):
            made[f"group/{number}"] = np.arange(100.0)
        if grew:
            made.swmr_mode = True
            made.flush()
            data = whole.read_bytes()
    data = data if grew else whole.read_bytes()
    (tmp_path / "cut.h5").write_bytes(data[: len(data) // 2])
    done = call("apply", "cut.h5::/group/7", "-o", "out.npy", *IDENTITY)
    assert done.code == 2
    assert grew or "ends early" in done.err
