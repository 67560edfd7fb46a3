"""`lrn apply` over several datasets of a file: all in one new file, which keeps the rest, or each in one of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.arithmetic.exact import formula
from tests.conftest import Run
from tests.files.same import differences

WORD = ("-c", "caffe:local_size=3,alpha=0.5")
SHAPE = (2, 6, 4, 5)
X = np.random.default_rng(0).standard_normal(SHAPE)
MATCHED = ("/features/a", "/features/b", "/features/deep/c", "/other")
NEXT = ("/features/a", "/features/b")


def expected(x: NDArray[Any]) -> NDArray[Any]:
    """What the formula makes of a tensor whose channels are its second axis."""
    result: NDArray[Any] = formula(x, {1: (1, 1)}, scale=0.5 / 3, bias=1, beta=0.75).astype("f8")
    return result


def make(path: Path) -> Path:
    """Four datasets of numbers, stored in several ways, among what no name with wildcards stands for."""
    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["title"] = "features"
        file["time"] = np.arange(2.0)
        file["time"].make_scale("seconds")
        a = file.create_dataset("features/a", data=X.astype("f4"), chunks=(1, 6, 4, 5))
        b = file.create_dataset("features/b", data=(X * 2).astype("f4"), chunks=(1, 3, 4, 5), compression="gzip")
        for made in (a, b):
            made.dims[0].label = "T"
            made.dims[0].attach_scale(file["time"])
        a.attrs["beside"], b.attrs["units"] = b.ref, "mV"
        file["features/deep/c"] = X
        file["other"] = X.astype("f4")
        file["again"] = file["features/b"]
        file["soft"] = h5py.SoftLink("/features/a")
        file["features/number"], file["features/text"] = 3.0, "text"
        file["references"] = np.array([a.ref, file["other"].ref], h5py.ref_dtype)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """That file."""
    return make(tmp_path / "x.h5")


def check(old: Path, new: Path, names: tuple[str, ...] = MATCHED) -> None:
    """See that the new file has results under these names, and is the old one otherwise."""
    with h5py.File(old) as before, h5py.File(new) as after:
        for name in names:
            np.testing.assert_allclose(after[name][...], expected(before[name][...]), rtol=1e-6)
            assert after[name].dtype == before[name].dtype
            assert after[name].attrs["lrn_convention"] == "caffe"
        assert [name for name in MATCHED if "lrn_convention" in after[name].attrs] == list(names)
    assert differences(old, new, but=names) == []


# (what is typed behind ::, the datasets that are meant)
GLOBS = [
    ("*", MATCHED),
    ("/features/*", NEXT),
    ("features/*", NEXT),
    ("/features/**", MATCHED[:3]),
    ("/f*/[b-z]", NEXT[1:]),
    ("/?ther", MATCHED[3:]),
]


@pytest.mark.parametrize(("name", "meant"), GLOBS, ids=[name for name, _ in GLOBS])
@pytest.mark.parametrize("output", ["y.h5", "out/"])
def test_all_that_match_are_results_in_one_new_file_and_the_rest_is_kept(
    name: str, meant: tuple[str, ...], output: str, source: Path, call: Run
) -> None:
    ended = call("apply", f"x.h5::{name}", "-o", output, *WORD)
    assert ended.code == 0, ended.err
    check(source, source.parent / output / "x.h5" if output == "out/" else source.parent / output, meant)


NAMED = ["x.h5::/features/a x.h5::/features/b", "x.h5::/f*/a x.h5::/features/*", "x.h5::features/b x.h5::/soft"]


@pytest.mark.parametrize("words", NAMED)
def test_several_names_in_one_file_are_results_in_one_new_file_too(words: str, source: Path, call: Run) -> None:
    ended = call("apply", *words.split(), "-o", "y.h5", *WORD)
    assert (ended.code, ended.err) == (0, "lrn: 2 of 2 inputs done: NCHW with 6 channels\n")
    check(source, Path("y.h5"), NEXT)


@pytest.mark.parametrize("more", [("-j", 1), ("-j", 3, "--memory", "64K"), ("--debug",), ("--fsync",)])
def test_each_is_to_the_bit_what_it_is_by_itself(more: tuple[object, ...], source: Path, call: Run) -> None:
    assert call("apply", "x.h5::*", "-o", "y.h5", *WORD, *more).code == 0
    for at, name in enumerate(MATCHED):
        assert call("apply", f"x.h5::{name}", "-o", f"{at}.npy", *WORD).code == 0
        with h5py.File("y.h5") as made:
            assert made[name][...].tobytes() == np.load(f"{at}.npy").tobytes()


def test_the_input_may_be_the_output_which_is_replaced_only_by_force(source: Path, call: Run) -> None:
    old = source.with_name("old.h5")
    old.write_bytes(source.read_bytes())
    call("apply", "x.h5::*", "-o", "x.h5", *WORD).assert_refused("x.h5: is there already")
    assert source.read_bytes() == old.read_bytes()
    assert call("apply", "x.h5::*", "-o", "x.h5", "--force", *WORD).code == 0
    check(old, source)


def test_only_leaves_the_rest_out(source: Path, call: Run) -> None:
    assert call("apply", "x.h5::/features/*", "-o", "y.h5", "--only", *WORD).code == 0
    with h5py.File("y.h5") as made:
        assert (list(made), list(made["features"])) == (["features", "time"], ["a", "b"])
        assert [made[name].dims[0][0] == made["time"] for name in NEXT] == [True, True]
        assert made[made["features/a"].attrs["beside"]] == made["features/b"]


def test_a_template_gives_each_a_file_of_its_own(source: Path, call: Run) -> None:
    assert call("apply", "x.h5::*", "-o", "out/{stem}.{member}.npy", *WORD).code == 0
    names = [f"x{name.replace('/', '.')}.npy" for name in MATCHED]
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(names)
    for name, file in zip(MATCHED, names, strict=True):
        np.testing.assert_allclose(np.load(f"out/{file}"), expected(h5py.File(source)[name][...]), rtol=1e-6)


def test_a_template_with_a_dataset_adds_all_to_a_file_that_is_there(source: Path, call: Run) -> None:
    make(Path("old.h5"))
    names = ("/norm/features.a", "/norm/features.b")
    assert call("apply", "x.h5::/features/*", "-o", "old.h5::/norm/{member}", *WORD).code == 0
    (left,) = differences(source, Path("old.h5"), added=("/norm", *names))
    assert left.startswith("/time: attribute REFERENCE_LIST")  # the scale of the results, too
    with h5py.File("old.h5") as made:
        for old, new in zip(NEXT, names, strict=True):
            np.testing.assert_allclose(made[new][...], expected(made[old][...]), rtol=1e-6)
            assert made[new].dims[0][0] == made["time"]
    call("apply", "x.h5::/features/*", "-o", "old.h5::/norm/{member}", *WORD).assert_refused("is there already")


@pytest.mark.parametrize("words", [("in/x.h5", "in/z.h5"), ("in", "-r"), ("--files-from", "list")])
def test_dataset_names_them_in_each_of_many_files(words: tuple[str, ...], source: Path, call: Run) -> None:
    Path("in").mkdir()
    files = [make(Path("in") / name) for name in ("x.h5", "z.h5")]
    Path("list").write_text("in/x.h5\nin/z.h5\n")
    ended = call("apply", *words, "--dataset", "/features/*", "-o", "out/", *WORD)
    assert (ended.code, ended.err) == (0, "lrn: 4 of 4 inputs done: NCHW with 6 channels\n")
    assert sorted(path.name for path in Path("out").iterdir()) == ["x.h5", "z.h5"]
    for file in files:
        check(file, Path("out") / file.name, NEXT)
    assert call("apply", *words, "--dataset", "/f*/a", "-o", "{stem}-{member}.npy", *WORD).code == 0
    assert sorted(str(path) for path in Path().glob("*.npy")) == ["x-features.a.npy", "z-features.a.npy"]


def test_arrays_of_an_archive_are_several_too(tmp_path: Path, call: Run) -> None:
    np.savez(tmp_path / "z.npz", a=X.astype("f4"), b=X, n=np.float32(3), t=np.array("text"))
    assert call("apply", "z.npz::*", "-o", "y.h5", *WORD).code == 0
    assert call("apply", "z.npz::*", "-o", "{member}.npy", *WORD).code == 0
    with h5py.File("y.h5") as made:
        assert list(made) == ["a", "b"]
        for name in made:
            np.testing.assert_allclose(made[name][...], expected(X), rtol=3e-6)
            assert made[name][...].tobytes() == np.load(f"{name}.npy").tobytes()


@pytest.mark.parametrize("name", ["[ab]", "a*"])
def test_a_dataset_of_that_very_name_is_meant_before_those_that_match(name: str, tmp_path: Path, call: Run) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a"], file["ab"], file["b"], file["["] = X, X, X, X
        file["to"] = X * 3
        if name == "a*":
            file[name] = h5py.SoftLink("/to")
        else:
            file[name] = X * 3
    assert call("apply", f"x.h5::{name}", "-o", "y.npy", *WORD).code == 0
    np.testing.assert_allclose(np.load("y.npy"), expected(X * 3), rtol=1e-6)


@pytest.mark.parametrize("name", ["x.h5", "x.npz"])
def test_many_tensors_need_no_more_descriptors_than_a_few(name: str, tmp_path: Path, call: Run) -> None:
    resource = pytest.importorskip("resource", reason="only Unix limits descriptors")
    tensors = {f"{at:03}": np.full((1, 3, 2), at, "f4") for at in range(120)}
    np.savez(tmp_path / "x.npz", **tensors)  # type: ignore[arg-type]
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.update(tensors)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 40, hard))
    try:
        ended = call("apply", f"{name}::*", "-o", "y.h5", "--debug", "--layout", "NCH", *WORD)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert ended.code == 0, ended.err
    with h5py.File("y.h5") as made:
        last = made["119"][...]
    np.testing.assert_allclose(last, expected(np.full((1, 3, 2), 119.0)), rtol=1e-6)
