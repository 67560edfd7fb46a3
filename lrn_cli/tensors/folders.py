"""Folders that stand for the tensor files below them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from shlex import quote
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.registry import find_mark, formats, is_known, is_plain_folder, suffixes
from lrn_cli.tensors.targets import is_url, place
from lrn_cli.tensors.wildcards import matches


class Found(NamedTuple):
    """A file below a folder.

    Attributes:
        word: As a user would type it.
        folder: The folder in which it lies, relative to the one that was searched.
    """

    word: str
    folder: Path

    @property
    def place(self) -> str:
        """Where below that folder it lies."""
        return str(self.folder / place(self.word).name)


def refuse_folder(word: str, hint: str) -> None:
    """Refuse a folder where a file is wanted.

    Raises:
        LrnError: It is one.
    """
    if is_plain_folder(word):
        raise LrnError(f"{word}: is a folder, not a tensor file", hint)


def size_on_disk(path: Path) -> int:
    """Bytes of a file, or of a folder's files where that is a tensor file."""
    if is_url(path):
        from lrn_cli.tensors.remote.listing import size_of

        return size_of(path)
    if not path.is_dir():
        return path.stat().st_size
    return sum(Path(here, name).lstat().st_size for here, _, names in os.walk(path) for name in names)


class Search(NamedTuple):
    """Which files of a folder are meant.

    Attributes:
        include: Patterns of which one must fit; any file where there are none.
        exclude: Patterns of which none may fit.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def below(self, root: str, left_out: Path | None = None) -> list[Found]:
        """The tensor files below a folder, in the order of their names; hidden ones are passed over.

        Args:
            root: The folder as typed.
            left_out: A folder that is not searched.

        Raises:
            LrnError: There is none.
        """
        found = sorted(self._below(root, left_out), key=lambda file: file.word)
        if not found:
            chosen = [f"--include {quote(glob)}" for glob in self.include] + [
                f"--exclude {quote(glob)}" for glob in self.exclude
            ]
            also = f" and chosen by {' '.join(chosen)}" if chosen else ""
            known = " ".join(sorted(suffixes()))
            raise LrnError(f"{root}: no file below this folder is called {known}{also}", f"ls -R {root}")
        return found

    def _below(self, root: str, left_out: Path | None) -> Iterator[Found]:
        if is_url(root):
            return self._objects(root, left_out)
        skipped = left_out.resolve() if left_out is not None and left_out.is_dir() else None
        return self._walk(Path(root), skipped)

    def _objects(self, root: str, left_out: Path | None) -> Iterator[Found]:
        """The tensor files among the objects below a URL, and the folders of objects that are such files."""
        from lrn_cli.tensors.remote.listing import walk

        marks = {mark for form in formats() for mark in form.marks}
        # A key may begin with a slash and have any number in a row; what is made of it must lie in the output's folder.
        paths = {below.place: PurePath(below.place.strip("/")) for below in walk(root)}
        stores = {path.parent for path in paths.values() if path.name in marks and path.parent.parts}
        words = {str(path): path for path in stores} | {key: path for key, path in paths.items() if is_known(path.name)}
        skipped = None if left_out is None else str(left_out)
        for key, path in words.items():
            word = f"{root.rstrip('/')}/{key}"
            hidden = any(name.startswith(".") for name in path.parts) or f"{word}/".startswith(f"{skipped}/")
            if not hidden and stores.isdisjoint(path.parents) and self._takes(path):
                yield Found(word, Path(path.parent))

    def _walk(self, root: Path, skipped: Path | None) -> Iterator[Found]:
        for folder, folders, files in os.walk(root):
            here = Path(folder)
            below = here.relative_to(root)
            folders[:] = [
                name
                for name in folders
                if not (name.startswith(".") or _fit(self.exclude, below / name) or (here / name).resolve() == skipped)
            ]
            for name in [name for name in folders if find_mark(here / name)]:  # files of many files, as Zarr's
                folders.remove(name)
                if self._takes(below / name):
                    yield Found(str(here / name), below)
            for name in files:
                if is_known(name) and not name.startswith(".") and self._takes(below / name):
                    yield Found(str(here / name), below)

    def _takes(self, place: PurePath) -> bool:
        return not _fit(self.exclude, place) and (not self.include or _fit(self.include, place))


def find_files(word: str, search: Search) -> list[Found]:
    """The file that a word names, or for a folder those below it; raises as `Search.below`."""
    return search.below(word) if is_plain_folder(word) else [Found(word, Path())]


def search_for(include: tuple[str, ...], exclude: tuple[str, ...], *, recursive: bool) -> Search:
    """The search for what is included and not excluded.

    Raises:
        LrnError: Folders are not to be searched, and files to be chosen from them.
    """
    if not recursive:
        flag = f"--include {quote(include[0])}" if include else f"--exclude {quote(exclude[0])}"
        raise LrnError(f"{flag} chooses among the files of folders, and these are not searched", f"-r {flag}")
    return Search(include, exclude)


def _fit(patterns: Iterable[str], place: PurePath) -> bool:
    """Whether one of the patterns fits: one without a slash any step of a path, another the path or a folder of it.

    >>> [_fit([glob], PurePath("a/val/x.npy")) for glob in ("*.npy", "val", "a/val", "a/*.npy", "**/x.*")]
    [True, True, True, False, True]
    """
    ways = [str(way) for way in (place, *place.parents[:-1])]
    return any(
        any(matches(glob, way) for way in ways)
        if "/" in glob.rstrip("/")
        else any(fnmatchcase(step, glob.rstrip("/")) for step in place.parts)
        for glob in patterns
    )
