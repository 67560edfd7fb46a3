"""The types of ml_dtypes, as it saves them and as HDF5 declares them, against its own arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t

from lrn_cli import normalize
from lrn_cli.narrow import FLOAT8, SIZES, decode, encode, smallest, spacing
from tests.conftest import Run

ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes, which has the types that NumPy lacks, is not installed")

X = (np.random.default_rng(0).standard_normal((2, 5, 7, 16)) * 20).astype("f4")
CONVENTION = "tf:alpha=0.01"


def type_of(name: str) -> np.dtype[Any]:
    """The type of ml_dtypes."""
    found: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
    return found


def stored(name: str) -> Any:
    """The example's elements in that type; float8_e8m0fnu has no negative ones."""
    return (np.abs(X) if name == "float8_e8m0fnu" else X).astype(type_of(name))


def expected(name: str) -> bytes:
    """The results in float32, rounded by ml_dtypes."""
    y = normalize(stored(name).astype("f4"), "tf", alpha=0.01).astype(type_of(name))
    return bytes(y.tobytes())


def flags(name: str) -> list[str]:
    """What has to be said of the type; NumPy's header has the name of one."""
    return [] if name == "float8_e5m2" else ["--input-dtype", name]


def test_bfloat16_is_rounded_as_ml_dtypes_rounds() -> None:
    bits = np.random.default_rng(1).integers(0, 1 << 32, 1_000_000, "u4")
    values = bits.view("f4")
    with np.errstate(all="ignore"):
        theirs = values.astype(ml_dtypes.bfloat16).view("u2")
    numbers = ~np.isnan(values)
    np.testing.assert_array_equal(encode("bfloat16", values, np.dtype("u2"))[numbers], theirs[numbers])


@pytest.mark.parametrize("name", FLOAT8)
def test_every_float8_is_what_ml_dtypes_says(name: str) -> None:
    bits, out = np.arange(256, dtype="u1"), np.empty(256, "f4")
    decode(name, bits, out)
    np.testing.assert_array_equal(out, bits.view(type_of(name)).astype("f4"))
    numbers = np.unique(out[np.isfinite(out) & (out > 0)].astype("f8"))
    assert smallest(name) == numbers[0]
    np.testing.assert_array_equal(spacing(name, numbers[:-1]), np.diff(numbers))


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
@pytest.mark.parametrize("name", SIZES)
def test_what_ml_dtypes_saves_is_normalised_and_written_as_it_came(
    name: str, suffix: str, call: Run, tmp_path: Path
) -> None:
    save = np.save if suffix == ".npy" else np.savez
    save(tmp_path / f"x{suffix}", stored(name))
    assert call("apply", f"x{suffix}", "-o", "y.npy", "-c", CONVENTION, *flags(name)).code == 0
    np.save(tmp_path / "theirs.npy", np.frombuffer(expected(name), type_of(name)).reshape(X.shape))
    ours, theirs = ((tmp_path / name).read_bytes() for name in ("y.npy", "theirs.npy"))
    assert ours[128:] == theirs[128:]
    assert ours[:128].replace(b"|V", b"<V") == theirs[:128]  # raw bytes have no order


@pytest.mark.parametrize("chunks", [None, (1, 5, 7, 16), (2, 3, 4, 5)])
@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_hdf5_declares_the_type_so_that_h5py_reads_the_numbers(
    name: str, chunks: Any, call: Run, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", stored(name))
    assert call("apply", "x.npy", "-o", "x.h5::/y", "-c", CONVENTION, *flags(name)).code == 0
    with h5py.File(tmp_path / "x.h5", "a") as file:
        wanted = np.frombuffer(expected(name), type_of(name)).reshape(X.shape).astype("f4")
        np.testing.assert_array_equal(file["y"][...].astype("f4"), wanted)
        kind, storage = file["y"].id.get_type(), h5p.create(h5p.DATASET_CREATE)
        if chunks:
            storage.set_chunk(chunks)
        made = h5d.create(file.id, b"x", kind, h5s.create_simple(X.shape), storage)
        made.write(h5s.ALL, h5s.ALL, stored(name).view(f"V{SIZES[name]}"), kind)
    ended = call("apply", "x.h5::/x", "-o", "z.h5", "-c", CONVENTION)
    assert ended.code == 0, ended.err
    with h5py.File(tmp_path / "z.h5") as file:
        assert file["x"].id.get_type().equal(kind)
        assert file["x"].chunks == chunks
        np.testing.assert_array_equal(file["x"][...].astype("f4"), wanted)


def test_a_big_endian_bfloat16_of_hdf5_is_read_and_written(call: Run, tmp_path: Path) -> None:
    kind = h5t.IEEE_F32BE.copy()
    kind.set_fields(15, 7, 8, 0, 7)
    kind.set_ebias(127)
    kind.set_size(2)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        made = h5d.create(file.id, b"x", kind, h5s.create_simple(X.shape))
        made.write(h5s.ALL, h5s.ALL, stored("bfloat16").view("u2").byteswap(), kind)
    for source, target in (("x.h5", "y.h5"), ("x.h5", "y.npy")):
        assert call("apply", source, "-o", target, "-c", CONVENTION).code == 0
    wanted = np.frombuffer(expected("bfloat16"), ml_dtypes.bfloat16).reshape(X.shape).astype("f4")
    with h5py.File(tmp_path / "y.h5") as file:
        np.testing.assert_array_equal(file["x"][...], wanted)
    assert (tmp_path / "y.npy").read_bytes()[128:] == expected("bfloat16")
