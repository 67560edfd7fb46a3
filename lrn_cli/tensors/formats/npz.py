"""NumPy's .npz archives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import WrittenFormat
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing


class Npz(WrittenFormat):
    """A zip archive of .npy files."""

    name = "npz"
    suffixes = (".npz",)
    keeps_filters = True
    in_folders = False
    holds_several = True
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

    def open_several(self, path: Path, infos: Sequence[TensorInfo], reading: Reading) -> Iterator[Source]:
        """The arrays of those names, in one open archive."""
        from lrn_cli.tensors.npy.archives import open_several

        return open_several(path, infos, reading)

    def without_tensor(self, path: Path) -> LrnError:
        """An archive of other files, or an empty one."""
        from lrn_cli.tensors.npy.archives import without_arrays

        return without_arrays(path)

    def check(self, writing: Writing) -> None:
        """Refuse a name that is taken, and an archive that cannot be written."""
        from lrn_cli.tensors.npy.archive_plan import plan

        with plan([writing]):
            pass

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin an archive, or arrays beside those of an old one."""
        from lrn_cli.tensors.npy.archive_sink import begin

        return begin(writings)


FORMATS = (Npz(),)
