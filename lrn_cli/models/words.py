"""What may stand where a convention does: besides its word a model file, one of its layers, or text that was pasted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote

from lrn_cli.conventions import binding
from lrn_cli.conventions.binding import Asked, Bound
from lrn_cli.conventions.registry import find
from lrn_cli.errors import LrnError
from lrn_cli.models.addresses import SEPARATOR, address, select
from lrn_cli.models.content import Content
from lrn_cli.models.model import Model
from lrn_cli.models.registry import read_content, read_model

_SUFFIXES = (
    ".onnx",
    ".prototxt",
    ".caffemodel",
    ".pb",
    ".pbtxt",
    ".tflite",
    ".mlmodel",
    ".json",
    ".xml",
    ".param",
    ".cfg",
    ".bin",
    ".pt",
    ".pt2",
    ".pth",
    ".keras",
    ".meta",
    ".mlpackage",
    ".nnef",
)
"""Usual ones: a word that ends so names no convention. What a file is, its suffix does not say."""


def ask(word: str | Asked, given: Mapping[str, object] | None = None) -> Asked:
    """As `binding.ask`, also of a layer of a model file and of pasted text.

    Args:
        word: `caffe:local_size=5`, `deploy.prototxt::norm1`, `tf.nn.lrn(x, 4)`, or what was asked already.
        given: More parameters, under the framework's own names.

    Raises:
        LrnError: As `binding.ask`; there is no such layer, or no convention says it; or as `read_model`.
    """
    if not isinstance(word, str) or _names_convention(word):
        return binding.ask(word, given)
    path, wanted = split(word)
    if os.path.exists(path):
        return ask_layer(read_model(Path(path)), wanted, word).add(given or {})
    from lrn_cli.models.pasted.read import is_pasted, read_pasted

    if is_pasted(word):
        return read_pasted(word).add(given or {})
    if SEPARATOR in word or "/" in path or Path(path).suffix in _SUFFIXES:
        raise LrnError(f"{path}: no such file", f"ls {quote(os.path.dirname(path) or '.')}")
    return binding.ask(word, given)


def bound(word: str | Asked, given: Mapping[str, object] | None = None) -> Bound:
    """As `binding.bound`, also of a layer of a model file and of pasted text.

    Raises:
        LrnError: As `ask` and `bind`.
    """
    return ask(word, given).bind()


def ask_bytes(data: bytes, given: Mapping[str, object] | None = None) -> Asked:
    """What is asked for by what standard input holds: a model, or pasted text.

    Raises:
        LrnError: As `ask`.
    """
    model = find_in_bytes(data)
    if model is not None:
        return ask_layer(model, "", "-").add(given or {})
    from lrn_cli.models.pasted.read import read_pasted

    return read_pasted(data.decode("utf-8-sig", "replace")).add(given or {})


def ask_layer(model: Model, wanted: str, word: str) -> Asked:
    """The convention of one layer of a model, shown as the word that named it.

    Raises:
        LrnError: As `select`, or no convention says that layer.
    """
    layer = select(model, wanted)
    if layer.asked is None:
        name = f"{model.path}{SEPARATOR}{address(model, layer)}"
        raise LrnError(f"{name}: is no convention with numbers: {layer.reason}", f"lrn info {quote(model.path)}")
    return layer.asked._replace(word=word)


def find_model(word: str) -> Model | None:
    """The model that a word names as a whole, without a layer of it; None where it names something else.

    Raises:
        LrnError: As `read_model`.
    """
    whole = not _names_convention(word) and os.path.exists(word)
    return read_model(Path(word)) if whole else None


def find_in_bytes(data: bytes) -> Model | None:
    """The model that standard input holds; None where that is none.

    Raises:
        LrnError: As `read_content`.
    """
    model = read_content(Content.of_bytes(Path("-"), data))
    # One of the two files of cuda-convnet lacks the numbers, which the text that calls it has.
    half = model is not None and model.layers and not any(layer.asked for layer in model.layers)
    return None if half and _is_pasted(data) else model


def _is_pasted(data: bytes) -> bool:
    from lrn_cli.models.pasted.read import read_pasted

    try:
        read_pasted(data.decode("utf-8-sig", "replace"))
    except LrnError:
        return False
    return True


def split(word: str) -> tuple[str, str]:
    """The path and the address that a word names, both of which may have `::` in them: the shortest path that is there.

    >>> split("deploy.prototxt::norm1"), split("deploy.prototxt")
    (('deploy.prototxt', 'norm1'), ('deploy.prototxt', ''))
    """
    ways = [(word, ""), *_ways(word)]
    return next((way for way in ways if os.path.exists(way[0])), ways[min(1, len(ways) - 1)])


def _ways(word: str) -> Iterator[tuple[str, str]]:
    """What stands before and behind each `::` of a word, from the left."""
    at = word.find(SEPARATOR)
    while at >= 0:
        yield word[:at], word[at + len(SEPARATOR) :]
        at = word.find(SEPARATOR, at + 1)


def _names_convention(word: str) -> bool:
    """Whether what stands before the first colon is a convention: a file of that name does not matter then."""
    name, colon, rest = word.partition(":")
    if f"{colon}{rest}".startswith(SEPARATOR):
        return False
    try:
        return bool(find(name.strip()))
    except LrnError:
        return False
