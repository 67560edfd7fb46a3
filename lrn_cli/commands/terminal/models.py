"""Model files among what a command is given: found, shown and translated, whichever verb they are given to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from lrn_cli.commands.terminal.console import Console, Streams
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.errors import LrnError, one_line

if TYPE_CHECKING:
    from lrn_cli.analysis.layers import Group
    from lrn_cli.analysis.translation import Translation
    from lrn_cli.conventions.binding import Asked
    from lrn_cli.conventions.declaration import Convention
    from lrn_cli.models.model import Model

    Answers = Sequence[tuple[Group, Sequence[Translation]]]

STREAM = "-"
_HDF5 = "h5"
_CONTAINERS = ("npz", _HDF5)
"""Formats of tensors in which models are kept, too."""


def find_model(word: str) -> Model | str:
    """The model that is named as a whole where a convention may stand, else what to read as a convention's word.

    Args:
        word: As typed; `-` is a model or pasted text on standard input.

    Raises:
        LrnError: It is damaged, or no model and no text that is read.
    """
    from lrn_cli.models import words

    if word != STREAM:
        return words.find_model(word) or word
    data = _read_input()
    return words.find_in_bytes(data) or words.ask_bytes(data).bind().word


def ask_input() -> Asked:
    """What is asked for by standard input, which holds a model or pasted text.

    Raises:
        LrnError: As `words.ask_bytes`.
    """
    from lrn_cli.models.words import ask_bytes

    return ask_bytes(_read_input())


def _read_input() -> bytes:
    """All of standard input, which is small.

    Raises:
        LrnError: It is a terminal, or larger than a text may be.
    """
    from lrn_cli.models.content import TEXT

    stream = Console(click.get_current_context().find_object(Streams) or Streams()).binary_input
    found = bytearray()
    while more := stream.read(TEXT):
        found += more
        if len(found) > TEXT:
            raise LrnError(f"standard input is larger than {TEXT:,} bytes", "the file, by its name")
    return bytes(found)


def model_among_tensors(word: str) -> Model | None:
    """The model that a word names, or one layer of it; None where it names a tensor, or nothing that is there.

    Raises:
        LrnError: It is damaged, or has no such layer.
    """
    from lrn_cli.models.addresses import select
    from lrn_cli.models.registry import read_model, recognise
    from lrn_cli.models.words import split

    if word == STREAM:
        return None
    name, wanted = split(word)
    path = Path(name)
    # A pipe is opened once; a name that is too long is another's to tell.
    if not (os.path.isfile(name) or os.path.isdir(name)):  # noqa: PTH112, PTH113
        return None
    kind = _find_tensor_format(path)
    if kind not in ("", *_CONTAINERS) or recognise(path) is None:
        return None
    model = read_model(path)
    if kind == _HDF5 and not model.layers:
        return None
    return model._replace(layers=(select(model, wanted),)) if wanted else model


def _find_tensor_format(path: Path) -> str:
    """The format of a file of tensors; empty where it is none."""
    from lrn_cli.tensors.registry import sniff

    try:
        return sniff(path).name
    except LrnError:
        return ""


def show_models(models: Sequence[Model], console: Console) -> None:
    """Print the layers of models in a table, and under it what would go wrong elsewhere and what cannot be said."""
    from lrn_cli.analysis.layers import group
    from lrn_cli.pages.model import COLUMNS, ELSEWHERE, remarks, row, rows_elsewhere

    groups = [(model, one) for model in models for one in group(model)]
    if groups:
        console.table(("file", "format", *COLUMNS), [[one.path, one.form.name, *row(each)] for one, each in groups])
    further = [[model.path, *cells] for model, one in groups for cells in rows_elsewhere(one)]
    if further:
        console.print("")
        console.table(("file", *ELSEWHERE), further)
    for model, one in groups:
        for text in remarks(one):
            console.note(f"lrn: {model.path}: {text}")


def say_without_layers(models: Sequence[Model], console: Console) -> Exit:
    """Say of each model without layers what it is, and whether there was one."""
    without = [model for model in models if not model.layers]
    for model in without:
        console.error(LrnError(f"{model.path}: is {model.form.title} {model.remark}"))
    return Exit.NO if without else Exit.DONE


def translate_model(
    model: Model, targets: Sequence[str], among: Sequence[Convention], answer_format: str, console: Console
) -> Exit:
    """Print what the layers of a model are in other conventions.

    Args:
        model: Of which all layers are translated.
        targets: Names of conventions; none for all of the next.
        among: What is answered for without a target.
        answer_format: As of `lrn translate`.
        console: Where it is said.
    """
    from lrn_cli.analysis.layers import group, translate_group
    from lrn_cli.conventions.registry import find

    chosen = [find(target, "--to") for target in targets]
    answers = [(one, translate_group(one, chosen, among)) for one in group(model)]
    if console.as_json:
        console.answer(_data(model, answers))
    elif answer_format != "text":
        for line in _lines(answers, answer_format):
            console.print(line)
    elif rows := [[", ".join(one.addresses), *translation_cells(each)] for one, found in answers for each in found]:
        console.table(("layers", "convention", "parameters", "notes"), rows)
    return max(say_without_layers([model], console), _report(model, answers, console, asked_for=bool(targets)))


def translation_cells(answer: Translation) -> list[str]:
    """A translation as cells: convention, parameters, notes."""
    if answer.bound:
        return [answer.target.name, answer.bound.numbers, "; ".join(answer.warnings) or "-"]
    near = f"; nearest is {answer.nearest.word}" if answer.nearest else ""
    return [answer.target.name, "-", f"{answer.refusal.message if answer.refusal else ''}{near}"]


def _data(model: Model, answers: Answers) -> dict[str, Any]:
    """The model as JSON types, each layer with what it is elsewhere."""
    from lrn_cli.analysis.layers import as_data

    found = {layer.index: each for one, each in answers for layer in one.layers}
    data = as_data(model)
    for layer in data["layers"]:
        layer["translations"] = [answer.as_data() for answer in found[layer["index"]]]
    return data


def _lines(answers: Answers, answer_format: str) -> list[str]:
    """The answers as words, flags or code; of several groups words and flags behind the names of the layers."""
    from lrn_cli.analysis.calls import flags
    from lrn_cli.analysis.layers import write_layers

    able = [(one, answer.bound) for one, found in answers for answer in found if answer.bound]
    if answer_format == "word":
        said = [bound.word for _, bound in able]
    elif answer_format == "flags":
        said = [flags(bound, *bound.convention.layouts) for _, bound in able]
    else:
        return [write_layers(one, bound, answer_format) for one, bound in able]
    names = [f"{one_line(', '.join(one.addresses))}\t" if len(answers) > 1 else "" for one, _ in able]
    return [f"{name}{text}" for name, text in zip(names, said, strict=True)]


def _report(model: Model, answers: Answers, console: Console, *, asked_for: bool) -> Exit:
    """Say what could not be translated of what was asked for; of a layer that no convention says, always."""
    failed = False
    for one, found in answers:
        name = f"{model.path}: {', '.join(one.addresses)}"
        if one.layer.bound is None:
            console.error(
                LrnError(f"{name}: no convention says it: {one.layer.reason}", f"lrn info {quote(model.path)}")
            )
            failed = True
        for answer in found if asked_for else ():
            for warning in answer.warnings:
                console.warn(f"{name}: {warning}")
            if answer.refusal:
                console.error(answer.refusal.about(name))
                failed = True
    return Exit.NO if failed else Exit.DONE
