"""NumPy's .npz archives, read only: zip files of .npy arrays."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.files import FlatSource
from lrn_cli.tensors.npy.header import read
from lrn_cli.tensors.npy.streams import StreamSource
from lrn_cli.tensors.tensor import Format, Reading, Source, TensorInfo

_LOCAL_HEADER = struct.Struct("<26xHH")
"""The end of a zip member's local header: lengths of its name and of its extra field."""


def _describe(path: Path, _reading: Reading) -> list[TensorInfo]:
    with _archive(path) as archive:
        return [_info(path, archive, entry) for entry in archive.infolist() if entry.filename.endswith(".npy")]


def _info(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> TensorInfo:
    name = entry.filename.removesuffix(".npy")
    try:
        with _member(path, archive, entry) as file:
            header = read(file)
    except LrnError as error:
        raise error.about(f"{path}::{name}") from None
    if header.offset + header.nbytes != entry.file_size and not header.dtype.hasobject:
        raise LrnError(
            f"{path}::{name}: its header declares {header.nbytes} bytes of elements,"
            f" {entry.file_size - header.offset} follow",
            "write the file again with np.savez",
        )
    filters = () if entry.compress_type == zipfile.ZIP_STORED else ("deflate",)
    return TensorInfo(header.shape, header.dtype, name, header.fortran_order, filters=filters)


def _open(path: Path, info: TensorInfo, _reading: Reading) -> Source:
    archive = _archive(path)
    entry = archive.getinfo(f"{info.member}.npy")
    if not info.filters:
        with archive, path.open("rb") as file:
            file.seek(entry.header_offset)
            name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
            begin = entry.header_offset + _LOCAL_HEADER.size + name + extra
            file.seek(begin)
            return FlatSource(path, info, begin + read(file).offset)
    return _CompressedSource(path, info, archive, _member(path, archive, entry))


class _CompressedSource(StreamSource):
    """An array in a compressed archive: it can only be read in order."""

    def __init__(self, path: Path, info: TensorInfo, archive: zipfile.ZipFile, file: IO[bytes]) -> None:
        super().__init__(file, f"{path}::{info.member}", info.member)
        self.path, self.info, self._archive = path, info, archive

    def _fill(self, memory: memoryview) -> None:
        try:
            super()._fill(memory)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise _damaged(self._name, error) from None

    def close(self) -> None:
        """Let go of the archive."""
        self._stream.close()
        self._archive.close()


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(str(path), error) from None


def _member(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(entry)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _damaged(f"{path}::{entry.filename}", error) from None


def _damaged(name: str, error: Exception) -> LrnError:
    return LrnError(f"{name}: the archive is damaged: {error}", "write the file again with np.savez")


FORMATS = (Format("npz", (".npz",), lambda head: head.startswith((b"PK\x03\x04", b"PK\x05\x06")), _describe, _open),)
