"""NumPy's .npy files."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.files import FlatSource, NpySink
from lrn_cli.tensors.npy.header import MAGIC, Header, read
from lrn_cli.tensors.npy.streams import DeviceSink
from lrn_cli.tensors.replace import check_target, is_stream
from lrn_cli.tensors.tensor import Format, Reading, Sink, Source, TensorInfo, Writing


def _header(path: Path) -> Header:
    with path.open("rb") as file:
        header = read(file, str(path))
        held = file.seek(0, 2) - header.offset
    # Pickled objects have no fixed size; that they are refused is said where the tensor is chosen.
    if held != header.nbytes and not header.dtype.hasobject:
        what = "is cut short" if held < header.nbytes else "holds more than one array"
        raise LrnError(
            f"{path}: the file {what}: its header declares {header.nbytes} bytes of elements, {held} follow",
            "write the file again with np.save",
        )
    return header


def _describe(path: Path, _reading: Reading) -> list[TensorInfo]:
    header = _header(path)
    return [TensorInfo(header.shape, header.dtype, fortran_order=header.fortran_order)]


def _open(path: Path, info: TensorInfo, _reading: Reading) -> Source:
    return FlatSource(path, info, _header(path).offset)


def _check(writing: Writing) -> None:
    if writing.member:
        raise LrnError(
            f"{writing.path}: an .npy file holds one array, none is called {writing.member}", f"-o {writing.path}"
        )
    if not is_stream(writing.path):
        check_target(writing.path, force=writing.force)


def _create(writing: Writing) -> Sink:
    return DeviceSink(writing) if is_stream(writing.path) else NpySink(writing)


FORMATS = (Format("npy", (".npy",), lambda head: head.startswith(MAGIC), _describe, _open, _create, _check),)
