"""NumPy's .npy files."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from lrn_cli.advice import free, program, spell
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
        raise _wrong_size(path, file, header, held)
    return header


def _wrong_size(path: Path, file: FileIO, header: Header, held: int) -> LrnError:
    declared = f"its header declares {header.nbytes} bytes of elements, {held} follow"
    if held < header.nbytes:
        return LrnError(f"{path}: the file is cut short: {declared}", "write the file again with np.save")
    again = os.pread(file.fileno(), len(MAGIC), header.offset + header.nbytes) == MAGIC
    more = held - header.nbytes
    what = "holds more than one array" if again else f"goes on for {more} byte{'s'[: more > 1]} behind its array"
    # NumPy reads the first array of a file and looks no further.
    first = program(f"np.save({spell(free(f'{path.stem}.first.npy'))}, np.load({spell(str(path))}))")
    return LrnError(f"{path}: the file {what}: {declared}", first)


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

FORMATS = (Format("npy", (".npy",), _matches, _describe, _open, _create, _check, read=_read, in_python=_IN_PYTHON),)
