"""HDF5: nothing leads into another file unless that was asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Reading
from tests.conftest import Run
from tests.tensors.hdf5_files import ALLOWED, FORMAT, Journey, open_dataset, read_all, refusal

SECRET = [7.0, 8.0, 9.0]


@pytest.fixture
def crafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with every way there is into another file."""
    monkeypatch.chdir(tmp_path)
    with h5py.File("secret.h5", "w") as made:
        made["group/x"] = np.array(SECRET, "f4")
        made["group/soft"] = h5py.SoftLink("/group/x")
    Path("secret.bin").write_bytes(np.array(SECRET, "f4").tobytes())
    path = tmp_path / "crafted.h5"
    layout = h5py.VirtualLayout((3,), "f4", maxshape=(None,))
    unlimited = h5py.h5s.UNLIMITED
    layout[:unlimited] = h5py.VirtualSource("secret.h5", "group/x", (3,), maxshape=(None,))[:unlimited]
    with h5py.File(path, "w") as made:
        made["file"] = h5py.ExternalLink("secret.h5", "/group/x")
        made["folder"] = h5py.ExternalLink("secret.h5", "/group")
        made["soft"] = h5py.SoftLink("/folder/x")
        made["softer"] = h5py.SoftLink("soft")
        made.create_virtual_dataset("virtual", layout)
        made.create_dataset("storage", (3,), "f4", external=[("secret.bin", 0, 12)])
    return path


WAYS = [
    ("/file", "/file is a link into another file, secret.h5::/group/x"),
    ("/folder/x", "/folder is a link into another file"),
    ("/folder/soft", "/folder is a link into another file"),
    ("/soft", "/folder is a link into another file"),
    ("/softer", "/folder is a link into another file"),
    ("/virtual", "is put together from other files, secret.h5"),
    ("/storage", "keeps its numbers in another file, secret.bin"),
]


@pytest.mark.parametrize(("member", "message"), WAYS)
def test_every_way_into_another_file_is_refused(crafted: Path, member: str, message: str) -> None:
    with pytest.raises(LrnError) as raised:
        open_dataset(crafted, member)
    assert message in refusal(raised.value)
    assert raised.value.hint == "--allow-external"


@pytest.mark.parametrize("member", [member for member, _ in WAYS])
def test_every_way_into_another_file_can_be_allowed(crafted: Path, member: str) -> None:
    assert read_all(crafted, member, ALLOWED).tolist() == SECRET


def test_a_listing_opens_no_other_file_and_says_where_numbers_are_elsewhere(crafted: Path) -> None:
    Path("secret.h5").unlink()
    Path("secret.bin").unlink()
    found = [(info.member, info.shape, info.filters) for info in FORMAT.describe(crafted, Reading())]
    assert found == [("/storage", (3,), ("external storage",)), ("/virtual", (3,), ("virtual",))]


def test_a_link_to_a_missing_file_is_an_error_even_if_allowed(crafted: Path) -> None:
    Path("secret.h5").unlink()
    with pytest.raises(LrnError) as raised:
        open_dataset(crafted, "/file", ALLOWED)
    assert "/file links to secret.h5::/group/x, which cannot be opened" in refusal(raised.value)


def test_soft_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "circle.h5"
    with h5py.File(path, "w") as made:
        made["a"] = h5py.SoftLink("/b")
        made["b"] = h5py.SoftLink("a")
    with pytest.raises(LrnError) as raised:
        open_dataset(path, "/a")
    assert "in a circle" in refusal(raised.value)


def test_nothing_is_written_through_a_link_into_another_file(crafted: Path) -> None:
    before = Path("secret.h5").read_bytes()
    with h5py.File("mine.h5", "w") as made:
        made["x"] = np.zeros(3, "f4")
    for member in ("/folder/new", "/file"):
        with pytest.raises(LrnError, match="link"):
            Journey().carry_dataset(Path("mine.h5"), "/x", crafted, member, force=True)
    assert Path("secret.h5").read_bytes() == before


def test_links_and_storage_elsewhere_are_copied_as_they_are(crafted: Path, tmp_path: Path) -> None:
    with h5py.File(crafted, "r+") as made:
        made["x"] = np.zeros(3, "f4")
    Path("secret.h5").unlink()
    Path("secret.bin").unlink()
    Journey().carry_dataset(crafted, "/x", tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as made:
        link = made.get("file", getlink=True)
        assert (link.filename, link.path) == ("secret.h5", "/group/x")
        assert made.get("softer", getlink=True).path == "soft"
        assert made["storage"].external == [("secret.bin", 0, 12)]
        assert made["virtual"].virtual_sources()[0].file_name == "secret.h5"
    assert not Path("secret.bin").exists()


@pytest.mark.parametrize("kind", [h5py.string_dtype(), h5py.vlen_dtype("u1")])
def test_a_virtual_dataset_of_texts_is_copied_without_a_look_into_its_sources(
    call: Run, tmp_path: Path, kind: Any
) -> None:
    os.mkfifo(tmp_path / "pipe.h5")  # whoever opens it waits for ever
    unlimited = h5py.h5s.UNLIMITED
    layout = h5py.VirtualLayout((3, 2), kind, maxshape=(None, 2))
    layout[:unlimited, :] = h5py.VirtualSource("pipe.h5", "texts", (3, 2), maxshape=(None, 2))[:unlimited, :]
    with h5py.File(tmp_path / "x.h5", "w") as made:
        made["x"] = np.ones(3, "f4")
        made.create_virtual_dataset("virtual", layout)
    assert call("apply", "x.h5::/x", "-o", "out.h5", "-c", "tf", "--axis", 0).code == 0
    with h5py.File(tmp_path / "out.h5") as copy:
        storage = h5py.h5d.open(copy.id, b"virtual").get_create_plist()
        assert storage.get_virtual_filename(0) == "pipe.h5"
        assert storage.get_virtual_vspace(0).get_simple_extent_dims(maxdims=True) == (unlimited, 2)


def test_an_allowed_dataset_of_another_file_is_written_as_a_dataset(crafted: Path, tmp_path: Path) -> None:
    with open_dataset(crafted, "/file", ALLOWED) as source:
        Journey().carry(source, tmp_path / "out.h5", times=2)
    with h5py.File(tmp_path / "out.h5") as made:
        assert made.get("file", getlink=True).__class__ is h5py.HardLink
        assert made["file"][:].tolist() == [14, 16, 18]
        assert made.get("folder", getlink=True).filename == "secret.h5"
