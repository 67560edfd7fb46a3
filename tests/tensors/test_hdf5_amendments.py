"""Attributes that would make a reader take results for something else: those that leave, change, stay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from h5py import h5a, h5d, h5s, h5t

from tests.conftest import Run
from tests.tensors.cf_files import f4, normalise, write

PLAIN = np.arange(192).reshape(2, 3, 4, 8) % 100

PACKED = {
    "scale_factor": 0.01,
    "add_offset": [1.0],
    "_Unsigned": "true",
    "_FillValue": np.int16(-999),
    "missing_value": np.array([-999, -998], "i2"),
    "valid_min": np.int16(-500),
    "units": "K",
}


def attributes(path: Path, member: str = "/feats") -> dict[str, Any]:
    """Those that the input can have had."""
    with h5py.File(path) as file:
        return {name: value for name, value in file[member].attrs.items() if not name.startswith("lrn_")}


@pytest.mark.parametrize("options", [["-o", "y.h5"], ["-o", "y.h5", "--only"], ["-o", "old.h5::/feats"]])
@pytest.mark.parametrize(("choice", "left"), [("unpack", set()), ("raw", {"_FillValue", "missing_value"})])
def test_what_tells_how_to_take_stored_numbers_leaves_the_results(
    call: Run, tmp_path: Path, choice: str, left: set[str], options: list[str]
) -> None:
    write(tmp_path / "x.h5", PLAIN.astype("i2"), PACKED, fillvalue=-999)
    write(tmp_path / "old.h5", PLAIN, {})
    assert call("apply", "x.h5", *options, "-f", "-c", "tf", "--cf", choice).code == 0
    output = tmp_path / options[1].partition("::")[0]
    assert set(attributes(output)) == {*left, "units"}
    with h5py.File(output) as file:
        np.testing.assert_equal(file["feats"].fillvalue, np.nan if choice == "unpack" else -999.0)


def test_a_fill_value_that_was_never_set_is_none_afterwards(tmp_path: Path) -> None:
    normalise(write(tmp_path / "x.h5", PLAIN.astype("i2"), {"scale_factor": 0.5}), tmp_path / "y.h5", "unpack")
    with h5py.File(tmp_path / "y.h5") as file:
        assert file["feats"].id.get_create_plist().fill_value_defined() == h5d.FILL_VALUE_DEFAULT


@pytest.mark.parametrize(
    ("dtype", "old", "new"),
    [
        ("i2", {"_FillValue": np.int16(-999)}, {"_FillValue": np.float32(-999)}),
        ("i2", {"_FillValue": np.array([-999], "i2")}, {"_FillValue": np.array([-999], "f4")}),
        ("i4", {"missing_value": np.array([-999, -998], "i4")}, {"missing_value": np.array([-999, -998], "f8")}),
        ("f4", {"_FillValue": np.float32(np.nan)}, {"_FillValue": np.float32(np.nan)}),
        ("f4", {"missing_value": -999}, {"missing_value": np.float32(-999)}),
        ("f4", {"missing_value": 1e300}, {"missing_value": 1e300}),
        ("i2", {"missing_value": 1e300}, {"missing_value": 1e300}),
        ("u1", {"scale_factor": 1, "add_offset": 0}, {"scale_factor": np.float32(1), "add_offset": np.float32(0)}),
        ("f4", {"scale_factor": 1.0}, {"scale_factor": 1.0}),
        ("f4", {"_Unsigned": "true", "scale_factor": 1.0}, {"scale_factor": 1.0}),
        ("i1", {"dtype": "bool"}, {}),
        ("i8", {"dtype": "timedelta64[ns]"}, {}),
        ("f4", {"dtype": "float32"}, {"dtype": "float32"}),
        ("f4", {"_FillValue": "none"}, {"_FillValue": "none"}),
    ],
)
def test_what_stays_has_the_type_of_the_results(
    tmp_path: Path, dtype: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    normalise(write(tmp_path / "x.h5", PLAIN.astype(dtype), old), tmp_path / "y.h5")
    found = attributes(tmp_path / "y.h5")
    assert found.keys() == new.keys()
    for name, value in new.items():
        np.testing.assert_equal(found[name], value)
        assert np.asarray(found[name]).dtype == np.asarray(value).dtype
        assert np.shape(found[name]) == np.shape(value)


@pytest.mark.parametrize(
    ("attribute", "value", "warning"),
    [
        ("valid_range", f4([-1, 1]), "/feats keeps valid_range -1.0 1.0: netCDF4 hides results"),
        ("units", "days since 2000-01-01", "/feats keeps its units 'days since 2000-01-01': xarray takes"),
    ],
)
def test_what_stays_and_may_mislead_is_named_where_it_is_written(
    tmp_path: Path, attribute: str, value: Any, warning: str
) -> None:
    path = write(tmp_path / "x.h5", PLAIN.astype("f4"), {attribute: value})
    (notice,) = normalise(path, tmp_path / "y.h5").notices
    assert notice.startswith(warning)
    np.testing.assert_equal(attributes(tmp_path / "y.h5")[attribute], value)
    assert normalise(path, tmp_path / "y.npy").notices == ()


def matlab_text(dataset: h5py.Dataset, name: str, text: bytes) -> None:
    """Give it an attribute as MATLAB does: text that ends with a zero byte, for which there is no room."""
    kind = h5t.C_S1.copy()
    kind.set_size(len(text))
    kind.set_strpad(h5t.STR_NULLTERM)
    h5a.create(dataset.id, name.encode(), kind, h5s.create(h5s.SCALAR)).write(np.array(text), mtype=kind)


@pytest.mark.parametrize(
    ("dtype", "old", "new"),
    [
        ("i2", b"int16", b"single"),
        ("u4", b"uint32", b"double"),
        ("u1", b"logical", b"single"),
        ("f4", b"single", b"single"),
        ("f8", b"double", b"double"),
    ],
)
def test_results_have_the_matlab_class_of_their_type_in_a_string_of_the_same_kind(
    tmp_path: Path, dtype: str, old: bytes, new: bytes
) -> None:
    with h5py.File(tmp_path / "x.h5", "w", userblock_size=512) as file:
        dataset = file.create_dataset("feats", data=PLAIN.astype(dtype))
        matlab_text(dataset, "MATLAB_class", old)
        if old == b"logical":
            dataset.attrs["MATLAB_int_decode"] = np.int32(1)
    (notice,) = normalise(tmp_path / "x.h5", tmp_path / "y.h5").notices
    assert notice.endswith(
        "x.h5::/feats: MATLAB shows 8x4x3x2; here the axes are 2x3x4x8, and --layout and --axis go by these"
    )
    with h5py.File(tmp_path / "y.h5") as file:
        assert "MATLAB_int_decode" not in file["feats"].attrs
        attribute = h5a.open(file["feats"].id, b"MATLAB_class")
        kind = attribute.get_type()
        if old != new:  # what stays is copied as all attributes are
            found = np.zeros((), f"S{kind.get_size()}")
            attribute.read(found, mtype=kind)
            assert found.item() == new
        assert (kind.get_size(), kind.get_strpad()) == (len(new), h5t.STR_NULLTERM)


def test_the_type_that_hdf5storage_notes_beside_is_that_of_the_results(tmp_path: Path) -> None:
    note = "Python.numpy.UnderlyingType"
    noted = {note: np.bytes_(b"int16"), "MATLAB_class": np.bytes_(b"int16")}
    normalise(write(tmp_path / "x.h5", PLAIN.astype("i2"), noted), tmp_path / "y.h5")
    assert attributes(tmp_path / "y.h5") == {note: b"float32", "MATLAB_class": b"single"}
