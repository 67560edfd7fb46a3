"""Files of safetensors: named tensors behind a header of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from io import FileIO
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import WrittenFormat
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

_JSON_SPACE = b" \t\r\n"


class Safetensors(WrittenFormat):
    """Safetensors, read and written without its library."""

    name = "safetensors"
    suffixes = (".safetensors",)
    holds_several = True
    holds = "tensors"
    in_python = 'safetensors.safe_open({file}, "np").get_tensor({member})'

    def matches(self, head: bytes) -> bool:
        """Whether JSON begins behind a length that is none of a terabyte."""
        return head[5:8] == bytes(3) and head[8:].lstrip(_JSON_SPACE).startswith(b"{")

    def describe(self, path: Path, reading: Reading) -> list[TensorInfo]:
        """All tensors, in the header's order."""
        from lrn_cli.tensors.safetensors.header import read

        with path.open("rb", buffering=0) as file:
            return [tensor.describe() for tensor in read(path, file, reading.max_bytes).tensors]

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The tensor of that name."""
        return self.open_named(path, path.open("rb", buffering=0), info.member, reading)

    def open_named(self, path: Path, file: FileIO, member: str, reading: Reading) -> Source:
        """The tensor of that name, from the very file that was recognised: another may take its name meanwhile."""
        from lrn_cli.tensors.safetensors.header import read
        from lrn_cli.tensors.safetensors.source import SafetensorsSource

        try:
            header = read(path, file, reading.max_bytes)
            info = self.choose(path, member, [tensor.describe() for tensor in header.tensors], reading)
            return SafetensorsSource(path, file, header, info)
        except BaseException:
            file.close()
            raise

    def without_tensor(self, path: Path) -> LrnError:
        """A file of texts alone, or of nothing."""
        return LrnError(f"{path}: holds no tensor", f"lrn info {path}")

    def check(self, writing: Writing) -> None:
        """Refuse a name that is taken, and a file that cannot be written."""
        from lrn_cli.tensors.safetensors.sink import plan

        plan([writing])

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin a file, or tensors beside those of an old one."""
        from lrn_cli.tensors.safetensors.sink import begin

        return begin(writings)


FORMATS = (Safetensors(),)
