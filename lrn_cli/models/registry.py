"""Which formats of models there are, and which one a file has: what is in it decides, not its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from shlex import quote

import lrn_cli.models.formats as package
from lrn_cli.declarations import Declarations
from lrn_cli.errors import LrnError
from lrn_cli.models.content import LAYERS, Content
from lrn_cli.models.model import Layer, Model, ModelFormat

_USUAL = {"prototxt": "caffe_prototxt", "pb": "tensorflow", "meta": "tensorflow", "mlmodel": "coreml", "pt": "torch"}
"""Files that are read first for a suffix, beside those that are called as it; nothing but time depends on it."""

_DECLARED = Declarations[ModelFormat](package, "FORMATS")


@cache
def formats() -> tuple[ModelFormat, ...]:
    """All formats, found by looking at the files of the `formats` package."""
    return _DECLARED.everywhere()


def recognise(path: Path) -> ModelFormat | None:
    """The format of a model file or of a folder that holds one; None where it is none, or cannot be read."""
    try:
        with _open(path) as content:
            return _format_of(content)
    except LrnError:
        return None


def read_model(path: Path) -> Model:
    """The LRN layers of a model file.

    Args:
        path: A file, or the folder of a SavedModel, an mlpackage or the like.

    Raises:
        LrnError: It is missing, empty, of no known format, damaged or beyond a limit.
    """
    with _open(path) as content:
        found = read_content(content)
        if found is None:
            begins = f"it begins with {content.head[:8]!r}"
            raise LrnError(f"{path}: is no model of a format that is read; {begins}", f"lrn info {quote(str(path))}")
        return found._replace(path=str(path))


def read_content(content: Content) -> Model | None:
    """The LRN layers of what was opened or read already; None where it is of no known format.

    Raises:
        LrnError: It is damaged or beyond a limit.
    """
    form = _format_of(content)
    if form is None:
        return None
    layers = tuple(_count(content, form))
    return Model(str(content.path), form, layers, "" if layers else form.remark(content))


def _count(content: Content, form: ModelFormat) -> Iterator[Layer]:
    for index, layer in enumerate(form.layers(content)):
        if index >= LAYERS:
            raise LrnError(f"{content.path}: more than {LAYERS:,} LRN layers", "a smaller model")
        yield replace(layer, index=index)


@contextmanager
def _open(path: Path) -> Iterator[Content]:
    name = _inside(path)
    if name.exists() and not name.is_file():
        raise LrnError(f"{name}: is no regular file", "cat FILE | lrn translate - reads one from a pipe")
    try:
        file = name.open("rb", buffering=0)
    except OSError as error:
        raise LrnError(f"{name}: {error.strerror}", f"ls -l {quote(str(path))}") from None
    with file:
        content = Content.of_file(name, file)
        if not content.size:
            raise LrnError(f"{path}: the file is empty (0 bytes)", "copy or export it again")
        yield content


def _inside(path: Path) -> Path:
    """The file itself, or in a folder the one that a format reads there."""
    if not path.is_dir():
        return path
    found = next((path / name for form in formats() for name in form.members if (path / name).is_file()), None)
    if found is None:
        raise LrnError(f"{path}: is a folder without a model", f"ls {quote(str(path))}")
    return found


def _format_of(content: Content) -> ModelFormat | None:
    """The format of what the file is named after if it is that, so that the others need not be read, else any."""
    suffix = content.path.suffix[1:].lower()
    usual = _DECLARED.in_file(_USUAL.get(suffix, suffix))
    return next((form for form in chain(usual, _each()) if form.matches(content)), None)


def _each() -> Iterator[ModelFormat]:
    yield from formats()
