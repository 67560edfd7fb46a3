"""What may follow on the command line: conventions and their parameters, tensors inside files, words of a short list.

Each `complete_...` is a `shell_complete=` for Click's options and arguments: from the beginning of a word to whole
words. How they get into a shell is in `shells`. Nothing is printed, and no file is opened before `::` is typed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from typing import TypeAlias

    from click.shell_completion import CompletionItem

    from lrn_cli.conventions.declaration import Convention
    from lrn_cli.conventions.parameters import Parameter
    from lrn_cli.tensors.tensor import TensorInfo

    Items: TypeAlias = list[CompletionItem[str]]

MEMBER = "::"
"""Between a file and the tensor in it; `tensors.selection` says so too, but would import NumPy."""

# The names that these options take, which their own rooms could tell only with NumPy.
FLOATS = ("float16", "float32", "float64")
COMPUTED_IN = FLOATS[1:]
NARROW = ("bfloat16", "float8_e4m3fn", "float8_e5m2")
LAYOUTS = ("NHWC", "NCHW", "HWC", "CHW", "NC", "C", "NDHWC", "NCDHW", "NC...", "...C")


def complete_convention(_context: click.Context, _parameter: click.Parameter, typed: str) -> Items:
    """A convention's name, and behind the colon its parameters: for `caffe:local_size=5,al` it is `...,alpha=`."""
    name, colon, inside = typed.partition(":")
    if not colon:
        found = _names(name)
        # The only one left also with its colon, so that no shell ends the word with a space.
        return [*found, *_offer([f"{item.value}:" for item in found], "")] if len(found) == 1 else found
    from lrn_cli.conventions.parameters import show
    from lrn_cli.conventions.registry import find

    try:
        convention = find(name)
    except LrnError:
        return []
    given, _, piece = inside.rpartition(",")
    before = typed.removesuffix(piece)
    word, equals, value = piece.partition("=")
    if equals:
        parameter = convention.named(word)
        return _offer(map(show, parameter.choices if parameter else ()), value, before + word + equals)
    return _parameters(convention, given.split(","), before, word)


def complete_topic(context: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """A convention, beside one a section of its page, and parts of the formula; where letters are typed, parameters."""
    from lrn_cli.analysis.explanation.glossary import terms
    from lrn_cli.conventions.parameters import Role
    from lrn_cli.pages.sections import OF_A_CONVENTION

    beside = context.params.get("names") or context.params.get("words")
    sections = [section.name for section in OF_A_CONVENTION] if beside else []
    words = terms() if typed else [role.value for role in Role if role is not Role.NOTHING]
    found = dict.fromkeys([*sections, *words])
    return [*complete_convention(context, parameter, typed), *(_offer(found, typed) if ":" not in typed else ())]


def complete_name(_context: click.Context, _parameter: click.Parameter, typed: str) -> Items:
    """A convention's name, where no parameters are taken."""
    return _names(typed)


def complete_tensor(_context: click.Context, _parameter: click.Parameter, typed: str) -> Items:
    """A file, and behind `::` the tensors in it, one group after the other; no other file is opened for that."""
    from click.shell_completion import CompletionItem

    if MEMBER not in typed:
        return [CompletionItem(typed, type="file")]
    file, member = _split(typed)
    tensors = _tensors(file)
    # A shell replaces what is behind the last `::`: before that nothing can be added.
    if all(name.startswith("/") for name in tensors) and not member.startswith("/") and MEMBER not in member:
        member = f"/{member}"
    steps = _steps(tensors, member)
    return [CompletionItem(file + MEMBER + step, help=_shape(tensors.get(step))) for step in steps]


def complete_file(_context: click.Context, _parameter: click.Parameter, typed: str) -> Items:
    """A file, which the shell itself knows best to complete."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(typed, type="file")]


def among(*words: str) -> Callable[[click.Context, click.Parameter, str], Items]:
    """A completion that offers these words, whatever the case of what is typed."""
    return lambda _context, _parameter, typed: _offer(words, typed)


def complete_format(_context: click.Context, _parameter: click.Parameter, typed: str) -> Items:
    """The formats that an output can have."""
    from lrn_cli.tensors.registry import writable

    return _offer([form.name for form in writable()], typed)


def parameter_flags(words: Sequence[str], given: Collection[str]) -> Mapping[str, str]:
    """The flags that set a parameter and may still follow, each with what it means.

    Args:
        words: What was given behind `-c`; where that is nothing, LRN_CONVENTION counts, else every usual one.
        given: Keys of the parameters that were given as flags.
    """
    from lrn_cli.conventions.binding import parse
    from lrn_cli.conventions.parameters import key
    from lrn_cli.conventions.registry import find, usual

    chosen: list[tuple[Convention, Collection[str]]] = []
    for word in words or [os.environ.get("LRN_CONVENTION", "")]:
        with suppress(LrnError):
            name, inside = parse(word)
            chosen.append((find(name), {*map(key, inside), *given}))
    owners: dict[str, list[tuple[Convention, Parameter]]] = {}
    for convention, taken in chosen or [(convention, given) for convention in usual()]:
        for parameter in convention.parameters:
            if parameter.key not in taken:
                owners.setdefault(parameter.flag, []).append((convention, parameter))
    return {flag: _meaning(those) for flag, those in owners.items()}


def _names(typed: str) -> Items:
    """Conventions by name, else by alias; those that are used most, else the others."""
    from click.shell_completion import CompletionItem

    from lrn_cli.conventions.parameters import key
    from lrn_cli.conventions.registry import conventions, usual

    tiers = [(some, one) for some in (usual(), conventions()) for one in (False, True)]
    found: list[tuple[str, str]] = []
    for some, by_alias in tiers:
        words = [(word, one.title) for one in some for word in (one.words if by_alias else (one.name,))]
        found = found or [(word, title) for word, title in words if key(word).startswith(key(typed))]
    if any(key(word) == key(typed) for word, _ in found):
        # Typed to its end it may be the beginning of another.
        names = [(one.name, one.title) for one in conventions() if key(one.name).startswith(key(typed))]
        found = list(dict.fromkeys([*found, *names]))
    return [CompletionItem(word, help=title) for word, title in found]


def _parameters(convention: Convention, given: Iterable[str], before: str, typed: str) -> Items:
    from click.shell_completion import CompletionItem

    from lrn_cli.conventions.parameters import key

    taken = {key(item.partition("=")[0].strip()) for item in given}
    return [
        CompletionItem(f"{before}{parameter.name}=", help=_meaning([(convention, parameter)]))
        for parameter in convention.parameters
        if parameter.key not in taken and parameter.key.startswith(key(typed))
    ]


def _meaning(owners: Sequence[tuple[Convention, Parameter]]) -> str:
    from lrn_cli.conventions.parameters import show

    if len(owners) > 1:
        return ", ".join(convention.name for convention, _ in owners)
    ((_, parameter),) = owners
    return f"{parameter.meaning} [{'required' if parameter.default is None else show(parameter.default)}]"


def _offer(words: Iterable[str], typed: str, before: str = "") -> Items:
    from click.shell_completion import CompletionItem

    return [CompletionItem(before + word) for word in words if word.lower().startswith(typed.lower())]


def _split(typed: str) -> tuple[str, str]:
    """The file and the beginning of the member, both as typed."""
    from lrn_cli.tensors.selection import ways

    found = list(ways(typed))
    return next((way for way in found if os.path.isfile(_expand(way[0]))), found[-1])  # noqa: PTH113 - as below


def _expand(typed: str) -> str:
    return os.path.expandvars(os.path.expanduser(typed))  # noqa: PTH111 - a Path raises for an unknown user


def _tensors(file: str) -> dict[str, TensorInfo]:
    """What could be normalised of a file, by name; nothing where the file cannot be read."""
    from pathlib import Path

    path = Path(_expand(file))
    # A pipe would wait for its writer.
    if not (path.is_file() or path.is_dir()):
        return {}
    from lrn_cli.tensors.registry import sniff
    from lrn_cli.tensors.tensor import Reading

    try:
        infos = sniff(path).describe(path, Reading())
    except LrnError:
        return {}
    # A name with control characters could do anything to the terminal that it is shown on.
    return {i.member: i for i in infos if i.is_numeric and i.shape and i.member and i.member.isprintable()}


def _steps(names: Collection[str], typed: str) -> list[str]:
    """The names that begin so, each up to the end of its next group; groups with nothing beside them are entered."""
    while True:
        # Where no slash follows, `find` gives -1 and the slice is empty.
        ends = ((name, name.find("/", len(typed)) + 1) for name in names if name.startswith(typed))
        steps = list(dict.fromkeys(name[:end] or name for name, end in ends))
        if len(steps) != 1 or steps[0] == typed or not steps[0].endswith("/"):
            return steps
        typed = steps[0]


def _shape(info: TensorInfo | None) -> str | None:
    from lrn_cli.layouts import describe

    return f"{describe(info.shape)} {info.type_name}" if info else None
