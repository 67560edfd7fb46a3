"""Compression filters of hdf5plugin: exact ones compress the output as they would a dataset of its own, others go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli.dtypes import Array
from tests.conftest import Run
from tests.tensors.hdf5_files import Journey

plugins: Any = pytest.importorskip("hdf5plugin", reason="needs hdf5plugin, of the extra test-files")

CHUNKS = (2, 32, 64)
ROWS, COLUMNS = np.mgrid[0:64, 0:64]
NUMBERS: Array = np.stack([np.round(np.sin(COLUMNS / 5 + k) * np.cos(ROWS / 7) * 100) for k in range(4)])
SPECIAL = [np.nan, np.inf, -np.inf, -0.0, 1e-45, 3e38]

EXACT: dict[str, Mapping[str, Any]] = {
    **{f"bitshuffle {name}": plugins.Bitshuffle(cname=name) for name in ("none", "lz4", "zstd")},
    "bitshuffle of blocks": plugins.Bitshuffle(nelems=1024, cname="lz4"),
    "bitshuffle zstd 9": plugins.Bitshuffle(cname="zstd", clevel=9),
    **{
        f"blosc {name} {shuffle}": plugins.Blosc(cname=name, clevel=7, shuffle=shuffle)
        for name in ("blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd")
        for shuffle in (0, 1, 2)
    },
    **{
        f"blosc2 {name} {inner}": plugins.Blosc2(cname=name, clevel=6, filters=inner)
        for name in ("blosclz", "lz4", "lz4hc", "zlib", "zstd")
        for inner in (0, 1, 2, 3)
    },
    "bzip2": plugins.BZip2(5),
    "lz4": plugins.LZ4(),
    "lz4 of blocks": plugins.LZ4(2048),
    "zstd": plugins.Zstd(7),
}
REVERSIBLE = plugins.Zfp(reversible=True)
LOSSY: dict[str, tuple[Mapping[str, Any], str]] = {
    "zfp rate": (plugins.Zfp(rate=8), "filter 32013 (zfp)"),
    "zfp precision": (plugins.Zfp(precision=12), "filter 32013 (zfp)"),
    "zfp accuracy": (plugins.Zfp(accuracy=1e-3), "filter 32013 (zfp)"),
    "zfp expert": (plugins.Zfp(minbits=1, maxbits=16657, maxprec=64, minexp=-1074), "filter 32013 (zfp)"),
    "sz": (plugins.SZ(absolute=1e-3), "filter 32017 (sz)"),
    "sz3": (plugins.SZ3(absolute=1e-3), "filter 32024 (sz3)"),
    "sperr": (plugins.Sperr(absolute=1e-3), "filter 32028 (sperr)"),
}


def _store(path: Path, numbers: Array, options: Mapping[str, Any], chunks: tuple[int, ...] = CHUNKS) -> None:
    with h5py.File(path, "w") as made:
        made.create_dataset("x", data=numbers, chunks=chunks, **options)


def _stored(path: Path) -> tuple[Array, list[tuple[int, int, tuple[int, ...], bytes]], int]:
    """Numbers, filters with their values, and bytes taken."""
    with h5py.File(path) as made:
        x, storage = made["x"], made["x"].id.get_create_plist()
        return x[()], [storage.get_filter(k) for k in range(storage.get_nfilters())], x.id.get_storage_size()


def _assert_stored_as_by_plugin(folder: Path, options: Mapping[str, Any], old: str, new: str) -> None:
    _store(folder / "in.h5", NUMBERS.astype(old), options)
    journey = Journey()
    journey.carry_dataset(folder / "in.h5", "/x", folder / "out.h5", dtype=new, times=0.7)
    expected = np.asarray(NUMBERS.astype(old) * 0.7, new)
    _store(folder / "direct.h5", expected, options)
    numbers, filters, size = _stored(folder / "out.h5")
    _, direct_filters, direct_size = _stored(folder / "direct.h5")
    assert journey.notices == []
    assert np.array_equal(numbers, expected)
    assert filters == direct_filters
    assert size == pytest.approx(direct_size, rel=0.05)


@pytest.mark.parametrize(("old", "new"), [("f4", "f4"), ("i2", "f4"), ("f4", "f8"), ("f8", "f2"), (">f4", ">f4")])
@pytest.mark.parametrize("options", EXACT.values(), ids=EXACT.keys())
def test_an_exact_filter_stores_the_output_as_it_stores_a_dataset_made_with_it(
    tmp_path: Path, options: Mapping[str, Any], old: str, new: str
) -> None:
    _assert_stored_as_by_plugin(tmp_path, options, old, new)


@pytest.mark.parametrize(("old", "new"), [("f4", "f4"), ("i4", "f4"), ("f4", "f8"), ("f8", "f4")])
def test_zfp_stays_in_its_reversible_mode(tmp_path: Path, old: str, new: str) -> None:
    _assert_stored_as_by_plugin(tmp_path, REVERSIBLE, old, new)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_zfp_in_its_reversible_mode_keeps_every_bit(tmp_path: Path, dtype: str) -> None:
    bits = np.random.default_rng(5).bytes(4 * 64 * 64 * np.dtype(dtype).itemsize)
    with np.errstate(invalid="ignore"):
        numbers = np.frombuffer(bits, dtype).reshape(4, 64, 64) * 1  # as any arithmetic does: no NaN signals any more
    numbers[0, 0, : len(SPECIAL)] = SPECIAL
    _store(tmp_path / "in.h5", numbers, REVERSIBLE)
    Journey().carry_dataset(tmp_path / "in.h5", "/x", tmp_path / "out.h5")
    assert _stored(tmp_path / "out.h5")[0].tobytes() == numbers.tobytes()


@pytest.mark.parametrize(("options", "name"), LOSSY.values(), ids=LOSSY.keys())
def test_a_lossy_filter_is_left_out_with_a_notice(tmp_path: Path, options: Mapping[str, Any], name: str) -> None:
    _store(tmp_path / "in.h5", NUMBERS.astype("f4"), options)
    with h5py.File(tmp_path / "in.h5") as file:
        read = file["x"][()]
    journey = Journey()
    journey.carry_dataset(tmp_path / "in.h5", "/x", tmp_path / "out.h5", times=0.7)
    numbers, filters, _ = _stored(tmp_path / "out.h5")
    assert np.array_equal(numbers, np.asarray(read * 0.7, "f4"))
    assert filters == []
    assert journey.notices == [f"written without {name}, which would not keep float32 numbers as they are (lossy)"]


@pytest.mark.parametrize(
    ("options", "numbers", "name"),
    [
        (plugins.FciDecomp(), NUMBERS[:2].astype("i2"), "filter 32018 (fcidecomp)"),
        (plugins.Htj2k(), NUMBERS[0].astype("i2"), "filter 32033 (htj2k)"),
        (
            plugins.Blosc2(cname="zstd", filters=plugins.Blosc2.TRUNC_PREC),
            NUMBERS.astype("f4"),
            "filter 32026 (blosc2)",
        ),
    ],
    ids=["fcidecomp", "htj2k", "blosc2 that truncates"],
)
def test_a_filter_not_known_to_be_exact_is_left_out_with_a_notice(
    tmp_path: Path, options: Mapping[str, Any], numbers: Array, name: str
) -> None:
    _store(tmp_path / "in.h5", numbers, options, numbers.shape)
    journey = Journey()
    journey.carry_dataset(tmp_path / "in.h5", "/x", tmp_path / "out.h5", dtype="f4", times=0.7)
    written, filters, _ = _stored(tmp_path / "out.h5")
    assert np.array_equal(written, np.asarray(numbers * 0.7, "f4"))
    assert filters == []
    assert journey.notices == [f"written without {name}, which may not keep float32 numbers as they are"]


def test_the_other_objects_of_the_file_keep_their_lossy_filters(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "in.h5", "w") as made:
        made["x"] = np.ones(3, "f4")
        made.create_dataset("other", data=NUMBERS.astype("f4"), chunks=CHUNKS, **plugins.Zfp(rate=8))
        expected = made["other"].id.get_create_plist().get_filter(0)
    Journey().carry_dataset(tmp_path / "in.h5", "/x", tmp_path / "out.h5")
    with h5py.File(tmp_path / "in.h5") as old, h5py.File(tmp_path / "out.h5") as made:
        assert made["other"].id.get_create_plist().get_filter(0) == expected
        assert made["other"].id.read_direct_chunk((0, 0, 0)) == old["other"].id.read_direct_chunk((0, 0, 0))


@pytest.mark.parametrize("name", ["sz", "sz3"])
def test_nothing_but_our_own_words_reaches_standard_error(call: Run, tmp_path: Path, name: str) -> None:
    _store(tmp_path / "in.h5", NUMBERS.astype("f4"), LOSSY[name][0])
    done = call("apply", "in.h5", "-o", "out.h5", "-c", "tf", "--axis", 0)
    assert done.code == 0
    assert all(line.startswith(("lrn:", "in.h5 ->")) for line in done.err.splitlines()), done.err


@pytest.mark.parametrize("options", [*EXACT.values(), REVERSIBLE, LOSSY["sz3"][0]], ids=[*EXACT, "zfp", "sz3"])
def test_a_damaged_chunk_is_refused_in_one_line(call: Run, tmp_path: Path, options: Mapping[str, Any]) -> None:
    _store(tmp_path / "in.h5", NUMBERS.astype("f4"), options)
    with h5py.File(tmp_path / "in.h5") as made:
        chunk = made["x"].id.get_chunk_info(1)
    with (tmp_path / "in.h5").open("r+b") as file:
        file.seek(chunk.byte_offset)
        file.write(b"\xa5" * chunk.size)
    done = call("apply", "in.h5", "-o", "out.npy", "-c", "tf", "--axis", 0)
    # Some filters find no fault in anything; LZ4 prints of a lack of memory, to standard output.
    words = [line.partition(": ")[0] for line in done.err.splitlines()]
    assert words in (["lrn", "hint"], ["in.h5 -> out.npy"], ["in.h5 -> out.npy", "lrn"]), done.err
