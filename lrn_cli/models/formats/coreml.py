"""Core ML: .mlmodel, with neural networks or a program, and .mlpackage, a folder around one, or a zip of it.

Field numbers: apple/coremltools@e0e2f42b:mlmodel/format/{Model,NeuralNetwork}.proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from lrn_cli.errors import LrnError
from lrn_cli.models.archives import is_archive, list_members, open_archive
from lrn_cli.models.content import Content
from lrn_cli.models.coreml.layers import layer_of_network
from lrn_cli.models.coreml.program import read_program
from lrn_cli.models.model import Layer, ModelFormat
from lrn_cli.models.protobuf.wire import BYTES, FIXED32, VARINT, Field, Message, Table, outline

_NETWORKS, _PROGRAM, _PIPELINES = (303, 403, 500), 502, (200, 201, 202)
_FIRST_TYPE, _LAST_TYPE = 200, 3000
_LRN: Table = {
    (1, FIXED32): ("alpha", lambda field: field.float32),
    (2, FIXED32): ("beta", lambda field: field.float32),
    (3, VARINT): ("localSize", lambda field: field.value),
    (4, FIXED32): ("k", lambda field: field.float32),
}
_MANIFEST = "Manifest.json"


class CoreMl(ModelFormat):
    """A Model."""

    name = "coreml"
    title = "a Core ML model"

    def matches(self, content: Content) -> bool:
        """Whether its fields are a Model's: the version of its form, and one of the many types of models."""
        fields = outline(content)
        types = [field for field in fields if _FIRST_TYPE <= field.number <= _LAST_TYPE and field.kind == BYTES]
        others = {(field.number, field.kind) for field in fields if field not in types}
        return bool(types) and (1, VARINT) in others and others <= {(1, VARINT), (2, BYTES), (10, VARINT)}

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of its networks, its program and the models of its pipeline."""
        yield from _read_model(Message.whole(content), "")


class CoreMlPackage(ModelFormat):
    """The folder or the zip archive of an .mlpackage."""

    name = "coreml-package"
    title = "a Core ML package"
    members = (_MANIFEST,)

    def matches(self, content: Content) -> bool:
        """Whether it is a package's manifest, or an archive with one."""
        if any(PurePosixPath(name).name == _MANIFEST for name in list_members(content)):
            return True
        return content.head.lstrip().startswith(b"{") and b"rootModelIdentifier" in content.head

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of the model that the manifest names.

        Raises:
            LrnError: It names none, or one outside of the package.
        """
        if is_archive(content):
            with open_archive(content) as archive:
                manifest = next(name for name in archive.names if PurePosixPath(name).name == _MANIFEST)
                inside = PurePosixPath(manifest).parent / "Data" / _root_model(content, archive.read(manifest).json)
                yield from CoreMl().layers(archive.read(str(inside)))
            return
        package = content.path.parent
        model = package / "Data" / _root_model(content, content.json)
        if package.resolve() not in model.resolve().parents:
            raise _outside(content, str(model))
        with _open(model, content) as file:
            yield from CoreMl().layers(Content.of_file(model, file))


def _open(model: Path, content: Content) -> Any:
    try:
        return model.open("rb", buffering=0)
    except OSError as error:
        raise content.damaged(f"its model {model} cannot be read: {error.strerror}") from None


def _root_model(content: Content, manifest: object) -> PurePosixPath:
    """Where the manifest says that the model is, below `Data`."""
    entries = manifest.get("itemInfoEntries") if isinstance(manifest, dict) else None
    root = manifest.get("rootModelIdentifier") if isinstance(manifest, dict) else None
    entry = entries.get(root) if isinstance(entries, Mapping) and isinstance(root, str) else None
    path = entry.get("path") if isinstance(entry, Mapping) else None
    if not isinstance(path, str) or not path:
        raise content.damaged("its manifest names no model")
    found = PurePosixPath(path.replace("\\", "/"))
    if found.is_absolute() or ".." in found.parts or "\0" in path:
        raise _outside(content, path)
    return found


def _outside(content: Content, path: str) -> LrnError:
    return LrnError(f"{content.path}: names a model outside of the package, {path!r}", "a package as Core ML writes it")


def _read_model(model: Message, place: str) -> Iterator[Layer]:
    for field in model:
        if field.kind != BYTES:
            continue
        if field.number in _NETWORKS:
            yield from _read_network(field.message(), place)
        elif field.number == _PROGRAM:
            yield from read_program(field.message(), place)
        elif field.number in _PIPELINES:
            pipelines = [field] if field.number == _PIPELINES[-1] else list(field.message().of(1))
            yield from _read_pipelines(pipelines, place)


def _read_pipelines(pipelines: list[Field], place: str) -> Iterator[Layer]:
    for pipeline in pipelines:
        for number, model in enumerate(pipeline.message().of(1)):
            yield from _read_model(model.message(), f"{place}, model {number} of the pipeline".removeprefix(", "))


def _read_network(network: Message, place: str) -> Iterator[Layer]:
    for layer in network.of(1):
        name = output = ""
        parameters = None
        for field in layer.message():
            if field.kind == BYTES and field.number == 1:
                name = field.text
            elif field.kind == BYTES and field.number == 3:
                output = output or field.text
            elif field.kind == BYTES and field.number == 180:
                parameters = field.message().pick(_LRN)
        if parameters is not None:
            yield layer_of_network(parameters, name=name, output=output, place=place)


FORMATS = (CoreMl(), CoreMlPackage())
