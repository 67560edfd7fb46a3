"""Files that other tools wrote: each tool still reads what `lrn apply` made of its file, and nothing else changed."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Request
from lrn_cli.tensors.listing import list_file
from lrn_cli.tensors.tensor import Reading
from tests.conftest import Run
from tests.files.dump import dump_differences, installed
from tests.files.kept_files import FOLDER
from tests.files.made import Made, Seen, made
from tests.files.plain_files import of_every_type, seen_by_h5py
from tests.files.same import attribute_facts, differences, first_name
from tests.files.samples import sample_names

CONVENTION = "tf:depth_radius=1"
KINDS = made()


class Case(NamedTuple):
    """A file of a kind, and what its own library saw in it when it was made."""

    kind: Made
    path: Path
    seen: Seen
    normalized: NDArray[Any]


def apply(source: object, output: object, **asked: Any) -> None:
    """`lrn apply` without a process of its own."""
    with Plan(Request(str(source), str(output), bound(CONVENTION), axis=-1, threads=1, **asked)) as plan:
        plan.run()


def need(kind: Made) -> None:
    """Skip where a library of this kind is not installed."""
    for name in kind.needs:
        pytest.importorskip(name, reason=f"{kind.name} needs {name}: pip install '.[test-files]'")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files are, each written once."""
    return tmp_path_factory.mktemp("foreign")


@cache
def prepare(kind: Made, folder: Path) -> Case:
    """Write a file of a kind, and look at it, once for all tests."""
    path = folder / f"{KINDS.index(kind)}{kind.suffix}"
    kind.write(path)
    with h5py.File(path) as file:
        np.save(folder / "x.npy", file[kind.member][...])
    apply(folder / "x.npy", folder / "y.npy", force=True)
    return Case(kind, path, kind.read(path), np.load(folder / "y.npy"))


@pytest.fixture(params=KINDS, ids=[kind.name for kind in KINDS])
def case(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Case:
    """A copy of each file."""
    kind: Made = request.param
    need(kind)
    prepared = prepare(kind, folder)
    path = tmp_path / f"x{kind.suffix}"
    shutil.copy(prepared.path, path)
    return prepared._replace(path=path)


def assert_same_but_the_tensor(case: Case, old: Path, new: Path) -> None:
    """Check the new file by three witnesses: the comparison, h5dump, and the library that owns the format."""
    assert_nothing_else_changed(case, old, new)
    assert_numbers(case, new, case.kind.member)


def assert_nothing_else_changed(case: Case, old: Path, new: Path) -> None:
    """Check all but the tensor's numbers."""
    assert differences(old, new, but=(case.kind.member,)) == []
    if installed():
        assert dump_differences(old, new, but=(first_name(old, case.kind.member),)) == []
    assert case.kind.read(new).rest == case.seen.rest


def assert_numbers(case: Case, path: Path, member: str) -> None:
    """Check that the tensor is what the same numbers give as .npy, bit for bit."""
    with h5py.File(path) as file:
        result = file[member][...]
    assert result.dtype.newbyteorder("=") == case.normalized.dtype.newbyteorder("=")
    np.testing.assert_array_equal(result, case.normalized)


def test_a_file_in_which_the_tensor_alone_was_overwritten_passes(case: Case, tmp_path: Path) -> None:
    new = tmp_path / f"new{case.kind.suffix}"
    shutil.copy(case.path, new)
    with h5py.File(new, "r+") as file:
        tensor = file[case.kind.member]
        if tensor.is_virtual:
            pytest.skip("what is written to a virtual dataset goes to its sources")
        tensor[...] = np.round(case.normalized).astype(tensor.dtype)
        tensor.attrs["lrn_version"] = "1"
    assert_nothing_else_changed(case, case.path, new)


def test_a_new_file_has_all_of_the_old_one_but_the_tensor(case: Case, tmp_path: Path) -> None:
    new = tmp_path / f"new{case.kind.suffix}"
    apply(f"{case.path}::{case.kind.member}", new, output_format="h5")
    assert_same_but_the_tensor(case, case.path, new)


def test_a_file_that_is_replaced_by_itself_loses_nothing(case: Case, tmp_path: Path) -> None:
    old = tmp_path / f"old{case.kind.suffix}"
    shutil.copy(case.path, old)
    apply(f"{case.path}::{case.kind.member}", case.path, output_format="h5", force=True)
    assert_same_but_the_tensor(case, old, case.path)


def test_an_output_is_as_good_an_input_as_the_file_it_was_made_from(case: Case, tmp_path: Path) -> None:
    once, twice = (tmp_path / f"{name}{case.kind.suffix}" for name in ("once", "twice"))
    apply(f"{case.path}::{case.kind.member}", once, output_format="h5")
    assert [info.member for info in list_file(str(once), Reading()).tensors if "damaged" in info.filters] == []
    apply(f"{once}::{case.kind.member}", twice, output_format="h5")
    assert differences(once, twice, but=(case.kind.member,)) == []
    assert case.kind.read(twice).rest == case.seen.rest


def without_owners(facts: Any) -> Any:
    """Facts without the names of committed types, which are objects of the old file and not in the new one."""
    if isinstance(facts, dict):
        return {about: without_owners(fact) for about, fact in facts.items()}
    if isinstance(facts, tuple):
        return tuple(
            without_owners(fact) for fact in facts if not (isinstance(fact, tuple) and fact[:1] == ("committed",))
        )
    return facts


def test_the_tensor_alone_keeps_its_attributes(case: Case, tmp_path: Path) -> None:
    member = case.kind.member
    apply(f"{case.path}::{member}", tmp_path / "alone.h5", only=True)
    old, new = (attribute_facts(path, member, references=False) for path in (case.path, tmp_path / "alone.h5"))
    assert without_owners(new) == without_owners(old)
    assert_numbers(case, tmp_path / "alone.h5", member)


def test_a_tensor_that_joins_another_file_keeps_its_attributes_and_changes_nothing_there(
    case: Case, tmp_path: Path
) -> None:
    member = case.kind.member
    # Only files of HDF5 1.8 and later have attributes of more than 64 KiB.
    of_every_type(tmp_path / "other.h5", libver="v108" if "long" in case.kind.name else "earliest")
    shutil.copy(tmp_path / "other.h5", tmp_path / "before.h5")
    apply(f"{case.path}::{member}", f"{tmp_path / 'other.h5'}::/new")
    assert differences(tmp_path / "before.h5", tmp_path / "other.h5", added=("/new",)) == []
    old = attribute_facts(case.path, member, references=False)
    assert without_owners(attribute_facts(tmp_path / "other.h5", "/new", references=False)) == without_owners(old)
    rest = {
        name: text for name, text in seen_by_h5py(tmp_path / "other.h5").rest.items() if name.split("@")[0] != "new"
    }
    assert rest == seen_by_h5py(tmp_path / "before.h5").rest
    assert_numbers(case, tmp_path / "other.h5", "/new")


# One by one, so that a failure names what it is that is lost.
@pytest.mark.parametrize("name", sample_names())
def test_a_value_comes_along_as_it_is(name: str, tmp_path: Path) -> None:
    of_every_type(tmp_path / "old.h5", only=name)
    apply(f"{tmp_path / 'old.h5'}::/tensor", tmp_path / "new.h5")
    assert differences(tmp_path / "old.h5", tmp_path / "new.h5", but=["/tensor"]) == []


def test_what_has_no_tensor_in_it_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(LrnError):
        apply(FOLDER / "vlen.h5", tmp_path / "new.h5")
    assert list(tmp_path.iterdir()) == []


# A file of each library through the command itself, as a process: the kinds above are applied without.
@pytest.mark.parametrize(
    "name", ["netCDF4, texts", "xarray, h5netcdf", "PyTables, arrays", "pandas, fixed", "MATLAB 7.3"]
)
def test_the_command_does_what_its_parts_do(name: str, call: Run, tmp_path: Path) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    need(kind)
    old, new = (f"{word}{kind.suffix}" for word in ("old", "new"))
    kind.write(tmp_path / old)
    words = ("-c", CONVENTION, "--axis=-1", "--output-format", "h5")
    ended = call("apply", f"{old}::{kind.member}", "-o", new, *words)
    assert ended.code == 0, ended.err
    assert kind.read(tmp_path / new).rest == kind.read(tmp_path / old).rest
    listed = call("info", new)
    assert (listed.code, b"damaged" in listed.out) == (0, False)
