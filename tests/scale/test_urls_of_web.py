"""Files of web servers are read, whatever the server makes of it: right, or one line and nothing written."""

from __future__ import annotations

import io
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.conftest import Run
from tests.scale.stores import Web

CAFFE = ("-c", "caffe:local_size=3,alpha=1,beta=1,k=1")


def files(web: Web) -> None:
    """Have a server that has one array in two formats."""
    x = np.random.default_rng(0).normal(size=(4, 8, 5, 5)).astype("f4")
    array, dataset = io.BytesIO(), io.BytesIO()
    np.save(array, x)
    with h5py.File(dataset, "w") as file:
        file["conv1"] = x
    web.files |= {"x.npy": array.getvalue(), "x.h5": dataset.getvalue()}


@pytest.mark.parametrize("name", ["x.npy", "x.h5"])
@pytest.mark.parametrize("way", ["whole", "parts", "parts-and-more"])
def test_a_file_is_read_from_servers_that_know_of_parts_and_from_others(
    web: Web, call: Run, tmp_path: Path, way: str, name: str
) -> None:
    files(web)
    (tmp_path / name).write_bytes(web.files[name])
    assert call("apply", name, "-o", "local.npy", "--debug", *CAFFE).code == 0
    assert call("apply", f"{web.url}/{way}/{name}", "-o", "y.npy", "--debug", *CAFFE).code == 0
    assert (tmp_path / "y.npy").read_bytes() == (tmp_path / "local.npy").read_bytes()


def test_a_stream_of_no_announced_size_is_read_where_nothing_is_copied(web: Web, call: Run, tmp_path: Path) -> None:
    files(web)
    url = f"{web.url}/whole-of-no-size"
    assert call("apply", f"{url}/x.npy", "-o", "y.npy", *CAFFE).code == 0
    assert np.load(tmp_path / "y.npy").shape == (4, 8, 5, 5)
    call("apply", f"{url}/x.h5", "-o", "z.npy", *CAFFE).assert_refused("does not say how large it is", "curl -O")


# (way, the error)
MISBEHAVING = [
    ("whole-cut", "the server ended in the middle"),
    ("parts-cut", "the server ended in the middle"),
    ("parts-of-elsewhere", "the server sends another part than was asked for"),
    ("parts-of-much", "goes on behind its array"),
    ("denied", "access is denied"),
]


@pytest.mark.parametrize(("way", "message"), MISBEHAVING)
def test_a_server_that_does_not_keep_its_word_costs_nothing(
    web: Web, call: Run, tmp_path: Path, way: str, message: str
) -> None:
    files(web)
    call("apply", f"{web.url}/{way}/x.npy", "-o", "y.npy", *CAFFE).assert_refused(f"{web.url}/{way}/x.npy", message)
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_no_disk_has_is_refused_before_it_is_copied(web: Web, call: Run) -> None:
    files(web)
    ended = call("apply", f"{web.url}/parts-of-much/x.h5", "-o", "y.npy", *CAFFE)
    ended.assert_refused("a copy of it takes 100,000,000,000,000,000 bytes")


def test_a_file_that_is_replaced_while_it_is_read_is_refused(
    web: Web, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrn_cli.tensors.remote.blocks.BLOCK", 1000)
    files(web)
    ended = call("apply", f"{web.url}/parts-that-change/x.npy", "-o", "y.npy", *CAFFE)
    ended.assert_refused("the file was replaced while it was being read")


def test_what_is_secret_in_a_url_is_not_said(web: Web, call: Run) -> None:
    files(web)
    for way in ("denied", "parts-cut", "gone"):
        name = "gone.npy" if way == "gone" else "x.npy"
        ended = call("apply", f"{web.url}/{way}/{name}?Signature=secret", "-o", "y.npy", *CAFFE)
        assert (ended.code, "secret" in ended.err) == (2, False)
    assert call("apply", f"{web.url}/parts/x.npy?Signature=secret", "-o", "out.npy", *CAFFE).code == 0


def test_nothing_is_written_to_a_web_server_or_listed_there(web: Web, call: Run) -> None:
    files(web)
    x = f"{web.url}/parts/x.npy"
    call("apply", x, "-o", f"{web.url}/parts/y.npy", *CAFFE).assert_refused("a web server is only read from", "y.npy")
    call("apply", f"{web.url}/gone.npy", "-o", "y.npy", *CAFFE).assert_refused("no such object", "curl -I")
