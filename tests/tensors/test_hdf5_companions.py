"""HDF5: what belongs to a dataset or stands beside it comes along, and still points to the right things."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from lrn_cli.errors import LrnError
from tests.tensors.hdf5_files import F4, Journey, refusal

NUMBERS = np.arange(12, dtype="u1").reshape(3, 4)
REFERENCE = h5py.ref_dtype


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with scales, attributes, links and references of every kind."""
    path = tmp_path / "in.h5"
    with h5py.File(path, "w", track_order=True) as made:
        made.attrs["title"] = "features"
        made["time"] = np.array([10, 20, 30])
        made["time"].make_scale("seconds")
        made["meta/channel"] = np.arange(4.0)
        made["meta/channel"].make_scale("index")
        x = made.create_dataset("feats/x", data=NUMBERS, chunks=(2, 4), compression="gzip", shuffle=True)
        x.dims[0].label, x.dims[1].label = "T", "C"
        x.dims[0].attach_scale(made["time"])
        x.dims[1].attach_scale(made["meta/channel"])
        x.attrs["units"] = "mV"
        x.attrs["window"] = np.array([1.5, 2.5])
        x.attrs.create("none", h5py.Empty("f4"))
        x.attrs["origin"] = made["meta"].ref
        x.attrs["self"] = x.ref
        other = made.create_dataset("feats/other", data=[[1, 2, 3, 4]], dtype="i8")
        other.dims[1].attach_scale(made["meta/channel"])
        made["feats"].attrs.create("members", [x.ref, other.ref], dtype=REFERENCE)
        made["feats"].attrs["corner"] = x.regionref[0:1, 1:3]
        made["table"] = np.array([(x.ref, 1), (other.ref, 2)], [("what", REFERENCE), ("n", "i4")])
        made["table"].attrs["sets"] = _sequence([x.ref, made["time"].ref])
        made["kind"] = np.dtype("f4")
        made["soft"] = h5py.SoftLink("/feats/x")
        made["hard"] = made["feats/other"]
        made["feats/up"] = made["/"]
        made["unused"] = h5py.Empty("i4")
    return path


def _sequence(references: list[h5py.Reference]) -> np.ndarray:
    value = np.empty(1, h5py.vlen_dtype(REFERENCE))
    value[0] = np.array(references, REFERENCE)
    return value


def test_the_dataset_keeps_attributes_labels_and_scales(source: Path, tmp_path: Path) -> None:
    journey = Journey()
    journey.carry_dataset(source, "/feats/x", tmp_path / "out.h5", times=0.5, dtype=F4)
    assert journey.notices == []
    with h5py.File(tmp_path / "out.h5") as made:
        x = made["feats/x"]
        assert x.dtype == F4
        assert x[:].tolist() == (NUMBERS / 2).tolist()
        assert (x.chunks, x.compression, x.shuffle) == ((2, 4), "gzip", True)
        assert [dimension.label for dimension in x.dims] == ["T", "C"]
        assert x.dims[0].keys() == ["seconds"]
        assert x.dims[0][0] == made["time"]
        assert x.dims[1]["index"] == made["meta/channel"]
        assert x.dims[1][0][:].tolist() == [0, 1, 2, 3]
        assert x.attrs["units"] == "mV"
        assert x.attrs["window"].tolist() == [1.5, 2.5]
        assert x.attrs["none"] == h5py.Empty("f4")
        assert made[x.attrs["origin"]] == made["meta"]
        assert made[x.attrs["self"]] == x


def test_the_scales_know_the_datasets_they_are_attached_to(source: Path, tmp_path: Path) -> None:
    Journey().carry_dataset(source, "/feats/x", tmp_path / "out.h5", dtype=F4)
    with h5py.File(tmp_path / "out.h5", "r+") as made:
        users = {(made[ref].name, axis) for ref, axis in made["meta/channel"].attrs["REFERENCE_LIST"]}
        assert users == {("/feats/x", 1), ("/feats/other", 1)}
        x = made["feats/x"]
        x.dims[1].detach_scale(made["meta/channel"])
        assert len(x.dims[1]) == 0
        assert len(made["meta/channel"].attrs["REFERENCE_LIST"]) == 1


def test_the_other_objects_are_copied_with_their_links_and_order(source: Path, tmp_path: Path) -> None:
    Journey().carry_dataset(source, "/feats/x", tmp_path / "out.h5", dtype=F4)
    with h5py.File(source) as old, h5py.File(tmp_path / "out.h5") as made:
        assert list(made) == list(old)
        assert made.attrs["title"] == "features"
        assert made["feats/other"][:].tolist() == [[1, 2, 3, 4]]
        assert made["hard"] == made["feats/other"]
        assert made["feats/up"] == made["/"]
        assert made.get("soft", getlink=True).path == "/feats/x"
        assert made["kind"].dtype == F4
        assert made["unused"].shape is None


def test_references_point_to_the_copies(source: Path, tmp_path: Path) -> None:
    Journey().carry_dataset(source, "/feats/x", tmp_path / "out.h5", times=2, dtype=F4)
    source.unlink()
    with h5py.File(tmp_path / "out.h5") as made:
        assert [made[ref].name for ref in made["feats"].attrs["members"]] == ["/feats/x", "/feats/other"]
        assert [(made[ref].name, n) for ref, n in made["table"][:]] == [("/feats/x", 1), ("/feats/other", 2)]
        assert [made[ref].name for ref in made["table"].attrs["sets"][0]] == ["/feats/x", "/time"]
        corner = made["feats"].attrs["corner"]
        assert made[corner][corner].tolist() == [[2, 4]]


def test_a_dataset_that_moves_takes_the_references_to_it_along(source: Path, tmp_path: Path) -> None:
    with h5py.File(source, "r+") as made:
        made["twin"] = made["feats/x"]
    Journey().carry_dataset(source, "/feats/x", tmp_path / "out.h5", "/norm/x", dtype=F4)
    with h5py.File(tmp_path / "out.h5") as made:
        assert "x" not in made["feats"]
        assert made["twin"] == made["norm/x"]
        assert [made[ref] for ref in made["feats"].attrs["members"]] == [made["norm/x"], made["feats/other"]]
        assert made["norm/x"].dims[0][0] == made["time"]


def test_a_dataset_does_not_take_the_place_of_one_that_is_copied_along(source: Path, tmp_path: Path) -> None:
    for member, message in (("/time", "would take the place"), ("/time/x", "is no group")):
        with pytest.raises(LrnError) as raised:
            Journey().carry_dataset(source, "/feats/x", tmp_path / "out.h5", member)
        assert message in refusal(raised.value)
    Journey().carry_dataset(source, "/feats/x", tmp_path / "out.h5", "/time", only=True)
    Journey().carry_dataset(source, "/feats/x", tmp_path / "deep.h5", "/feats/x/norm")
    with h5py.File(tmp_path / "deep.h5") as made:
        assert made["feats/x/norm"][:].tolist() == NUMBERS.tolist()


def test_only_keeps_the_dataset_with_its_scales_and_nothing_else(source: Path, tmp_path: Path) -> None:
    journey = Journey()
    journey.carry_dataset(source, "/feats/x", tmp_path / "out.h5", only=True, dtype=F4)
    names: list[str] = []
    with h5py.File(tmp_path / "out.h5") as made:
        made.visit(names.append)
        assert names == ["feats", "feats/x", "meta", "meta/channel", "time"]
        x = made["feats/x"]
        assert x.dims[0]["seconds"] == made["time"]
        assert x.dims[1][0] == made["meta/channel"]
        assert [made[ref].name for ref, _ in made["meta/channel"].attrs["REFERENCE_LIST"]] == ["/feats/x"]
        assert [dimension.label for dimension in x.dims] == ["T", "C"]
        assert x.attrs["units"] == "mV"
        assert made[x.attrs["self"]] == x
        assert made[x.attrs["origin"]] == made["meta"]
    assert journey.notices == []


def test_references_to_what_is_left_out_become_empty_with_a_notice(source: Path, tmp_path: Path) -> None:
    with h5py.File(source, "r+") as made:
        made["feats/x"].attrs["partner"] = made["feats/other"].ref
    journey = Journey()
    journey.carry_dataset(source, "/feats/x", tmp_path / "out.h5", only=True)
    with h5py.File(tmp_path / "out.h5") as made:
        assert not made["feats/x"].attrs["partner"]
    assert journey.notices == [
        "the attribute partner of /feats/x refers to objects that are not in the output: those references are empty now"
    ]


def test_a_dataset_that_joins_a_file_is_attached_to_the_scales_of_that_file(source: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as made:
        made["time"] = np.array([1, 2, 3])
        made["time"].make_scale("here")
        made["meta/channel"] = np.arange(9)
        made["meta/channel"].make_scale("longer")
    journey = Journey()
    journey.carry_dataset(source, "/feats/x", other, "/norm", dtype=F4)
    with h5py.File(other) as made:
        x = made["norm"]
        assert x.dims[0]["here"] == made["time"]
        assert len(x.dims[1]) == 0
        assert [dimension.label for dimension in x.dims] == ["T", "C"]
        assert (x.chunks, x.compression) == ((2, 4), "gzip")
        assert x.attrs["units"] == "mV"
    assert journey.notices == [
        "the dimension scale /meta/channel has 9 values, axis 1 4: it is not attached",
    ]


def test_a_dataset_replaced_in_its_own_file_keeps_its_scales(source: Path) -> None:
    journey = Journey()
    journey.carry_dataset(source, "/feats/x", source, "/feats/x", force=True, dtype=F4, times=2)
    with h5py.File(source) as made:
        x = made["feats/x"]
        assert x[:].tolist() == (NUMBERS * 2.0).tolist()
        assert x.dims[0][0] == made["time"]
        users = sorted(made[ref].name for ref, _ in made["meta/channel"].attrs["REFERENCE_LIST"])
        assert users == ["/feats/other", "/feats/x"]
        assert made[x.attrs["self"]] == x
    assert journey.notices == []


def test_a_dataset_that_is_itself_a_scale_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "in.h5"
    with h5py.File(path, "w") as made:
        made["scale"] = np.arange(3.0)
        made["scale"].make_scale("name")
        made["x"] = np.zeros(3)
        made["x"].dims[0].attach_scale(made["scale"])
    Journey().carry_dataset(path, "/scale", tmp_path / "out.h5", times=2)
    with h5py.File(tmp_path / "out.h5") as made:
        assert made["x"].dims[0]["name"][:].tolist() == [0, 2, 4]
        assert [made[ref].name for ref, _ in made["scale"].attrs["REFERENCE_LIST"]] == ["/x"]


def test_a_file_in_the_newest_format_is_copied(tmp_path: Path) -> None:
    path = tmp_path / "in.h5"
    with h5py.File(path, "w", libver="latest") as made:
        made.create_dataset("x", data=NUMBERS, chunks=(1, 4), maxshape=(None, 4))
        made["x"].attrs["long"] = np.zeros(20_000)
        made["größe/y"] = np.ones(3)
    Journey().carry_dataset(path, "/x", tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as made:
        assert made["x"][:].tolist() == NUMBERS.tolist()
        assert made["x"].attrs["long"].shape == (20_000,)
        assert made["größe/y"][:].tolist() == [1, 1, 1]


def test_text_attributes_keep_their_length_and_encoding(tmp_path: Path) -> None:
    path = tmp_path / "in.h5"
    texts = {
        "fixed": (np.bytes_("abc"), None),
        "utf8": ("größe", h5py.string_dtype()),
        "ascii": ("abc", h5py.string_dtype("ascii")),
        "padded": (np.array("ü".encode(), h5py.string_dtype("utf-8", 10)), h5py.string_dtype("utf-8", 10)),
        "list": (["a", "bc"], h5py.string_dtype()),
    }
    with h5py.File(path, "w") as made:
        made["x"] = NUMBERS
        for name, (value, dtype) in texts.items():
            made["x"].attrs.create(name, value, dtype=dtype)
    Journey().carry_dataset(path, "/x", tmp_path / "out.h5")
    with h5py.File(path) as old, h5py.File(tmp_path / "out.h5") as made:
        for name in texts:
            assert made["x"].attrs.get_id(name).get_type() == old["x"].attrs.get_id(name).get_type(), name
            assert np.array_equal(made["x"].attrs[name], old["x"].attrs[name]), name
