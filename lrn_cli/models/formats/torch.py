"""PyTorch's archives: TorchScript, whose code has the numbers in plain text; what is pickled is never unpickled.

pytorch/pytorch@00012f4b: torch/csrc/jit/docs/serialization.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.errors import LrnError
from lrn_cli.models.archives import Archive, list_members, open_archive
from lrn_cli.models.content import TEXT, Content
from lrn_cli.models.model import Layer, ModelFormat
from lrn_cli.models.torchscript import find_layers

_CODE = "/code/"


class Torch(ModelFormat):
    """An archive as `torch.jit.save`, `torch.save` and `torch.export.save` write it."""

    name = "torch"
    title = "a PyTorch archive"

    def matches(self, content: Content) -> bool:
        """Whether it is an archive with the files of PyTorch in a folder."""
        return any(name.endswith(("/data.pkl", "/models/model.json")) for name in list_members(content))

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of scripted modules.

        Raises:
            LrnError: It is damaged, or has more code than a text may have.
        """
        with open_archive(content) as archive:
            yield from find_layers(_read_code(content, archive))

    def remark(self, content: Content) -> str:
        """What kind of archive it is, and where the numbers are instead."""
        names = list_members(content)
        exported = any(name.endswith("/models/model.json") for name in names)
        if any(_CODE in name for name in names):
            return "whose code names no LRN layer"
        if exported:
            return "of torch.export, which has no LRN layer but its parts; torch.onnx.export writes a file that is read"
        return "that is pickled, which is never unpickled here; torch.onnx.export or torch.jit.script have the numbers"


def _read_code(content: Content, archive: Archive) -> dict[str, str]:
    """The code of each module by its name."""
    code: dict[str, str] = {}
    total = 0
    for name in archive.names:
        _, folder, path = name.partition(_CODE)
        if not folder or not path.endswith(".py"):
            continue
        text = archive.read(name).text
        total += len(text)
        if total > TEXT:
            raise LrnError(f"{content.path}: more than {TEXT:,} bytes of code", "a smaller model")
        code[path.removesuffix(".py").replace("/", ".")] = text
    return code


FORMATS = (Torch(),)
