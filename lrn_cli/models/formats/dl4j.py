"""Deeplearning4j's archives: a configuration in JSON beside the weights.

Defaults: deeplearning4j/deeplearning4j, LocalResponseNormalization.Builder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lrn_cli.models.archives import list_members, open_archive
from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Written

_CONFIGURATION = "configuration.json"
_WRAPPED, _CLASS = "localResponseNormalization", "LocalResponseNormalization"
_DEFAULTS = {"n": 5, "k": 2.0, "beta": 0.75, "alpha": 1e-4}


class Dl4j(ModelFormat):
    """A zip archive of a network."""

    name = "dl4j"
    title = "a Deeplearning4j model"

    def matches(self, content: Content) -> bool:
        """Whether it is an archive with a configuration of that name."""
        return _CONFIGURATION in list_members(content)

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of the configuration, in both forms in which its classes are written.

        Raises:
            LrnError: It is damaged.
        """
        with open_archive(content) as archive:
            waiting = [archive.read(_CONFIGURATION).json]
        while waiting:
            item = waiting.pop()
            if isinstance(item, Mapping):
                if isinstance(item.get(_WRAPPED), Mapping):
                    yield _layer(item[_WRAPPED])
                elif str(item.get("@class", "")).rpartition(".")[2] == _CLASS:
                    yield _layer(item)
                else:
                    waiting += reversed(list(item.values()))
            elif isinstance(item, list):
                waiting += reversed(item)


def _layer(config: Mapping[str, Any]) -> Layer:
    written: dict[str, Written] = {
        key: value for key, value in config.items() if key in _DEFAULTS and isinstance(value, (int, float))
    }
    filled: dict[str, Written] = {**_DEFAULTS, **written}
    size = filled["n"]
    if isinstance(size, float) and size.is_integer():
        filled["n"] = int(size)
    name = config.get("layerName")
    words = (("dl4j", filled), ("alexnet", filled))
    return Layer(_CLASS, written, words, name=name if isinstance(name, str) else "", given=filled)


FORMATS = (Dl4j(),)
