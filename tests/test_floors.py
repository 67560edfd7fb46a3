"""The house: which package may import which, and that no import goes in a circle."""

from __future__ import annotations

import ast
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GROUND = {
    "_version",
    "advice",
    "boxes",
    "cells",
    "declarations",
    "dimensions",
    "dtypes",
    "errors",
    "formula",
    "layouts",
    "narrow",
}

# What stands in a room may use what stands in these, and in its own. All use the ground.
FLOORS: dict[str, set[str]] = {
    "conventions": set(),
    "arithmetic": set(),
    "tensors": set(),
    "models": {"conventions"},
    "work": {"tensors"},
    "passes": {"conventions", "arithmetic", "tensors", "models", "work"},
    "pipeline": {"conventions", "arithmetic", "tensors", "work", "passes"},
    "cluster": {"conventions", "arithmetic", "tensors", "work", "passes", "pipeline"},
    "analysis": {"conventions", "arithmetic", "tensors", "models", "work", "passes"},
    "pages": {"conventions", "tensors", "models", "analysis"},
    "answers": set(),
    "api": {"answers", "conventions", "models", "passes", "analysis"},
    "commands": {
        *(
            "conventions",
            "arithmetic",
            "tensors",
            "models",
            "work",
            "passes",
            "pipeline",
            "cluster",
            "analysis",
            "pages",
        ),
    },
}
ONLY_IN_COMMANDS = ("click",)


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    files = (ROOT / "lrn_cli").rglob("*.py")
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


MODULES = modules()


def imported(file: Path) -> set[str]:
    """What a file imports, also where it does so late or for types only: modules of the package, tops of others."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{name.name}" for name in node.names}
            found |= {name if name in MODULES else node.module for name in inside}
    return {name if name in MODULES else name.partition(".")[0] for name in found}


def room(module: str) -> str:
    """The room of a module: a package, or a module beside them."""
    return module.split(".")[1] if "." in module else module


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_only_what_stands_below_it(name: str) -> None:
    own = room(name)
    if own in ("lrn_cli", "__main__"):
        return
    allowed = GROUND | FLOORS.get(own, set()) | ({own} if own not in GROUND else set())
    used = {other: room(other) for other in imported(MODULES[name]) if other in MODULES and other != "lrn_cli"}
    assert {other for other, where in used.items() if where not in allowed} == set()


@pytest.mark.parametrize("library", ONLY_IN_COMMANDS)
def test_a_library_of_the_command_line_is_imported_there_alone(library: str) -> None:
    users = {room(name) for name, file in MODULES.items() if library in imported(file)}
    assert users == {"commands"}


def test_no_import_goes_in_a_circle() -> None:
    graph = {name: {other for other in imported(file) if other in MODULES} for name, file in MODULES.items()}
    order = list(TopologicalSorter({name: used - {"lrn_cli"} for name, used in graph.items()}).static_order())
    assert set(order) >= set(MODULES) - {"lrn_cli"}


def test_no_file_is_longer_than_250_lines() -> None:
    lengths = {name: len(file.read_text().splitlines()) for name, file in MODULES.items()}
    assert {name: length for name, length in lengths.items() if length > 250} == {}


def test_no_two_files_of_tests_have_one_name() -> None:
    """Without packages pytest imports each under its name alone."""
    names = Counter(file.name for file in (ROOT / "tests").rglob("test_*.py"))
    assert {name for name, times in names.items() if times > 1} == set()
