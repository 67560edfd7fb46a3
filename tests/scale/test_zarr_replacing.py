"""`--force` replaces stores, and nothing that somebody else has put into their folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrn_cli.errors import LrnError
from lrn_cli.tensors.arrays import ArraySource
from lrn_cli.tensors.formats.zarr import Zarr
from lrn_cli.tensors.replace import remove_unfinished
from lrn_cli.tensors.tensor import Writing
from tests.conftest import Run
from tests.scale.zarr_files import files, group, load, maps, store

FORCED = ("-c", "caffe", "--force")


@pytest.mark.parametrize(
    ("of_array", "version", "name"),
    [
        (True, 3, "NOTES.txt"),
        (True, 2, "NOTES.txt"),
        (True, 3, "c/7/table.csv"),
        (False, 3, "table.csv"),
        (False, 2, "sub/NOTES.txt"),
        (False, 3, "photos/1.jpg"),
        (False, 2, "a/table.csv"),
    ],
)
def test_what_is_no_part_of_a_store_is_not_replaced_with_it(
    call: Run, tmp_path: Path, of_array: bool, version: int, name: str
) -> None:
    store(tmp_path / "x.zarr")
    old = tmp_path / "old.zarr"
    if of_array:
        store(old, version)
    else:
        group(old, {"a": maps(), "sub/b": maps()}, version, consolidated=True)
    (old / name).parent.mkdir(exist_ok=True)
    (old / name).write_text("precious")
    before = files(tmp_path)
    ended = call("apply", "x.zarr", "-o", "old.zarr", *FORCED)
    ended.assert_refused("old.zarr: is not replaced, as ")
    assert name.partition("/")[0] in ended.err
    assert files(tmp_path) == before


def test_a_folder_that_only_looks_like_a_store_is_not_replaced(call: Run, tmp_path: Path) -> None:
    store(tmp_path / "x.zarr")
    (tmp_path / "old.zarr").mkdir()
    (tmp_path / "old.zarr" / "zarr.json").write_text("{}")
    (tmp_path / "old.zarr" / "precious").write_text("precious")
    call("apply", "x.zarr", "-o", "old.zarr", *FORCED).assert_refused("old.zarr: is not replaced, as not all in it")
    assert (tmp_path / "old.zarr" / "precious").exists()


def test_an_array_that_is_replaced_in_a_store_has_nothing_else_in_it(call: Run, tmp_path: Path) -> None:
    group(tmp_path / "x.zarr", {"a": maps(), "b": maps()})
    (tmp_path / "x.zarr" / "NOTES.txt").write_text("they stay, as the store does")
    assert call("apply", "x.zarr::/a", "-o", "x.zarr::/a", *FORCED).code == 0
    assert call("apply", "x.zarr::/a", "-o", "x.zarr", *FORCED).code == 0
    assert (tmp_path / "x.zarr" / "NOTES.txt").exists()
    (tmp_path / "x.zarr" / "a" / "NOTES.txt").write_text("precious")
    ended = call("apply", "x.zarr::/b", "-o", "x.zarr::/a", *FORCED)
    ended.assert_refused("x.zarr/a: is not replaced, as NOTES.txt in it is no part of a Zarr store")
    assert (load(tmp_path / "x.zarr", "b") == maps()).all()


def test_what_systems_leave_and_chunks_out_of_the_grid_go_with_the_store(call: Run, tmp_path: Path) -> None:
    store(tmp_path / "x.zarr")
    old = group(tmp_path / "old.zarr", {"a": maps()})
    for name in (".DS_Store", "a/.DS_Store", "a/c/9", "a/c/0/x.0123.partial"):
        (old / name).write_text("")
    assert call("apply", "x.zarr", "-o", "old.zarr", *FORCED).code == 0
    assert {name.partition("/")[0] for name in files(old)} == {"zarr.json", "c"}


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("member", ["", "/sub/a"])
def test_an_output_that_is_removed_while_it_is_written_does_not_appear_in_part(
    tmp_path: Path, member: str, force: bool
) -> None:
    x, path = maps(), tmp_path / "y.zarr"
    source = ArraySource(x)
    source.path = None
    (sink,) = Zarr().begin([Writing(path, member, x.shape, x.dtype, source, force=force)])
    box = tuple(slice(0, length) for length in x.shape)
    halves = [(slice(0, 2), *box[1:]), (slice(2, 4), *box[1:])]
    sink.write(halves[0], x[halves[0]])
    remove_unfinished(path, "*")
    with pytest.raises(LrnError), sink:
        sink.write(halves[1], x[halves[1]])
    assert [file.name for file in tmp_path.iterdir()] == []
