"""A small coverage-guided fuzzer for the parsers that are our own: what reaches new lines is kept and changed on."""

from __future__ import annotations

import io
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from lrn_cli.commands.terminal.types import Size
from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from lrn_cli.models.content import Content
from lrn_cli.models.pasted.read import is_pasted, read_pasted
from lrn_cli.models.registry import read_content
from lrn_cli.pipeline.outputs import Naming
from lrn_cli.pipeline.request import Input
from lrn_cli.tensors.formats.image import FORMATS
from lrn_cli.tensors.listing import list_file
from lrn_cli.tensors.npy.archives import describe
from lrn_cli.tensors.npy.header import read
from lrn_cli.tensors.tensor import Reading
from tests.benchmarks.tables import Table
from tests.campaign.model_seeds import model_seeds
from tests.campaign.mutations import changed
from tests.campaign.seeds import seeds
from tests.campaign.settings import Settings, say

_SHARE = 5
"""Of so many hostile files one input for each parser."""
_WORDS = (
    "caffe:local_size=5,alpha=1e-4",
    "pytorch:size=4",
    "tf:depth_radius=2,bias=1",
    "alexnet:n=3,k=1,beta=.5",
    "wolfram:ChannelWindowSize=2",
    "onnx:size=3,alpha=inf",
    "caffe:norm_region=WITHIN_CHANNEL",
)

_PASTED = (
    "lrn_param { local_size: 5 alpha: 1e-4f }",
    "import torch.nn as nn\nself.n = nn.LocalResponseNorm(5, alpha=1e-3 / 9, k=-(2))",
    "L.LRN(x, lrn_param=dict(local_size=5, norm_region=P.LRN.WITHIN_CHANNEL))",
    'y = LocalResponseNormalizationLayer["Alpha" -> 1.*^-4, "Bias" -> 2][x]; (* c *)',
    "new A.Builder().n(5).k(2).alpha(1e-4f).build(); // c",
    "s{end+1} = struct('param', [5 1 0.0001/5 -.75]);",
    "local_size: 5 alpha: 1",
)

Parser = Callable[[bytes, Path], object]


def _specification(data: bytes, _: Path) -> object:
    return bound(data.decode("utf-8", "surrogateescape"))


def _template(data: bytes, _: Path) -> object:
    return Naming(data.decode("utf-8", "surrogateescape"), "tf").name(Input("a/x.npy"))


def _size(data: bytes, _: Path) -> object:
    try:
        return Size().convert(data.decode("utf-8", "surrogateescape"), None, None)
    except Exception as error:
        if type(error).__module__.startswith("click"):
            raise LrnError(str(error)) from None
        raise


def _header(data: bytes, _: Path) -> object:
    return read(io.BytesIO(data), "x")


def _archive(data: bytes, path: Path) -> object:
    path.write_bytes(data)
    return describe(path)


def _safetensors(data: bytes, path: Path) -> object:
    # Behind the right length, so that what is JSON is read.
    path.write_bytes(len(data).to_bytes(8, "little") + data)
    return list_file(str(path), Reading())


def _image(data: bytes, path: Path) -> object:
    path.write_bytes(data)
    form = next((form for form in FORMATS if form.matches(data[:64])), None)
    return form and form.describe(path, Reading())


def _of(*suffixes: str) -> list[bytes]:
    return [seed.data for seed in seeds() if seed.suffix in suffixes]


def _model(data: bytes, path: Path) -> object:
    return read_content(Content.of_bytes(path, data))


def _pasted(data: bytes, _: Path) -> object:
    text = data.decode("utf-8", "surrogateescape")
    return is_pasted(text), read_pasted(text)


def _models_of(*suffixes: str) -> list[bytes]:
    return [seed.data for seed in model_seeds() if seed.suffix in suffixes]


PARSERS: dict[str, tuple[Parser, Callable[[], list[bytes]]]] = {
    "convention in one word": (_specification, lambda: [word.encode() for word in _WORDS]),
    "template of names": (_template, lambda: [b"out/{stem}.{convention}.npy", b"{folder}/{name}", b"{{{member}}}"]),
    "size": (_size, lambda: [b"200M", b"1.5GiB", b"65536", b"1e3K"]),
    ".npy header": (_header, lambda: _of(".npy")),
    ".npz archive": (_archive, lambda: _of(".npz")),
    "safetensors header": (_safetensors, lambda: [data[8:] for data in _of(".safetensors")]),
    "models of protocol buffers": (_model, lambda: _models_of(".onnx", ".caffemodel", ".pb", ".meta", ".mlmodel")),
    "models as text": (_model, lambda: _models_of(".prototxt", ".pbtxt", ".xml", ".param", ".cfg", ".nnef", ".json")),
    "pasted text": (_pasted, lambda: [text.encode() for text in _PASTED]),
    "other models": (_model, lambda: _models_of(".tflite", ".bin", ".pt", ".keras")),
    "image header": (_image, lambda: _of(".png", ".tiff", ".jpeg", ".webp", ".bmp")),
}


def campaign(settings: Settings, folder: Path) -> Iterator[Table]:
    """Each parser with its share of inputs."""
    columns = ("parser", "inputs", "seconds", "lines reached by seeds", "in the end", "kept", "defects")
    table = Table("Our own parsers, coverage-guided", columns)
    for name, (parser, beginnings) in PARSERS.items():
        begin, hunt = time.monotonic(), _Hunt(parser, folder / "x", settings.state)
        for data in beginnings():
            hunt.attempt(data)
        reached = len(hunt.reached)
        hunt.search(max(settings.mutations // _SHARE, 1))
        seconds = time.monotonic() - begin
        table.add(name, hunt.count, seconds, reached, len(hunt.reached), len(hunt.corpus), len(hunt.defects))
        for what in sorted(hunt.defects):
            say(f"guided: {name}: {what}")
            settings.failures.append(f"guided: {name}: {what}")
    yield table


class _Hunt:
    """The search in one parser."""

    def __init__(self, parser: Parser, path: Path, found: Path) -> None:
        self._parser, self._path, self._found = parser, path, found
        self.reached: set[tuple[CodeType, int, int]] = set()
        self.corpus: list[bytes] = []
        self.defects: set[str] = set()
        self.count = 0

    def search(self, count: int) -> None:
        """Try so many inputs, each made from one that reached something new."""
        choose = random.Random(0)  # noqa: S311 - not for secrets
        for _ in range(count):
            # The last ones found are the most promising.
            at = max(choose.randrange(len(self.corpus)), choose.randrange(len(self.corpus)))
            self.attempt(changed(self.corpus[at], choose, choose.choice(self.corpus)))

    def attempt(self, data: bytes) -> None:
        """Parse it, and keep it if it went a new way."""
        before = len(self.reached)
        self.count += 1
        sys.settrace(self._called)
        try:
            self._parser(data, self._path)
        except LrnError:
            pass
        except Exception as error:
            what = f"{type(error).__name__}: {error}"[:150]
            if what not in self.defects:
                (self._found / f"guided-{len(self.defects)}-{self._parser.__name__}").write_bytes(data)
            self.defects.add(what)
        finally:
            sys.settrace(None)
        if len(self.reached) > before or not self.corpus:
            self.corpus.append(data)

    def _called(self, frame: FrameType, _event: str, _: Any) -> Callable[..., Any] | None:
        """Follow only what is ours: pairs of lines, one after another."""
        if "lrn_cli" not in frame.f_code.co_filename:
            return None
        last = 0

        def line(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal last
            if event == "line":
                self.reached.add((frame.f_code, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line
