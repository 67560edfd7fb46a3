"""HDF5 as fields of science use it: NeXus, AnnData, Keras, HDF-EOS5, openPMD."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5t

from tests.files.by_hand import Sample, add_dataset, string
from tests.files.made import Made, X
from tests.files.plain_files import seen_by_h5py


def nexus(path: Path) -> None:
    """Groups by class, soft links to the detector's data, units of fixed length, an external link."""
    with h5py.File(path, "w") as file:
        file.attrs["default"], file.attrs["NeXus_version"] = "entry", np.bytes_("4.4.0")
        for name, kind in (("entry", "NXentry"), ("entry/instrument/detector", "NXdetector"), ("entry/data", "NXdata")):
            file.create_group(name).attrs["NX_class"] = np.bytes_(kind)
        data = file["entry/instrument/detector"].create_dataset("data", data=X, chunks=(1, 3, 4, 5), compression="gzip")
        data.attrs["target"], data.attrs["units"] = "/entry/instrument/detector/data", np.bytes_("K")
        file["entry/data/data"] = h5py.SoftLink("/entry/instrument/detector/data")
        file["entry/data/same"] = data
        file["entry/data"].attrs["signal"], file["entry/data"].attrs["axes"] = "data", ["n", ".", "y", "x"]
        file["entry/title"] = "größer"
        file["entry/start_time"] = np.array([b"2024-01-01T00:00:00"])
        file["entry/notes"] = np.array(["a", "", "bc"], h5py.string_dtype())
        file["entry/data/raw"] = h5py.ExternalLink("raw.h5", "/entry/data")


def keras(path: Path) -> None:
    """Names of layers and weights as arrays of fixed strings, the model as text."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = '{"class_name": "Sequential"}'
        file.attrs["keras_version"], file.attrs["backend"] = "2.11.0", b"tensorflow"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array([b"conv2d", b"dense_1"])
        layer = weights.create_group("conv2d/conv2d")
        layer.create_dataset("kernel:0", data=X)
        layer.create_dataset("bias:0", data=np.arange(5, dtype="f4"))
        weights["conv2d"].attrs["weight_names"] = np.array([b"conv2d/kernel:0", b"conv2d/bias:0"])
        weights.create_group("dense_1").attrs["weight_names"] = np.array([], "S1")
        file.create_dataset("optimizer_weights/iteration:0", data=np.int64(7))


def hdf_eos(path: Path) -> None:
    """The structure as one long string that ends with NUL, names of blanks, fill values as attributes."""
    text = b'GROUP=SwathStructure\n\tGROUP=SWATH_1\n\t\tSwathName="HIRDLS"\nEND\n'
    with h5py.File(path, "w", libver="earliest") as file:
        info = file.create_group("HDFEOS INFORMATION")
        info.attrs["HDFEOSVersion"] = np.bytes_("HDFEOS_5.1.15")
        add_dataset(
            info, "StructMetadata.0", Sample("", string(32_000, h5t.STR_NULLTERM), (), text.ljust(32_000, b"\0"))
        )
        full = Sample("", string(len(text), h5t.STR_NULLTERM), (), text)
        add_dataset(info, "CoreMetadata.0", full)
        fields = file.create_group("HDFEOS/SWATHS/HIRDLS/Data Fields")
        made = fields.create_dataset("Temperature", data=X, chunks=(1, 3, 4, 5), compression="gzip", shuffle=True)
        made.attrs["MissingValue"], made.attrs["Units"] = np.array([np.nan], "f4"), np.bytes_("K")
        file.create_group("HDFEOS/ADDITIONAL/FILE_ATTRIBUTES").attrs["OrbitNumber"] = np.array([1], "i4")


def open_pmd(path: Path) -> None:
    """Meshes with axis labels, unit dimensions and extents as attributes."""
    with h5py.File(path, "w") as file:
        file.attrs["openPMD"], file.attrs["openPMDextension"] = np.bytes_("1.1.0"), np.uint32(0)
        file.attrs["basePath"], file.attrs["meshesPath"] = np.bytes_("/data/%T/"), np.bytes_("fields/")
        step = file.create_group("data/100")
        step.attrs["time"], step.attrs["dt"] = 1.5, np.float32(0.5)
        mesh = step.create_group("fields/E")
        mesh.attrs["axisLabels"] = np.array([b"z", b"yy"])
        mesh.attrs["names"] = np.array(["z", "", "größer"], h5py.string_dtype())
        mesh.attrs["unitDimension"] = np.arange(7.0)
        mesh.create_dataset("x", data=X).attrs["unitSI"] = 2.5
        constant = mesh.create_group("y")
        constant.attrs["value"], constant.attrs["shape"] = 0.0, np.array(X.shape, "u8")


def ann_data(path: Path) -> None:
    """Cells by genes: every element says its encoding, categories are codes, a sparse layer is three arrays.

    As https://anndata.readthedocs.io/en/stable/fileformat-prose.html has it.
    """
    with h5py.File(path, "w") as file:
        _encode(file, "anndata", "0.1.0")
        _encode(file.create_dataset("X", data=X.reshape(8, 15), compression="gzip"), "array")
        for name, column, length in (("obs", "kind", 8), ("var", "name", 15)):
            frame = file.create_group(name)
            _encode(frame, "dataframe")
            frame.attrs["_index"], frame.attrs["column-order"] = "_index", np.array([column], h5py.string_dtype())
            _encode(_texts(frame, "_index", [f"{name}{at}" for at in range(length)]), "string-array")
        _encode(_texts(file["var"], "name", [f"größer {at}" for at in range(15)]), "string-array")
        kind = file.create_group("obs/kind")
        _encode(kind, "categorical")
        kind.attrs["ordered"] = False
        _encode(kind.create_dataset("codes", data=np.array([0, 1, 2, 0, 0, 1, 1, -1], "i1")), "array")
        _encode(_texts(kind, "categories", ["a", "b", ""]), "string-array")
        sparse = file.create_group("layers/sparse")
        _encode(sparse, "csr_matrix", "0.1.0")
        sparse.attrs["shape"] = np.array([8, 15])
        for name, values in {"data": [1.5, 2.5], "indices": [3, 4], "indptr": [0, 1, 1, 1, 1, 1, 1, 1, 2]}.items():
            sparse.create_dataset(name, data=values, compression="gzip", maxshape=(None,))
        file["uns/title"], file["uns/none"] = "K", h5py.Empty("f4")


def _encode(item: Any, kind: str, version: str = "0.2.0") -> None:
    item.attrs["encoding-type"], item.attrs["encoding-version"] = kind, version


def _texts(group: Any, name: str, values: list[str]) -> Any:
    return group.create_dataset(name, data=np.array(values, object), dtype=h5py.string_dtype(), compression="gzip")


def _kind(name: str, suffix: str, member: str, write: Any) -> Made:
    return Made(name, suffix, member, write, partial(seen_by_h5py, member=member.lstrip("/")))


KINDS = [
    _kind("NeXus", ".nxs", "/entry/instrument/detector/data", nexus),
    _kind("Keras", ".h5", "/model_weights/conv2d/conv2d/kernel:0", keras),
    _kind("HDF-EOS5", ".he5", "/HDFEOS/SWATHS/HIRDLS/Data Fields/Temperature", hdf_eos),
    _kind("openPMD", ".h5", "/data/100/fields/E/x", open_pmd),
    _kind("AnnData", ".h5ad", "/X", ann_data),
]
