"""NetCDF-3 files: read as SciPy and netCDF4 read them, and held to what every format is held to."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.listing import list_file
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading
from tests.advice import hint_of
from tests.conftest import Run
from tests.files import netcdf3_files as by_hand
from tests.tensors.formats.battery import Battery, Example, random

pytestmark = pytest.mark.skipif(find_spec("scipy") is None, reason="SciPy is not installed; the extra mat has it")

DIMENSIONS = [("time", 0), ("c", 3), ("y", 5)]


def example(name: str, values: Array, variables: list[by_hand.Variable], version: int = 1) -> Example:
    data = by_hand.file_3(DIMENSIONS, variables, len(values), version)
    big = values.astype(values.dtype.newbyteorder(">"))
    return Example(name, "netcdf3", ".nc", big, lambda path: path.write_bytes(data), member="feats")


def flat(kind: str, version: int = 1) -> Example:
    values = random((3, 5), kind)
    return example(f"{kind}, version {version}", values, [by_hand.Variable("feats", (1, 2), values)], version)


def in_records(kind: str, *, alone: bool) -> Example:
    values = random((4, 3, 5), kind)
    others = [by_hand.Variable("first", (0,), random((4,), "i2")), by_hand.Variable("last", (0, 2), random((4, 5)))]
    feats = by_hand.Variable("feats", (0, 1, 2), values)
    variables = [feats] if alone else [others[0], feats, others[1]]
    return example(f"{kind} in records{', alone' * alone}", values, variables)


class TestNetcdf3(Battery):
    """Every type, both kinds of offsets, records of one variable and of several."""

    EXAMPLES = (
        *(flat(kind) for kind in ("i1", "i2", "i4", "f4", "f8")),
        flat("f4", 2),
        *(in_records(kind, alone=alone) for kind in ("i1", "f4") for alone in (False, True)),
    )


def written(path: Path, version: str) -> None:
    """A file with everything, by the library that owns the format."""
    netcdf = pytest.importorskip("netCDF4", reason="netCDF4 is not installed; the extra test-files has it")
    with netcdf.Dataset(path, "w", format=version) as file:
        for name, length in (("time", None), ("n", 2), ("c", 6), ("y", 4), ("x", 5)):
            file.createDimension(name, length)
        file.createVariable("feats", "f4", ("n", "c", "y", "x"))[:] = random((2, 6, 4, 5))
        file.createVariable("x", "f8", ("x",))[:] = np.arange(5)
        file.createVariable("series", "f8", ("time", "c", "x"))[:] = random((3, 6, 5))
        file.createVariable("größe", "i1", ("time", "x"))[:] = random((3, 5), "i1")
        file.createVariable("text", "S1", ("x",))[:] = list("abcde")
        packed = file.createVariable("packed", "i2", ("time", "c"), fill_value=7)
        packed.scale_factor, packed.add_offset, packed.units = np.float32(0.5), np.float32(1), "K"
        packed.set_auto_maskandscale(False)
        packed[:] = np.arange(18).reshape(3, 6)
        file.title = "of everything"


VERSIONS = ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("cf", ["raw", "unpack"])
def test_every_variable_has_the_numbers_that_its_own_library_reads(version: str, cf: str, tmp_path: Path) -> None:
    path = tmp_path / "x.nc"
    written(path, version)
    import netCDF4

    with netCDF4.Dataset(path) as file:
        assert [info.member for info in list_file(str(path), Reading()).tensors] == list(file.variables)
        for name, variable in file.variables.items():
            if name == "text":
                continue
            variable.set_auto_maskandscale(cf == "unpack" and name == "packed")
            with open_tensor(f"{path}::{name}", Reading(cf=cf)) as source:
                source.survey()
                values: Any = np.empty(source.info.shape, source.info.dtype)
                source.read(tuple(slice(0, length) for length in values.shape), values)
            expected = variable[...]
            np.testing.assert_array_equal(values, np.ma.filled(expected.astype("f8"), np.nan))


def test_packed_numbers_are_not_taken_before_somebody_says_how(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.nc").write_bytes(by_hand.of_many_kinds())
    ended = call("apply", "x.nc::packed", "-o", "y.npy", "-c", "caffe")
    ended.assert_refused("x.nc::packed: its numbers are packed: scale_factor 0.5, add_offset 1.0")
    assert hint_of(ended).startswith("--cf unpack")
    ended = call("apply", "x.nc::packed", "-o", "y.npy", "-c", "caffe", "--cf", "unpack")
    assert "1 of 12 values were missing (_FillValue 15) and became NaN" in ended.err


def test_a_coordinate_is_no_tensor_and_text_is_called_text(call: Run, tmp_path: Path) -> None:
    x = by_hand.NUMBERS.astype("f4")
    variables = [by_hand.Variable("feats", (0, 1, 2, 3), x), by_hand.Variable("x", (3,), np.arange(5.0))]
    (tmp_path / "x.nc").write_bytes(by_hand.file_3([("n", 2), ("c", 3), ("y", 4), ("x", 5)], variables))
    assert call("apply", "x.nc", "-o", "y.npy", "-c", "caffe").code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), normalize(x, "caffe"))
    (tmp_path / "many.nc").write_bytes(by_hand.of_many_kinds())
    call("apply", "many.nc::text", "-o", "z.npy", "-c", "caffe").assert_refused("dtype |S1 is text")
    call("apply", "many.nc", "-o", "z.npy", "-c", "caffe").assert_refused("feats, größe, series, bytes, packed")


def test_an_output_called_nc_is_hdf5_and_it_is_said_what_it_does_not_keep(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.nc").write_bytes(by_hand.of_many_kinds(2))
    ended = call("apply", "x.nc::feats", "-o", "y.nc", "-c", "caffe")
    assert "lrn: warning: y.nc: not kept of x.nc: its attributes, dimensions and other variables\n" in ended.err
    assert list_file(str(tmp_path / "y.nc"), Reading()).format == "h5"
    assert call("apply", "x.nc::feats", "-o", "y.npy", "-c", "caffe").code == 0
    assert call("compare", "y.nc", "y.npy").code == 0
    assert call("identify", "x.nc::feats", "y.nc").code == 0


def test_a_number_of_records_that_was_never_written_is_not_taken_for_none(tmp_path: Path) -> None:
    data = by_hand.of_many_kinds()
    (tmp_path / "x.nc").write_bytes(data[:4] + b"\xff" * 4 + data[8:])
    with pytest.raises(LrnError, match="does not tell how many records it has"):
        open_tensor(f"{tmp_path / 'x.nc'}::series", Reading())
