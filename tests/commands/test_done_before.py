"""--skip-existing in files of several tensors: what is there of the outputs is left alone, the rest is done."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.arithmetic.exact import formula
from tests.conftest import Run

X = {
    name: np.random.default_rng(number).standard_normal((2, 6, 3, 4)).astype("f4") for number, name in enumerate("abc")
}
SKIP = ("-c", "caffe:local_size=3,alpha=3", "--skip-existing")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        for name, values in X.items():
            file[name] = values
    np.savez(tmp_path / "x.npz", a=X["a"], b=X["b"], c=X["c"])
    return tmp_path


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an archive, or of a group `n`."""
    if path.suffix == ".npz":
        with np.load(path) as archive:
            return dict(archive)
    with h5py.File(path) as file:
        return {name: dataset[...] for name, dataset in file["n"].items()}


@pytest.mark.parametrize("suffix", [".h5", ".npz"])
def test_of_several_tensors_those_that_are_missing_are_added(suffix: str, folder: Path, call: Run) -> None:
    name = "n/" if suffix == ".h5" else ""
    old, template = folder / f"old{suffix}", f"old{suffix}::{name}{{member}}"
    if suffix == ".h5":
        with h5py.File(old, "w") as file:
            file["n/b"] = np.zeros(3)
    else:
        np.savez(old, b=np.zeros(3))
    ended = call("apply", f"x{suffix}::*", "-o", template, *SKIP)
    assert ended.code == 0, ended.err
    assert f"old{suffix} is there already, skipped" in ended.err
    assert "2 of 3 inputs done, 1 skipped" in ended.err
    found = read(old)
    np.testing.assert_array_equal(found["b"], np.zeros(3))
    for member in "ac":
        exact = formula(X[member], {1: (1, 1)}, scale=1, bias=1, beta=0.75)
        np.testing.assert_allclose(found[member], exact.astype("f8"), rtol=1e-6)
    again = call("apply", f"x{suffix}::*", "-o", template, *SKIP)
    assert "0 of 3 inputs done, 3 skipped" in again.err


def test_a_dataset_that_is_not_in_the_file_is_not_skipped(folder: Path, call: Run) -> None:
    with h5py.File(folder / "old.h5", "w") as file:
        file["other"] = np.zeros(3)
    assert call("apply", "x.h5::/a", "-o", "old.h5::/n/a", *SKIP).code == 0
    assert set(read(folder / "old.h5")) == {"a"}
