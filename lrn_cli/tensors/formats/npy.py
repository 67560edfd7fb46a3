"""NumPy's .npy files."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.files import FlatSource, NpySink
from lrn_cli.tensors.npy.header import MAGIC, Header, read
from lrn_cli.tensors.npy.streams import DeviceSink
from lrn_cli.tensors.targets import check_target, is_stream
from lrn_cli.tensors.tensor import Format, Reading, Sink, Source, TensorInfo, Writing


def _described(header: Header) -> TensorInfo:
    return TensorInfo(header.shape, header.dtype, fortran_order=header.fortran_order)


def _describe(path: Path, _reading: Reading) -> list[TensorInfo]:
    with path.open("rb", buffering=0) as file:
        return [_described(_header(path, file))]


def _open(path: Path, _info: TensorInfo, _reading: Reading) -> Source:
    return _read(path, path.open("rb", buffering=0))


def _read(path: Path, file: FileIO) -> Source:
    # The header is read from the very file that the elements will be: another may take its name meanwhile.
    try:
        header = _header(path, file)
    except BaseException:
        file.close()
        raise
    return FlatSource(path, _described(header), file, header.offset)


def _header(path: Path, file: FileIO) -> Header:
    header = read(file, str(path))
    held = os.fstat(file.fileno()).st_size - header.offset
    # Pickled objects have no fixed size; that they are refused is said where the tensor is chosen.
    if held != header.nbytes and not header.dtype.hasobject:
        what = "is cut short" if held < header.nbytes else "holds more than one array"
        raise LrnError(
            f"{path}: the file {what}: its header declares {header.nbytes} bytes of elements, {held} follow",
            "write the file again with np.save",
        )
    return header


def _check(writing: Writing) -> None:
    if writing.member:
        raise LrnError(
            f"{writing.path}: an .npy file holds one array, none is called {writing.member}", f"-o {writing.path}"
        )
    check_target(writing.path, force=writing.force)


def _create(writing: Writing) -> Sink:
    return DeviceSink(writing) if is_stream(writing.path) else NpySink(writing)


def _matches(head: bytes) -> bool:
    return head.startswith(MAGIC)


_IN_PYTHON = "np.load({file}{options})"

FORMATS = (
    Format("npy", (".npy",), _matches, _describe, _open, _create, _check, read=_read, in_python=_IN_PYTHON),
)
