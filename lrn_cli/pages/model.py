"""The page of a model: its LRN layers, and what becomes of them elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lrn_cli.analysis.copying import copies
from lrn_cli.analysis.layers import Group, group
from lrn_cli.conventions.parameters import show
from lrn_cli.errors import one_line
from lrn_cli.models.model import Layer, Model, Written
from lrn_cli.pages.document import Block, Heading, Item, Items, Paragraph, Table

COLUMNS = ("layers", "parameters", "canonical form", "convention")
ELSEWHERE = ("layers", "in", "the same there", "copied as they are")


def pages_of_models(models: Iterable[Model]) -> list[Block]:
    """One page after the other, of those that have layers."""
    return [block for model in models if model.layers for block in page(model)]


def page(model: Model) -> list[Block]:
    """A model's layers, those that are the same in one row, what would go wrong elsewhere, what nobody can say."""
    groups = group(model)
    said = f"{model.form.title} with {_count(model, groups)}."
    marked = " Parameters marked as default are not in the file." if any(one.layer.defaults for one in groups) else ""
    return [
        Heading(one_line(model.path), 1),
        Paragraph(f"{said[0].upper()}{said[1:]}{marked}"),
        Table(COLUMNS, tuple(tuple(row(one)) for one in groups)),
        *_elsewhere(groups),
        *_remarks(groups),
    ]


def row(one: Group) -> list[str]:
    """A group as cells: addresses, parameters, canonical form, the word for -c."""
    layer = one.layer
    canonical = str(layer.canonical) if layer.canonical else "-"
    return [_names(one), _parameters(layer), canonical, layer.bound.word if layer.bound else "-"]


def rows_elsewhere(one: Group) -> list[list[str]]:
    """What becomes of a group in each of the usual conventions: addresses, where, the same there, what goes wrong."""
    if one.layer.bound is None:
        return []
    return [
        [
            _names(one),
            there.answer.target.name,
            there.answer.bound.numbers if there.answer.bound else f"cannot be said: {_refusal(there.answer.refusal)}",
            there.told or "-",
        ]
        for there in copies(one.layer.bound)
    ]


def remarks(one: Group) -> list[str]:
    """Why a group has no convention, and its notes."""
    layer, names = one.layer, _names(one)
    reason = [f"no word for -c: {layer.reason}"] if layer.bound is None else []
    return [one_line(f"{names}: {text}") for text in (*reason, *layer.notes)]


def _names(one: Group) -> str:
    return one_line(", ".join(one.addresses))


def _count(model: Model, groups: Sequence[Group]) -> str:
    count = len(model.layers)
    if count == 1:
        return "1 LRN layer"
    return f"{count} LRN layers, {'all the same' if len(groups) == 1 else f'of {len(groups)} kinds'}"


def _parameters(layer: Layer) -> str:
    """The parameters as they are written, and behind them those that are defaults."""
    if layer.filled is None:
        return _settings(layer.written) or "-"
    defaults = {name: layer.filled[name] for name in layer.defaults}
    given = {name: value for name, value in layer.filled.items() if name not in defaults}
    marked = f"(default: {_settings(defaults)})" if defaults else ""
    return f"{_settings(given)} {marked}".strip()


def _settings(values: Mapping[str, Written]) -> str:
    return " ".join(f"{one_line(name)}={_show(value)}" for name, value in values.items())


def _show(value: Written) -> str:
    if isinstance(value, (int, float, str)):
        return one_line(show(value))
    return f"[{','.join(map(show, value))}]"


def _refusal(refusal: Exception | None) -> str:
    return str(refusal) if refusal else ""


def _elsewhere(groups: Sequence[Group]) -> list[Block]:
    rows = tuple(tuple(cells) for one in groups for cells in rows_elsewhere(one))
    return [Heading("Elsewhere"), Table(ELSEWHERE, rows)] if rows else []


def _remarks(groups: Sequence[Group]) -> list[Block]:
    found = tuple(Item(text) for one in groups for text in remarks(one))
    return [Heading("To be known"), Items(found)] if found else []
