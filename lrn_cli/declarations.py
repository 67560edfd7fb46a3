"""What the files of a package declare: each in a tuple of one name, so that a new framework or format is a new file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Generic, TypeVar

T = TypeVar("T")


class Declarations(Generic[T]):
    """The declarations in the files of a package, each file read when it is asked for.

    Args:
        package: Whose files they are in.
        tuple_name: What each file calls its tuple of them.
    """

    def __init__(self, package: ModuleType, tuple_name: str) -> None:
        self._package, self._tuple_name = package, tuple_name

    def everywhere(self) -> tuple[T, ...]:
        """The declarations of all files."""
        return tuple(declared for name in self._files for declared in self._read(name))

    def in_file(self, name: str) -> tuple[T, ...]:
        """The declarations of the file of that name, without a look at the others; none where there is no such file."""
        return self._read(name) if name in self._files else ()

    def mentioning(self, word: str, spell: Callable[[str], str]) -> tuple[T, ...]:
        """The declarations of the files whose text has a word, as `spell` spells both, without running the others."""
        found: list[T] = []
        for name in self._files:
            file = find_spec(f"{self._package.__name__}.{name}")
            if file is None or not file.origin or spell(word) in spell(Path(file.origin).read_text("utf-8", "replace")):
                found += self._read(name)
        return tuple(found)

    @cached_property
    def _files(self) -> list[str]:
        return list_files(self._package.__path__)

    def _read(self, name: str) -> tuple[T, ...]:
        found: tuple[T, ...] = getattr(import_module(f"{self._package.__name__}.{name}"), self._tuple_name, ())
        return found


def list_files(path: Iterable[str]) -> list[str]:
    """The names of a package's files, by the package's path: without the packages in it.

    >>> import json
    >>> list_files(json.__path__)[:2]
    ['decoder', 'encoder']
    """
    return sorted(module.name for module in iter_modules(path) if not module.ispkg)
