"""NumPy's .npz archives, read only."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import Format
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo


class Npz(Format):
    """A zip archive of .npy files."""

    name = "npz"
    suffixes = (".npz",)
    in_python = "np.load({file}{options})[{member}]"

    def matches(self, head: bytes) -> bool:
        """Whether it begins as a zip archive does, an empty one too."""
        return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    def describe(self, path: Path, _reading: Reading) -> list[TensorInfo]:
        """All arrays, in the archive's order."""
        from lrn_cli.tensors.npy.archives import describe

        return describe(path)

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The array of that name."""
        from lrn_cli.tensors.npy.archives import ArchivedSource

        return ArchivedSource(path, info, reading)

    def without_tensor(self, path: Path) -> LrnError:
        """An archive of other files, or an empty one."""
        from lrn_cli.tensors.npy.archives import without_arrays

        return without_arrays(path)


FORMATS = (Npz(),)
