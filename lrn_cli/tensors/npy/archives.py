"""Arrays in .npz archives, which are zip files of .npy arrays."""

from __future__ import annotations

import errno
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lrn_cli.errors import LrnError
from lrn_cli.tensors.foreign import PYTORCH, hint
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.npy.header import read
from lrn_cli.tensors.npy.streams import StreamSource
from lrn_cli.tensors.registry import is_known
from lrn_cli.tensors.tensor import Reading, TensorInfo

ZARR = ("zarr.json", ".zarray", ".zgroup")
"""Names of the metadata of Zarr stores."""
_KERAS_WEIGHTS = "model.weights.h5"


def describe(path: Path) -> list[TensorInfo]:
    """All arrays of an archive, by their headers.

    Raises:
        LrnError: It is damaged, or an array's size is not what its header declares.
    """
    with open_archive(path) as archive:
        return [_info(path, archive, entry) for entry in archive.infolist() if entry.filename.endswith(".npy")]


def without_arrays(path: Path) -> LrnError:
    """What to say of an archive that holds no array: what it is, and where in it a tensor may be."""
    from shlex import quote

    from lrn_cli.advice import free

    with open_archive(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    file = quote(str(path))
    if any(name.rpartition("/")[2] == "data.pkl" for name in names):
        return LrnError(f"{path}: holds no .npy array; it is {PYTORCH.name}", hint(path, PYTORCH))
    if any(name.rpartition("/")[2] in ZARR for name in names):
        folder = quote(free(f"{path.name.partition('.')[0]}.zarr"))
        said = f"{path}: is a Zarr store in an archive, and one is read in a folder"
        return LrnError(said, f"python3 -m zipfile -e {file} {folder}")
    listed = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    what = "a Keras model" if _KERAS_WEIGHTS in names else f"an archive of {listed}" if names else "an empty archive"
    inner = next((name for name in names if is_known(name) and not name.startswith("-")), "")
    advice = f"unzip {file} {quote(inner)} && lrn info {quote(inner)}" if inner else f"python3 -m zipfile -l {file}"
    return LrnError(f"{path}: holds no .npy array; it is {what}", advice)


def _info(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> TensorInfo:
    name = entry.filename.removesuffix(".npy")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Python unpacks those as far as they go, and a few bytes may go on for gigabytes.
        raise LrnError(
            f"{path}::{name}: is compressed by method {entry.compress_type}, not as np.savez_compressed does",
            "write the file again with np.savez_compressed",
        )
    with in_words(f"{path}::{name}"), archive.open(entry) as file:
        header = read(file, f"{path}::{name}")
    if header.offset + header.nbytes != entry.file_size and not header.dtype.hasobject:
        raise LrnError(
            f"{path}::{name}: its header declares {header.nbytes} bytes of elements,"
            f" {entry.file_size - header.offset} follow",
            "write the file again with np.savez",
        )
    filters = () if entry.compress_type == zipfile.ZIP_STORED else ("deflate",)
    return header.describe(name)._replace(filters=filters)


class ArchivedSource(StreamSource):
    """An array in an archive: read in order, also where it is not compressed, so that its checksum is checked."""

    archive: zipfile.ZipFile
    path: Path

    def __init__(self, path: Path, info: TensorInfo, reading: Reading, beside: ArchivedSource | None = None) -> None:
        self._beside = beside  # a source of the same file, which is closed after this one: they share the archive
        name, self.archive = f"{path}::{info.member}", open_archive(path) if beside is None else beside.archive
        with in_words(name):
            super().__init__(self.archive.open(f"{info.member}.npy"), name, reading, info.member)
        self.path, self.info = path, info
        self.unchanged = Unchanged(path, descriptor_of(self.archive))

    def finish(self) -> None:
        """Check that the array is all there is, at whose end its checksum is compared, and that it is still there."""
        with in_words(self._name):
            super().finish()
        self.unchanged.check()

    def _fill(self, memory: memoryview) -> None:
        with in_words(self._name):
            super()._fill(memory)

    def close(self) -> None:
        """Let go of the archive."""
        self._stream.close()
        if self._beside is None:
            self.archive.close()


def open_several(path: Path, infos: Sequence[TensorInfo], reading: Reading) -> Iterator[ArchivedSource]:
    """Several arrays of an archive, whose directory is read once, and which takes one descriptor."""
    first = None
    for info in infos:
        source = ArchivedSource(path, info, reading, first)
        first = first or source
        yield source


def open_archive(path: Path) -> zipfile.ZipFile:
    """An archive, open for reading.

    Raises:
        LrnError: It is none.
    """
    with in_words(str(path)):
        return zipfile.ZipFile(path)


def descriptor_of(archive: zipfile.ZipFile) -> int:
    """The descriptor of the file that an archive is read from."""
    file: IO[bytes] | None = archive.fp
    assert file is not None  # noqa: S101
    return file.fileno()


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Say of a damaged archive, or one that needs what Python lacks, what it is."""
    try:
        yield
    except LrnError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        # A damaged archive leads to places that no file has; whatever else the system refuses is no fault of the file.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise LrnError(f"{name}: cannot be read: {error.strerror}", "ls -l, to see whose it is") from None
        reason = str(error) or type(error).__name__
        raise LrnError(f"{name}: the archive is damaged: {reason}", "write the file again with np.savez") from None
