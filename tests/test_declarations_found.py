"""What the files of a package declare is found by their names, and no file is read that is not asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from lrn_cli.declarations import Declarations, list_files

FILES = {
    "shelf/__init__.py": "",
    "shelf/pears.py": "FRUIT = ('conference',)",
    "shelf/apples.py": "FRUIT = ('boskoop', 'elstar')",
    "shelf/inner/__init__.py": "raise AssertionError('a package is no file')",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package of two files that declare something, and one that is broken."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("shelf")
    for name in ("shelf", "shelf.apples", "shelf.pears", "shelf.broken"):
        sys.modules.pop(name, None)


def test_all_are_found_file_by_file_in_the_order_of_names(package: ModuleType) -> None:
    assert list_files(package.__path__) == ["apples", "pears"]
    assert Declarations[str](package, "FRUIT").everywhere() == ("boskoop", "elstar", "conference")


def test_those_of_one_file_are_found_though_another_cannot_be_read(package: ModuleType) -> None:
    (Path(package.__path__[0]) / "broken.py").write_text("raise AssertionError('this file is not asked for')")
    declared = Declarations[str](package, "FRUIT")
    assert declared.in_file("pears") == ("conference",)
    assert declared.in_file("plums") == ()
    assert declared.in_file("inner") == ()
