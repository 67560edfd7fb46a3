"""MATLAB's files of version 7.3: HDF5 behind 512 bytes of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5t

from tests.files.by_hand import Memory, Sample, add_attribute, add_dataset, reference, string
from tests.files.made import Made, Seen, X, shown

_TEXT = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024 HDF5 schema 1.00 ."
HEADER = _TEXT.ljust(116) + bytes(8) + b"\x00\x02IM" + bytes(384)


def as_matlab_does(path: Path) -> None:
    """Numbers, text, a struct, cells with their references, something empty, truth values."""
    memory = Memory()
    with h5py.File(path, "w", userblock_size=512, libver=("earliest", "v108")) as file:
        cells = file.create_group("#refs#")
        one = _variable(cells, "a", "char", np.array([[104], [105]], "u2"))
        two = _variable(cells, "b", "double", np.array([[1.5]]))
        _variable(file, "feats", "single", X)
        _variable(file, "text", "char", np.array([[ord(letter)] for letter in "größer"], "u2"))
        _variable(file, "truth", "logical", np.array([[1], [0]], "u1"))
        nothing = _variable(file, "nothing", "double", np.array([0, 0], "u8"))
        add_attribute(nothing, "MATLAB_empty", Sample("", h5t.STD_U8LE, (), b"\1"))
        cell = add_dataset(
            file, "cell", Sample("", h5t.STD_REF_OBJ, (2, 1), b"".join(reference(item) for item in (one, two)))
        )
        _classify(cell, "cell")
        _struct(file, memory)
    with path.open("r+b") as raw:
        raw.write(HEADER)


def _struct(file: h5py.File, memory: Memory) -> None:
    group = file.create_group("struct")
    _classify(group, "struct")
    for name in ("mean", "name"):
        _variable(group, name, "double", np.array([[2.5]]))
    letters = h5t.vlen_create(string(1, h5t.STR_NULLTERM))
    fields = memory.sequence(4, b"mean") + memory.sequence(4, b"name")
    add_attribute(group, "MATLAB_fields", Sample("", letters, (2,), fields))


def _variable(group: Any, name: str, kind: str, value: Any) -> h5py.Dataset:
    made = group.create_dataset(name, data=value, track_times=True)
    _classify(made, kind)
    if kind in ("char", "logical"):
        code = 2 if kind == "char" else 1
        add_attribute(made, "MATLAB_int_decode", Sample("", h5t.STD_I32LE, (), code.to_bytes(4, "little")))
    return made


def _classify(item: Any, kind: str) -> None:
    """As MATLAB does: a string that fills its size to the end."""
    add_attribute(item, "MATLAB_class", Sample("", string(len(kind), h5t.STR_NULLTERM), (), kind.encode()))


def by_hdf5storage(path: Path) -> None:
    """What hdf5storage makes of Python's objects."""
    import hdf5storage

    hdf5storage.savemat(
        str(path),
        {"feats": X.T, "cell": [1, np.arange(3), [2.5, 3]], "struct": {"a": 1, "b": np.arange(3)}},
        format="7.3",
        oned_as="column",
        truncate_existing=True,
    )


def seen(path: Path) -> Seen:
    """What mat73 makes of it, after scipy has recognised the header."""
    import mat73
    from scipy.io.matlab import matfile_version

    found = mat73.loadmat(str(path))
    rest = {name: _text(value) for name, value in found.items() if name != "feats"}
    return Seen({**rest, "version": repr(matfile_version(str(path)))}, np.asarray(found["feats"]))


def seen_by_hdf5storage(path: Path) -> Seen:
    """What hdf5storage restores."""
    import hdf5storage
    from scipy.io.matlab import matfile_version

    found = hdf5storage.loadmat(str(path))
    rest = {name: _text(value) for name, value in found.items() if name != "feats"}
    return Seen({**rest, "version": repr(matfile_version(str(path)))}, found["feats"])


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return repr({name: _text(one) for name, one in value.items()})
    return repr([_text(one) for one in value]) if isinstance(value, list) else shown(value)


KINDS = [
    Made("MATLAB 7.3", ".mat", "/feats", as_matlab_does, seen, ("mat73", "scipy")),
    Made("hdf5storage", ".mat", "/feats", by_hdf5storage, seen_by_hdf5storage, ("hdf5storage", "scipy")),
]
