"""Which layer is meant: by its name, else by its output's, else by `#index`; a name that two have is no address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from shlex import quote

from lrn_cli.conventions.registry import nearest
from lrn_cli.errors import LrnError
from lrn_cli.models.model import Layer, Model

SEPARATOR = "::"
_INDEX = re.compile(r"#(\d{1,9})")
_MOST_LISTED = 12


def address(model: Model, layer: Layer) -> str:
    """What to type behind `::` for a layer: its name or its output's, or its index where others are called so too."""
    named = layer.name or layer.output
    found = _called(model.layers, named) if named and not _INDEX.fullmatch(named) else []
    return named if found and layer in found and _are_same(found) else f"#{layer.index}"


def select(model: Model, wanted: str) -> Layer:
    """The layer that an address names; without one the only one, or one of several that are all the same.

    Raises:
        LrnError: There is none, or there are several that differ.
    """
    if index := _INDEX.fullmatch(wanted):
        if int(index[1]) < len(model.layers):
            return model.layers[int(index[1])]
        raise _missing(model, wanted)
    found = _called(model.layers, wanted) if wanted else list(model.layers)
    if not found:
        raise _missing(model, wanted)
    if not _are_same(found):
        what = f"{len(found)} LRN layers are called {wanted!r}" if wanted else f"{len(found)} LRN layers that differ"
        raise LrnError(f"{model.path}: {what}: {_list(model, found)}", _hint(model, address(model, found[0])))
    return found[0]


def _called(layers: Sequence[Layer], wanted: str) -> list[Layer]:
    """The layers of that name, or where there are none those with an output of that name."""
    named = [layer for layer in layers if layer.name == wanted]
    return named or [layer for layer in layers if layer.output == wanted]


def _are_same(layers: Iterable[Layer]) -> bool:
    """Whether layers compute the same, under the same convention."""
    return len({(layer.canonical, layer.bound.word if layer.bound else layer.reason) for layer in layers}) == 1


def _missing(model: Model, wanted: str) -> LrnError:
    if not model.layers:
        return LrnError(f"{model.path}: is {model.form.title} {model.remark}", f"lrn info {quote(model.path)}")
    there = [address(model, layer) for layer in model.layers]
    said = f"{model.path}: has no LRN layer {wanted!r}, but {_list(model, model.layers)}"
    return LrnError(said, _hint(model, nearest(wanted, there) or there[0]))


def _list(model: Model, layers: Sequence[Layer]) -> str:
    names = [_describe(model, layer) for layer in layers[:_MOST_LISTED]]
    more = len(layers) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _describe(model: Model, layer: Layer) -> str:
    """An address, and where that does not tell what else does."""
    own = address(model, layer)
    return f"{own} ({layer.place})" if layer.place and own.startswith("#") else own


def _hint(model: Model, own: str) -> str:
    return f"-c {quote(f'{model.path}{SEPARATOR}{own}')}"
