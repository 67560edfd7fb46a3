"""Keras models with layers of their author's own: .keras, .h5 and JSON.

Keras has no LRN layer since 2016, so that each is somebody's own: what its parameters are called is in the file, what
is done with them is not. Layers that are functions (Lambda) hold byte code, which is never looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lrn_cli.models.archives import is_archive, list_members, open_archive
from lrn_cli.models.content import JSON, Content
from lrn_cli.models.model import Layer, ModelFormat, Written

_LRN = re.compile(r"lrn|local_?response_?norm", re.IGNORECASE)
_CONFIG, _METADATA = "config.json", "metadata.json"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_ATTRIBUTE = b"model_config\0"
_SCANNED = 16 << 20
"""Bytes of an HDF5 file in which its configuration is looked for: Keras writes it before the weights."""
_START = re.compile(rb'\{"(?:class_name|module)": ?"')
_UNKNOWN = "a layer of its author's own: whether alpha is divided, and what is summed, is not in the file"


class Keras(ModelFormat):
    """A configuration, however it is packed."""

    name = "keras"
    title = "a Keras model"

    def matches(self, content: Content) -> bool:
        """Whether it is an archive of Keras, or has a configuration."""
        if {_CONFIG, _METADATA} <= set(list_members(content)):
            return True
        if content.head.startswith(_HDF5):
            return _find_config(content) is not None
        head = content.head.lstrip()
        return head.startswith(b"{") and b'"class_name"' in head and b'"config"' in head

    def layers(self, content: Content) -> Iterator[Layer]:
        """The layers that are called so.

        Raises:
            LrnError: It is damaged, or too large.
        """
        if is_archive(content):
            with open_archive(content) as archive:
                yield from _find_layers(archive.read(_CONFIG).json)
        elif content.head.startswith(_HDF5):
            yield from _find_layers(_read_config(content))
        else:
            yield from _find_layers(content.json)


def _find_config(content: Content) -> int | None:
    """Where in an HDF5 file the text of the configuration begins: a string lies there in one piece."""
    data = content.read(0, min(content.size, _SCANNED))
    found = _START.search(data) if _ATTRIBUTE in data else None
    return found.start() if found else None


def _read_config(content: Content) -> object:
    at = _find_config(content) or 0
    text = content.read(at, min(content.size - at, JSON)).decode("utf-8", "replace")
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (RecursionError, ValueError):
        raise content.damaged(f"its configuration at byte {at} is no JSON") from None


def _find_layers(config: object) -> Iterator[Layer]:
    """The layers of a model and of the models in it, in order."""
    waiting = [config]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
            continue
        if not isinstance(item, Mapping):
            continue
        kind, own = item.get("registered_name") or item.get("class_name"), item.get("config")
        if isinstance(kind, str) and _LRN.search(kind) and isinstance(own, Mapping):
            yield _layer(kind, item, own)
        elif own is not None:
            waiting.append(own)
        else:
            waiting += [item.get("layer"), item.get("layers")]


def _layer(kind: str, item: Mapping[str, Any], config: Mapping[str, Any]) -> Layer:
    written: dict[str, Written] = {
        key: value for key, value in config.items() if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    name = config.get("name") or item.get("name")
    return Layer(kind, written, name=name if isinstance(name, str) else "", flaw=_UNKNOWN)


FORMATS = (Keras(),)
