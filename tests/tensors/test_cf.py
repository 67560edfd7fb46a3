"""Numbers that stand for others by CF attributes: asked about, decoded, counted. Expected values are worked by hand."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli import LrnError, identify
from lrn_cli.tensors.tensor import Reading
from tests.conftest import Run
from tests.tensors.cf_files import IDENTITY, Array, f2, f4, f8, i1, i2, i4, normalise, u1, write
from tests.tensors.hdf5_files import open_dataset

SHAPE = (2, 3, 4, 8)
PLAIN = np.arange(192).reshape(SHAPE) % 100


def decoded(path: Path) -> tuple[Array, tuple[str, ...]]:
    """All numbers, decoded, and what was said of them."""
    with open_dataset(path, "/feats", Reading(cf="unpack")) as source:
        notices = source.survey()
        out = np.empty(source.info.shape, source.info.dtype)
        source.read(tuple(slice(0, length) for length in source.info.shape), out)
        return out, notices


ASKED: dict[str, tuple[str, dict[str, Any], str]] = {
    "scale": ("i2", {"scale_factor": 0.01}, "packed: scale_factor 0.01"),
    "offset": ("i2", {"add_offset": f4([2])}, "packed: add_offset 2.0"),
    "both": ("u1", {"scale_factor": 1.0, "add_offset": 2.0}, "packed: scale_factor 1.0, add_offset 2.0"),
    "packed floats": ("f4", {"scale_factor": 0.5}, "packed: scale_factor 0.5"),
    "unsigned": ("i1", {"_Unsigned": "true"}, "packed: _Unsigned true"),
    "unsigned, as bytes": ("i2", {"_Unsigned": np.bytes_(b"True")}, "packed: _Unsigned True"),
    "fill value": ("i2", {"_FillValue": np.int16(7)}, "2 of 192 values are missing (_FillValue 7)"),
    "fill value of another type": ("i4", {"_FillValue": 7.0}, "2 of 192 values are missing (_FillValue 7.0)"),
    "missing value": ("f8", {"missing_value": [7.0]}, "2 of 192 values are missing (missing_value 7.0)"),
    "missing values": ("i4", {"missing_value": [-1, 7, 98]}, "3 of 192 values are missing (missing_value -1 7 98)"),
    "many missing values": ("i4", {"missing_value": np.arange(90, 120)}, "12 of 192 values are missing"),
    "both kinds": (
        "f4",
        {"_FillValue": np.float32(7), "missing_value": f4([98, 7])},
        "3 of 192 values are missing (_FillValue 7.0, missing_value 98.0 7.0)",
    ),
}


@pytest.mark.parametrize("case", ASKED)
def test_numbers_that_may_stand_for_others_are_refused_and_either_hint_helps(tmp_path: Path, case: str) -> None:
    dtype, attributes, reason = ASKED[case]
    path = write(tmp_path / "x.h5", PLAIN.astype(dtype), attributes)
    with pytest.raises(LrnError) as refused:
        normalise(path, tmp_path / "y.h5")
    assert str(refused.value).startswith(f"{path}::/feats: ")
    assert reason in str(refused.value)
    assert refused.value.hint.startswith("--cf unpack")
    assert "--cf raw" in refused.value.hint
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.h5"]
    for choice in ("unpack", "raw"):
        normalise(path, tmp_path / "y.h5", choice)


def test_the_command_refuses_them_in_one_line_before_anything_is_written(call: Run, tmp_path: Path) -> None:
    write(tmp_path / "x.h5", PLAIN.astype("i2"), {"scale_factor": 0.01, "add_offset": 1.0})
    (tmp_path / "y.npy").write_bytes(b"old")
    refused = call("apply", "x.h5", "-o", "y.npy", "-f", "-c", "tf")
    refused.assert_refused(
        "x.h5::/feats: its numbers are packed: scale_factor 0.01, add_offset 1.0", "hint: --cf unpack"
    )
    assert (tmp_path / "y.npy").read_bytes() == b"old"
    assert call("apply", "x.h5", "-o", "y.npy", "-f", "-c", IDENTITY, "--cf", "UNPACK").code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), PLAIN * 0.01 + 1)


NOT_ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "neutral factors": ("i2", {"scale_factor": 1.0, "add_offset": 0.0}),
    "NaN": ("f4", {"_FillValue": f4([np.nan])}),
    "NaN beside whole numbers": ("i4", {"missing_value": np.nan}),
    "text": ("f4", {"_FillValue": "none", "missing_value": ["7", "8"]}),
    "does not occur": ("i2", {"_FillValue": np.int16(-999), "missing_value": [-1, 100, 500]}),
    "beyond the type": ("u1", {"_FillValue": np.int16(256 + 7), "missing_value": -249.0}),
    "between whole numbers": ("i2", {"_FillValue": 7.5}),
    "beyond a small float": ("f2", {"_FillValue": 1e20}),
    "signed": ("i2", {"_Unsigned": "false"}),
    "unsigned anyway": ("u2", {"_Unsigned": "true"}),
    "of no value": ("i2", {"scale_factor": h5py.Empty("f4"), "_FillValue": h5py.Empty("i2")}),
}


@pytest.mark.parametrize("case", NOT_ASKED)
def test_attributes_that_change_no_number_ask_nothing(tmp_path: Path, case: str) -> None:
    dtype, attributes = NOT_ASKED[case]
    path = write(tmp_path / "x.h5", PLAIN.astype(dtype), attributes)
    assert normalise(path, tmp_path / "y.npy").notices == ()
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), PLAIN)


@pytest.mark.parametrize(
    ("value", "shown"), [([1.0, 2.0], "1.0 2.0"), ("0.01", "0.01"), (np.nan, "nan"), (np.inf, "inf")]
)
def test_a_factor_that_is_no_single_number_is_refused_but_the_stored_numbers_can_be_had(
    tmp_path: Path, value: Any, shown: str
) -> None:
    path = write(tmp_path / "x.h5", PLAIN.astype("i2"), {"scale_factor": value})
    for choice in (None, "unpack"):
        with pytest.raises(LrnError, match=f"scale_factor {shown} is no single finite number") as refused:
            normalise(path, tmp_path / "y.npy", choice)
        assert refused.value.hint == "--cf raw takes the stored numbers"
    normalise(path, tmp_path / "y.npy", "raw")
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), PLAIN)


@pytest.mark.parametrize(
    ("stored", "attributes", "numbers"),
    [
        (i1([0, 1, -1, -128]), {"_Unsigned": "true"}, f4([0, 1, 255, 128])),
        (i1([0, -1, -2]), {"_Unsigned": "true", "_FillValue": np.int8(-1)}, f4([0, np.nan, 254])),
        (i1([0, -1, -2]), {"_Unsigned": "true", "_FillValue": np.uint8(255)}, f4([0, np.nan, 254])),
        (u1([0, 255, 3]), {"_Unsigned": "false", "_FillValue": np.uint8(3)}, f4([0, -1, np.nan])),
        (i2([3, -4]), {"scale_factor": -0.5, "add_offset": 1.0}, f8([-0.5, 3])),
        (i2([3, -4]), {"scale_factor": np.float32(-0.5), "add_offset": np.float32(1)}, f4([-0.5, 3])),
        (i2([3, -4]), {"scale_factor": np.float32(0.5), "add_offset": 1.0}, f8([2.5, -1])),
        (i2([3, -4]), {"scale_factor": np.int16(10000)}, f8([30000, -40000])),
        (i4([2**31 - 1]), {"scale_factor": np.float32(2)}, f8([2**32 - 2])),
        (np.array([3, 5], ">f4"), {"add_offset": np.float32(1)}, np.array([4, 6], ">f4")),
        (f4([3, 5]), {"scale_factor": 0.1}, f8([3 * 0.1, 5 * 0.1])),
        (f8([3, 5]), {"scale_factor": np.float32(0.5)}, f8([1.5, 2.5])),
        (f2([3, 5]), {"_FillValue": np.float16(5)}, f2([3, np.nan])),
        (f4([1e20, 1, np.inf]), {"_FillValue": 1e20}, f4([np.nan, 1, np.inf])),
        (f4([-0.0, 1]), {"_FillValue": np.float32(1)}, f4([-0.0, np.nan])),
        (f4([np.inf, 1]), {"missing_value": np.inf}, f4([np.nan, 1])),
        (np.array([7, 2**53]), {"missing_value": np.int16(7)}, f8([np.nan, 2**53])),
        (i2([-1, 0, 9, 10]), {"valid_range": i2([0, 9])}, f4([np.nan, 0, 9, np.nan])),
        (i1([-1, 0, 9]), {"valid_max": np.int8(-2), "_Unsigned": "true"}, f4([np.nan, 0, 9])),
        (i2([-1, 9]), {"valid_min": 0.0, "scale_factor": 2.0}, f8([-2, 18])),
        (f4([-1, 9]), {"valid_min": 0.0}, f4([np.nan, 9])),
    ],
)
def test_numbers_are_decoded_as_section_8_1_of_the_cf_conventions_says(
    tmp_path: Path, stored: Array, attributes: dict[str, Any], numbers: Array
) -> None:
    found, _ = decoded(write(tmp_path / "x.h5", stored, attributes))
    assert found.dtype == numbers.dtype
    np.testing.assert_array_equal(found, numbers)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(numbers))


def test_decoded_numbers_are_rounded_once(tmp_path: Path) -> None:
    stored = np.arange(-32768, 32768, 7, dtype="i2")
    scale, offset = np.float32(0.01), np.float32(273.15)
    found, _ = decoded(write(tmp_path / "x.h5", stored, {"scale_factor": scale, "add_offset": offset}))
    exact = [int(number) * Fraction(float(scale)) + Fraction(float(offset)) for number in stored]
    assert found.dtype == np.float32
    # To float32 from the float64 next to the exact number.
    np.testing.assert_array_equal(found, np.array([float(number) for number in exact]).astype("f4"))


@pytest.mark.parametrize(
    "how", [{}, {"chunks": (3, 500, 40)}, {"chunks": (3, 500, 40), "compression": "gzip", "shuffle": True}]
)
def test_a_missing_cell_is_found_in_any_of_many_blocks(tmp_path: Path, how: dict[str, Any]) -> None:
    values = np.zeros((20, 1500, 160), "i2")
    values[19, 1499, 159] = values[10, 700, 3] = -999
    path = write(tmp_path / "x.h5", values, {"_FillValue": np.int16(-999)}, **how)
    with pytest.raises(LrnError, match=r"2 of 4,800,000 values are missing \(_FillValue -999\)"):
        normalise(path, tmp_path / "y.npy")
    report = normalise(path, tmp_path / "y.npy", "unpack", "tf:depth_radius=1")
    assert report.notices == (f"{path}::/feats: 2 of 4,800,000 values were missing (_FillValue -999) and became NaN",)
    result = np.load(tmp_path / "y.npy")
    # NaN reaches the windows that hold it.
    assert {tuple(map(int, at)) for at in np.argwhere(np.isnan(result))} == {
        *((19, 1499, channel) for channel in (158, 159)),
        *((10, 700, channel) for channel in (2, 3, 4)),
    }


def test_compare_and_identify_read_what_apply_reads(call: Run, tmp_path: Path) -> None:
    stored = np.random.default_rng(0).integers(1, 100, SHAPE).astype("i2")
    write(tmp_path / "x.h5", stored, {"scale_factor": 0.01, "add_offset": 1.0})
    for words in (["compare", "x.h5"], ["identify", "x.h5", "x.h5"], ["compare", "x.h5", "x.h5"]):
        call(*words).assert_refused("scale_factor 0.01, add_offset 1.0", "--cf unpack")
    with pytest.raises(LrnError, match="packed"):
        identify(tmp_path / "x.h5", tmp_path / "x.h5")
    np.save(tmp_path / "numbers.npy", stored * 0.01 + 1)
    assert call("compare", "x.h5", "numbers.npy", "--cf", "unpack").code == 0
    assert call("compare", "x.h5", "numbers.npy", "--cf", "raw").code == 1
    assert call("apply", "x.h5", "-o", "y.npy", "-c", "caffe", "--cf", "unpack").code == 0
    assert "caffe:local_size=5" in call("identify", "x.h5", "y.npy", "--cf", "unpack", "--layout", "NCHW").out.decode()


def test_missing_cells_are_said_by_compare_and_identify_too(lrn: Run, tmp_path: Path) -> None:
    write(tmp_path / "x.h5", PLAIN.astype("f4"), {"_FillValue": np.float32(7)})
    for words in (["compare", "x.h5", "x.h5"], ["identify", "x.h5", "x.h5"]):
        assert "2 of 192 values were missing (_FillValue 7.0)" in lrn(*words, "--cf", "unpack").err


def test_info_shows_packed_numbers_as_they_are_stored(call: Run, tmp_path: Path) -> None:
    write(tmp_path / "x.h5", PLAIN.astype("i2"), {"scale_factor": 0.01})
    for words in (["x.h5"], ["x.h5::/feats"], ["x.h5::/feats", "--cf", "unpack"], ["x.h5", "--cf", "raw"]):
        done = call("info", "--json", *words)
        assert (done.code, done.err) == (0, "")
        (tensor,) = json.loads(done.out)[0]["tensors"]
        assert (tensor["dtype"], tensor["taken_by_apply"]) == ("int16", True)


def test_a_dry_run_and_each_of_many_inputs_are_asked_alike(call: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.h5", PLAIN.astype("i2"), {"scale_factor": 0.01})
    write(tmp_path / "b.h5", PLAIN.astype("i2"), {})
    call("apply", "a.h5", "-o", "y.npy", "-c", "tf", "--dry-run").assert_refused("packed")
    done = call("apply", "a.h5", "b.h5", "-o", "out/", "-c", "tf")
    assert done.code == 2
    assert "a.h5::/feats: its numbers are packed: scale_factor 0.01" in done.err
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["b.h5"]
    assert call("apply", "a.h5", "b.h5", "-o", "all/", "-c", "tf", "--cf", "unpack").code == 0


def test_what_is_decoded_is_reported_as_the_type_that_it_has_then(call: Run, tmp_path: Path) -> None:
    write(tmp_path / "x.h5", PLAIN.astype("i2"), {"scale_factor": 0.01})
    done = call("apply", "x.h5", "-o", "y.h5", "-c", "tf", "--cf", "unpack", "--json")
    report = json.loads(done.out)
    assert (report["dtype"], report["output_dtype"]) == ("float64", "float64")


def test_a_tensor_without_elements_has_no_missing_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "x.h5", np.empty((0, 3, 4, 8), "i2"), {"_FillValue": np.int16(7)})
    for choice in (None, "unpack"):
        assert normalise(path, tmp_path / "y.h5", choice).notices == ()
