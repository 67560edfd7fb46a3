"""PyTorch's archives: TorchScript, whose code has the numbers in plain text; what is pickled is never unpickled.

pytorch/pytorch@00012f4b: torch/csrc/jit/docs/serialization.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import calcsize, unpack

from lrn_cli.errors import LrnError
from lrn_cli.models.archives import Archive, list_members, open_archive
from lrn_cli.models.content import TEXT, Content
from lrn_cli.models.model import Layer, ModelFormat
from lrn_cli.models.onnx.exported import read_export
from lrn_cli.models.torchscript import find_layers

_CODE, _EXPORTED = "/code/", "/models/model.json"
_CONSTANTS = re.compile(r"[^/]+/constants/(\d+)")
_DOUBLE = b"DoubleStorage"


class Torch(ModelFormat):
    """An archive as `torch.jit.save`, `torch.save` and `torch.export.save` write it."""

    name = "torch"
    title = "a PyTorch archive"

    def matches(self, content: Content) -> bool:
        """Whether it is an archive with the files of PyTorch in a folder."""
        return any(name.endswith(("/data.pkl", _EXPORTED)) for name in list_members(content))

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of modules that were scripted, traced or exported.

        Raises:
            LrnError: It is damaged, or has more code than a text may have.
        """
        with open_archive(content) as archive:
            yield from find_layers(_read_code(content, archive), _read_constants(archive))
            for name in archive.names:
                if name.endswith(_EXPORTED):
                    yield from read_export(archive.read(name).json)

    def remark(self, content: Content) -> str:
        """What kind of archive it is, and where the numbers are instead."""
        names = list_members(content)
        if any(_CODE in name or name.endswith(_EXPORTED) for name in names):
            return "whose code has no LRN layer"
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


def _read_constants(archive: Archive) -> list[float]:
    """The constants of traced code, each of them a double; none where they are something else.

    What they are is pickled beside them: that their storages are those of doubles is all that is looked for in it.
    """
    found = {int(match[1]): name for name in archive.names if (match := _CONSTANTS.fullmatch(name))}
    kinds = next((name for name in archive.names if name.endswith("/constants.pkl")), None)
    if not found or kinds is None or sorted(found) != list(range(len(found))):
        return []
    pickled = archive.read(kinds).whole
    data = [archive.read(found[number]).whole for number in range(len(found))]
    if pickled.count(b"Storage") != pickled.count(_DOUBLE) or any(len(one) != calcsize("<d") for one in data):
        return []
    return [float(unpack("<d", one)[0]) for one in data]


FORMATS = (Torch(),)
