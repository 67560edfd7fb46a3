"""Many jobs that know nothing of each other share a list: the lines of README that need no cluster's own software."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from tests.scale.clusters import ROOT

X = np.random.default_rng(0).standard_normal((1, 8, 4, 5)).astype("f4")
README = (ROOT / "README.md").read_text()
SNAKEFILE = """
rule all:
    input: expand("out/{{name}}.npy", name=[f"{{n:02}}" for n in range(6)])
rule normalize:
    input: "in/{{name}}.npy"
    output: "out/{{name}}.npy"
    {shell}
"""


def line(beginning: str) -> str:
    """The line of README that begins so."""
    return next(line for line in README.splitlines() if line.startswith(beginning))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fifty tensors, a list of them, a folder for results, and `lrn` among the commands."""
    for name in ("in", "out", "bin"):
        (tmp_path / name).mkdir()
    names = [f"in/{number:02}.npy" for number in range(50)]
    for name in names:
        np.save(tmp_path / name, X)
    (tmp_path / "list").write_text("\n".join(names) + "\n")
    command = tmp_path / "bin" / "lrn"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lrn_cli "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def assert_all_done(folder: Path, count: int = 50) -> None:
    """Check that each of the first so many has its result, and that nothing else is there."""
    assert sorted(path.name for path in (folder / "out").iterdir()) == [f"{number:02}.npy" for number in range(count)]
    expected = normalize(X, "caffe")
    assert all(np.array_equal(np.load(path), expected) for path in (folder / "out").iterdir())


def test_parts_of_a_list_side_by_side_find_every_output_once(folder: Path) -> None:
    words = line("split -n r/$SLURM_ARRAY_TASK_ID/100").replace("/100 ", "/3 ")
    jobs = [
        subprocess.Popen(
            ["bash", "-c", words],
            cwd=folder,
            env={**os.environ, "SLURM_ARRAY_TASK_ID": str(part)},
            stderr=subprocess.PIPE,
        )
        for part in (1, 2, 3)
    ]
    said = [job.communicate(timeout=60)[1].decode() for job in jobs]
    assert [job.returncode for job in jobs] == [0, 0, 0]
    assert [line.split(" inputs")[0] for line in said] == ["lrn: 17 of 17", "lrn: 17 of 17", "lrn: 16 of 16"]
    assert_all_done(folder)


def test_gnu_parallel_deals_a_list_out(folder: Path) -> None:
    if shutil.which("parallel") is None:
        pytest.skip("GNU parallel is not installed")
    ended = subprocess.run(
        ["bash", "-c", line("parallel -j 8 -m")], cwd=folder, check=True, timeout=60, stderr=subprocess.PIPE
    )
    assert len(re.findall("^lrn: . of . inputs done|^in/.* -> out/", ended.stderr.decode(), re.MULTILINE)) == 8
    assert_all_done(folder)


def test_a_rule_of_snakemake(folder: Path) -> None:
    if shutil.which("snakemake") is None:
        pytest.skip("Snakemake is not installed")
    shell = next(part for part in README.split("`") if part.startswith('shell: "lrn apply'))
    (folder / "Snakefile").write_text(SNAKEFILE.format(shell=shell))
    subprocess.run(["snakemake", "--cores", "2", "--quiet"], cwd=folder, check=True, timeout=120)
    assert_all_done(folder, 6)
