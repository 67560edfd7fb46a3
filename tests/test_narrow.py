"""bfloat16, bit by bit, and what is said where a type is none, or cannot be computed here."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrn_cli.errors import LrnError
from lrn_cli.narrow import check_narrow, decode, encode, spacing
from tests.conftest import Run

ALL = np.arange(1 << 16, dtype=np.uint16)


def value(stored: int | np.uint16) -> float:
    """What a bfloat16 is by its definition: a sign, 8 bits of exponent, 7 behind the point."""
    bits = int(stored)
    sign, exponent, fraction = -1.0 if bits >> 15 else 1.0, bits >> 7 & 0xFF, bits & 0x7F
    if exponent == 0xFF:
        return float("nan") if fraction else sign * float("inf")
    if exponent == 0:
        return sign * fraction * 2.0**-133
    return sign * (128 + fraction) * 2.0 ** (exponent - 134)


@pytest.mark.parametrize("stored", ["<u2", ">u2", "V2"])
def test_every_bfloat16_is_the_number_that_its_bits_say_and_comes_back(stored: str) -> None:
    out = np.empty(ALL.shape, np.float32)
    dtype = np.dtype(stored)
    decode("bfloat16", ALL.astype(stored) if dtype.kind == "u" else ALL.view(stored), out)
    np.testing.assert_array_equal(out, np.array([value(bits) for bits in ALL], np.float32))
    assert (np.signbit(out) == (ALL >> 15 == 1)).all()
    back = encode("bfloat16", out, dtype)
    assert back.dtype == dtype
    plain = back.astype("u2") if dtype.kind == "u" else back.view("u2")
    finite = ~np.isnan(out)
    np.testing.assert_array_equal(plain[finite], ALL[finite])
    assert (plain[~finite] & 0x7FFF == 0x7FC0).all()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1 + 2**-8, 0x3F80),  # half way, to the even one below
        (1 + 3 * 2**-8, 0x3F82),  # half way, to the even one above
        (1 + 2**-8 + 2**-20, 0x3F81),
        (1 + 2**-8 - 2**-20, 0x3F80),
        (3.3895314e38, 0x7F7F),  # the largest
        (3.4e38, 0x7F80),  # rounds to infinity
        (-1e-45, 0x8000),
        (float("-inf"), 0xFF80),
    ],
)
def test_a_number_is_rounded_to_the_nearest_and_halves_to_even(given: float, expected: int) -> None:
    assert encode("bfloat16", np.array([given], "f4"), np.dtype("<u2"))[0] == expected


def test_a_step_is_the_distance_to_the_next_number() -> None:
    numbers = np.array([value(bits) for bits in ALL[:0x7F80]])
    np.testing.assert_array_equal(spacing("bfloat16", numbers[1:-1]), np.diff(numbers)[1:])


def test_a_type_that_is_none_is_refused() -> None:
    with pytest.raises(LrnError, match=r"'int4' is none of bfloat16, float8_e4m3fn"):
        check_narrow("int4")


def test_without_ml_dtypes_the_extra_that_brings_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    check_narrow("bfloat16")
    with pytest.raises(LrnError, match="float8_e5m2 is computed with ml_dtypes") as caught:
        check_narrow("float8_e5m2")
    assert caught.value.hint == "pip install 'lrn-tensor[float8]'"


BITS = np.random.default_rng(0).integers(0x3E00, 0x4200, (2, 3, 5, 8), "u2")


@pytest.mark.parametrize("stored", ["V2", "<u2", ">u2"])
def test_bytes_that_are_said_to_be_bfloat16_are_normalised_and_written_as_they_came(
    stored: str, call: Run, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", BITS.view(stored) if stored == "V2" else BITS.astype(stored))
    assert call("apply", "x.npy", "-o", "y.npy", "-c", "tf:bias=2", "--input-dtype", "bfloat16").code == 0
    y = np.load(tmp_path / "y.npy")
    assert y.dtype.str == np.dtype(stored).str
    found = np.vectorize(value)(y.view("u2") if stored == "V2" else y.astype("u2"))
    values = np.vectorize(value)(BITS)
    wanted = values / (2 + np.stack([(values[..., max(c - 5, 0) : c + 6] ** 2).sum(-1) for c in range(8)], -1)) ** 0.5
    assert (np.abs(found - wanted) <= 0.51 * spacing("bfloat16", np.abs(wanted))).all()


def test_another_type_may_be_asked_for(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", BITS.view("V2"))
    assert call("apply", "x.npy", "-o", "y.npy", "--input-dtype", "bfloat16", "--dtype", "float64").code == 0
    assert np.load(tmp_path / "y.npy").dtype == np.float64


def test_raw_bytes_are_refused_with_the_flag_that_says_what_they_are(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", BITS.view("V2"))
    ended = call("apply", "x.npy", "-o", "y.npy")
    ended.assert_refused("dtype |V2 is raw bytes", "--input-dtype bfloat16 if that is what they are")
    assert not (tmp_path / "y.npy").exists()


@pytest.mark.parametrize("values", [np.ones((2, 3), "f4"), np.ones((2, 3), "u1")], ids=str)
def test_what_is_no_bytes_of_that_size_stays_what_it_is(values: np.ndarray, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", values)
    assert call("apply", "x.npy", "-o", "y.npy", "--input-dtype", "bfloat16").code == 0
    assert np.load(tmp_path / "y.npy").dtype == np.float32


def test_the_numbers_of_an_image_are_known(call: Run, tmp_path: Path) -> None:
    Image.fromarray(np.arange(12, dtype="u2").reshape(3, 4)).save(tmp_path / "x.tif")
    words = ("apply", "x.tif", "--pixels", "raw", "-c", "tf:alpha=0")
    assert call(*words, "-o", "y.npy", "--input-dtype", "bfloat16").code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy").ravel(), np.arange(12))


def test_bytes_of_another_size_are_refused_with_the_type_that_they_could_be(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", BITS.view("V1"))
    ended = call("apply", "x.npy", "-o", "y.npy", "--input-dtype", "bfloat16")
    ended.assert_refused("dtype |V1 is raw bytes", "--input-dtype float8_e4m3fn if that is what they are")


def test_wildcards_do_not_pass_over_raw_bytes(call: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", a=BITS.view("V2"), b=np.ones((2, 3), "f4"))
    ended = call("apply", "x.npz::*", "-o", "y.npz")
    ended.assert_refused("x.npz::a", "raw bytes", "--input-dtype bfloat16 if that is what they are")
    assert call("apply", "x.npz::*", "-o", "y.npz", "--input-dtype", "bfloat16").code == 0
    with np.load(tmp_path / "y.npz") as made:
        assert (made["a"].dtype, made["b"].dtype) == (np.dtype("V2"), np.float32)


def test_a_convention_is_found_and_compared_through_the_rounding(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", BITS.view("V2"))
    flag = ("--input-dtype", "bfloat16")
    assert call("apply", "x.npy", "-o", "y.npy", "-c", "caffe:alpha=2", *flag).code == 0
    assert call("compare", "x.npy", "--against", "y.npy", "-c", "caffe:alpha=2", *flag).code == 0
    assert call("compare", "x.npy", "--against", "y.npy", "-c", "caffe:alpha=4", *flag).code == 1
    found = call("identify", "x.npy", "y.npy", *flag)
    assert found.code == 0
    assert "ulp of bfloat16" in found.out.decode()


def test_a_tensor_of_bfloat16_counts_among_those_that_could_be_meant(call: Run, tmp_path: Path) -> None:
    header = {
        "w": {"dtype": "BF16", "shape": [2, 4], "data_offsets": [0, 16]},
        "norm": {"dtype": "F32", "shape": [4], "data_offsets": [16, 32]},
    }
    text = json.dumps(header).encode()
    (tmp_path / "x.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + bytes(32))
    call("apply", "x.safetensors", "-o", "y.npy").assert_refused("2 numeric", "w, norm")
    np.savez(tmp_path / "x.npz", a=BITS.view("V2"), b=BITS.view("V2"))
    ended = call("apply", "x.npz", "-o", "y.npy", "--input-dtype", "bfloat16")
    ended.assert_refused("2 numeric arrays, none named: a, b", "hint: x.npz::a")


def test_numbers_packed_into_less_than_a_byte_are_no_float8(call: Run, tmp_path: Path) -> None:
    text = json.dumps({"w": {"dtype": "F4", "shape": [2, 4], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "x.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + bytes(4))
    for flags in ([], ["--input-dtype", "bfloat16"]):
        ended = call("apply", "x.safetensors", "-o", "y.npy", *flags)
        ended.assert_refused("float")
        assert "if that is what they are" not in ended.err
