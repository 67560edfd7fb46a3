"""Many jobs that know nothing of each other share a list: the way without a cluster's own software."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from lrn_cli import normalize

X = np.random.default_rng(0).standard_normal((1, 8, 4, 5)).astype("f4")


def test_parts_of_a_list_side_by_side_find_every_output_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    names = [f"in/{number:02}.npy" for number in range(50)]
    for name in names:
        np.save(tmp_path / name, X)
    (tmp_path / "list").write_text("\n".join(names) + "\n")
    lrn = f'"{sys.executable}" -m lrn_cli'
    words = "apply --files-from - -o out/ -c caffe:alpha=0.5 --skip-existing"
    jobs = [
        subprocess.Popen(
            ["bash", "-c", f"split -n r/{part}/3 list | {lrn} {words}"], cwd=tmp_path, stderr=subprocess.PIPE
        )
        for part in (1, 2, 3)
    ]
    said = [job.communicate(timeout=60)[1].decode() for job in jobs]
    assert [job.returncode for job in jobs] == [0, 0, 0]
    assert [line.split(" inputs")[0] for line in said] == ["lrn: 17 of 17", "lrn: 17 of 17", "lrn: 16 of 16"]
    expected = normalize(X, "caffe", alpha=0.5)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [Path(name).name for name in names]
    assert all(np.array_equal(np.load(path), expected) for path in (tmp_path / "out").iterdir())
