"""Names of outputs: one for each of many inputs, from a folder or a template."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.pipeline.request import Input, is_template
from lrn_cli.tensors.absence import missing
from lrn_cli.tensors.output import is_folder, says_image
from lrn_cli.tensors.registry import is_known, sniff
from lrn_cli.tensors.selection import SEPARATOR, STREAM, split
from lrn_cli.tensors.targets import is_url, place
from lrn_cli.tensors.tensor import Reading
from lrn_cli.work.isolation import isolate


class Naming(NamedTuple):
    """How outputs are called.

    Attributes:
        output: What was typed behind `-o`: a folder, or a template such as `out/{stem}.{convention}.npy`.
        convention: The convention's name.
    """

    output: str
    convention: str

    @property
    def root(self) -> Path:
        """The folder below which folders are made: all that stands before the first field of a template."""
        if not is_template(self.output):
            return place(self.output)
        return place(os.path.dirname(self.output.partition("{")[0]))

    def check_root(self) -> None:
        """Refuse a folder of which more than the last part is missing, once and not for each input.

        Raises:
            LrnError: It is such a one.
        """
        root = self.root
        if not is_url(root) and SEPARATOR not in str(root) and not root.is_dir() and not root.parent.exists():
            raise LrnError(f"{self.output}: there is no folder {root.parent}", f"mkdir -p {root}")

    def name(self, item: Input) -> str:
        """The output of one input, as a user would type it behind `-o`.

        Raises:
            LrnError: The template has a field that is none.
        """
        if not is_template(self.output):
            return _folder(self.output, item.folder or Path())
        file, member = split(item.word)
        path = place(file)
        fields = {
            "stem": path.stem,
            "name": path.name,
            "suffix": path.suffix,
            "folder": str(_folder_of(path) if item.folder is None else item.folder),
            "member": "all" if member == "*" else member.strip("/").replace("/", "."),
            "convention": self.convention,
        }
        return "".join(_fill_in(self.output, fields))


@lru_cache(maxsize=1)
def _folder(output: str, below: Path) -> str:
    return str(place(output) / below).rstrip("/") + "/"


def _folder_of(path: Path) -> Path:
    """The folder of a file; of an object what stands between its bucket and its name."""
    return Path(*path.parent.parts[2:]) if is_url(path) else path.parent


def is_one_file(output: str | None) -> bool:
    """Whether an output is one file, not a stream, a folder or a template for several."""
    return output not in (None, STREAM) and not (is_template(output) or is_folder(output))


def output_for_many(words: Sequence[str], output: str | None) -> str:
    """The folder or template behind `-o` where there are several inputs.

    Args:
        words: The inputs.
        output: As typed.

    Raises:
        LrnError: It is neither, or one of the inputs is a stream.
    """
    if STREAM in words:
        raise LrnError("- is one stream and cannot be one of many inputs", "lrn apply - -o out.npy")
    if output is None:
        raise _no_output(words)
    if is_template(output) or is_folder(output):
        return output
    if gone := next((word for word in words if not is_there(word)), None):
        raise missing(Path(split(gone)[0]))  # as of a name with a space that nothing quotes
    if output == STREAM:
        raise LrnError(f"{len(words)} inputs cannot be written to standard output, which carries one", "-o out/")
    raise LrnError(
        f"{output}: {len(words)} inputs cannot be written to one output", f"-o {os.path.splitext(output)[0]}/"
    )


def _no_output(words: Sequence[str]) -> LrnError:
    """The error for several inputs without an output: one that is not there, or what is meant as the output."""
    gone = [word for word in words if not is_there(word)]
    if gone == [words[-1]] and is_known(split(gone[0])[0]):
        inputs = " ".join(map(quote, words[:-1]))
        return LrnError(
            f"{gone[0]}: no such file; an output stands behind -o", f"lrn apply {inputs} -o {quote(gone[0])}"
        )
    if gone:
        return missing(Path(split(gone[0])[0]))
    return LrnError(f"{len(words)} inputs and nothing says where their results go", "-o out/")


def is_there(word: str) -> bool:
    """Whether a word's file is there, or one behind a URL may be."""
    name = split(word)[0]
    return is_url(name) or os.path.exists(name)


def what_images_become(words: Iterable[str], output: str | None, output_format: str | None) -> str:
    """What whoever gives images and a folder should know of the outputs; empty where there is nothing to say.

    Args:
        words: The inputs.
        output: As typed behind `-o`.
        output_format: The format asked for by name, if one was.
    """
    said = output is None or output_format is not None or is_template(output) or not is_folder(output)
    if said or not any(says_image(word) for word in words):
        return ""
    return f"{output}: images become .npy files there; --output-format png writes images"


def check_distinct(words: Sequence[str], files: Sequence[str]) -> None:
    """Refuse two inputs that would write one file.

    Args:
        words: The inputs.
        files: The output file of each.

    Raises:
        LrnError: There are such inputs; the message names the first two.
    """
    here = os.getcwd()
    places = [file if is_url(file) else os.path.normpath(os.path.join(here, file)) for file in files]
    if len(set(places)) == len(places):
        return
    taken = next(path for path, count in Counter(places).items() if count > 1)
    writing = [word for word, other in zip(words, places, strict=True) if other == taken]
    if len(set(writing)) == 1:
        raise LrnError(f"{writing[0]}: is given {len(writing)} times", f"give {writing[0]} once")
    raise LrnError(f"{len(writing)} inputs would write {taken}: {', '.join(writing[:3])}", _apart(words, taken))


def _apart(words: Sequence[str], path: str) -> str:
    """What to type so that each input gets a file of its own."""
    sources = [split(word) for word in words]
    named = {(Path(file).stem, member) for file, member in sources if member}
    if len(named) < len(sources):
        return "a run and an -o folder for each, or --recursive on the folder that holds them all"
    stem = "{stem}." if len({file for file, _ in sources}) > 1 else ""
    folder = os.path.dirname(path) if is_url(path) else os.path.relpath(os.path.dirname(path))
    return f"-o '{'out' if folder == '.' else folder}/{stem}{{member}}{os.path.splitext(path)[1]}'"


def _fill_in(template: str, fields: dict[str, str]) -> Sequence[str]:
    """The template's pieces with the fields in place: names only, so that a template reaches nothing else."""
    from string import Formatter

    pieces: list[str] = []
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise LrnError(f"{template}: {error}", "-o 'out/{stem}.{convention}.npy'") from None
    for literal, field, _, _ in parsed:
        pieces.append(literal)
        if field is None:
            continue
        if field not in fields:
            raise LrnError(f"{template}: no field is called {field!r}, only {', '.join(fields)}", "-o 'out/{stem}.npy'")
        pieces.append(fields[field])
    return pieces


class Present:
    """What is there of outputs: their files, and in these the tensors that were named; each is looked into once."""

    def __init__(self) -> None:
        self._members: dict[str, set[str]] = {}
        self._objects: dict[str, set[str]] = {}

    def holds(self, output: str | None, file: str) -> bool:
        """Whether an output, as typed, is there; `file` is the file that it is, or is in."""
        if not self._exists(file):
            return False
        member = split(output or "-")[1].strip("/")
        if not member:
            return True
        if file not in self._members:
            self._members[file] = isolate(lambda: _members_of(place(file)), [file])
        return member in self._members[file]

    def _exists(self, file: str) -> bool:
        if not is_url(file):
            return os.path.exists(file)
        from lrn_cli.tensors.remote.addresses import Url
        from lrn_cli.tensors.remote.listing import names

        url = Url(file)
        if (folder := str(url.parent)) not in self._objects:
            self._objects[folder] = names(url.parent)
        return url.name in self._objects[folder]


def _members_of(path: Path) -> set[str]:
    """The names of a file's tensors; none where it cannot be read, which whoever adds to it will say."""
    with suppress(LrnError):
        return {info.member.strip("/") for info in sniff(path).describe(path, Reading())}
    return set()
