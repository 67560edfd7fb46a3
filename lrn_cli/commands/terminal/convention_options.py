"""`-c` and the parameters of every convention as flags: what the commands have that take a convention."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from lrn_cli.commands.terminal import completion
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lrn_cli.conventions.binding import Asked, Bound
    from lrn_cli.conventions.declaration import Convention
    from lrn_cli.conventions.parameters import Parameter

_PREFIX = "parameter_"
"""Before the keyword of a flag that is a convention's parameter: `k` and `n` alone could be anything."""

_VARIABLE = "LRN_CONVENTION"
_METAVARS = {"integer": "N", "name": "NAME", "list": "[N,...]"}


class ConventionOptions(NamedTuple):
    """The conventions that a command was given.

    Attributes:
        words: Each in one word.
        flags: What was typed behind the flag of each parameter of any convention, by the parameter's key.
    """

    words: tuple[str, ...]
    flags: Mapping[str, Sequence[str]]


class ConventionCommand(click.Command):
    """A command with `-c` and a flag for every parameter of every convention, under the framework's own names.

    They are made when one is typed or the command's own help is asked for: what does without them does not read all
    conventions.

    Args:
        otherwise: What the help says is taken where no convention is given; LRN_CONVENTION and the default unless told.
    """

    def __init__(self, *args: Any, otherwise: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._otherwise = otherwise
        self._flags: list[click.Parameter] | None = None
        self._named: list[str] = []
        self._choice = click.Option(
            ["-c", "--convention", "words"],
            multiple=True,
            metavar="NAME[:P=X,...]",
            shell_complete=completion.complete_convention,
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line with the flags of the conventions that are named; where another is typed, with all."""
        own = self._own_flags(ctx)
        typed = {word.partition("=")[0].lower().replace("_", "-") for word in args if word.startswith("--")} - own
        self._named = _named(args)
        # Anew for each line: another may have been read before in this process.
        self._flags = None
        if not ctx.resilient_parsing:
            flags = _convention_flags(_declared(self._named), own) if typed else []
            if typed <= {word for flag in flags for word in flag.opts}:
                self._flags = flags
        return super().parse_args(ctx, args)

    def _own_flags(self, ctx: click.Context) -> set[str]:
        """The flags of the command itself, which no parameter of a convention takes away."""
        return {word for option in [self._choice, *super().get_params(ctx)] for word in option.opts}

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, and the conventions'."""
        if self._flags is None:
            from lrn_cli.conventions.registry import conventions

            self._flags = _convention_flags(conventions(), self._own_flags(ctx))
            self._choice.help = _choice_help(self._otherwise)
        return [self._choice, *self._flags, *super().get_params(ctx)]

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command with its conventions as one of its options."""
        typed = ctx.params
        flags = {name.removeprefix(_PREFIX): typed.pop(name) for name in list(typed) if name.startswith(_PREFIX)}
        typed["conventions"] = ConventionOptions(typed.pop("words"), flags)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then a section with the framework's own defaults for each convention that is named."""
        self._choice.help = _choice_help(self._otherwise)
        records = [
            record
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            and not (option.name or "").startswith(_PREFIX)
            and (record := option.get_help_record(ctx))
        ]
        with formatter.section("Options"):
            formatter.write_dl(records)
        for convention in _declared(self._named) if self._named else ():
            with formatter.section(_heading(convention)):
                formatter.write_dl([_row(parameter) for parameter in convention.parameters])
        if not self._named:
            formatter.write_paragraph()
            formatter.write_text(f"Their parameters: {ctx.command_path} -c NAME -h. Their names: lrn conventions.")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The flags that begin so; of the parameters those of the conventions that are given, if any are."""
        flags = [option for option in self.get_params(ctx) if (option.name or "").startswith(_PREFIX)]
        spellings = {word for option in flags for word in option.opts}
        given = [name.removeprefix(_PREFIX) for option in flags if ctx.params.get(name := option.name or "")]
        fitting = completion.parameter_flags(_words(ctx.params), given)
        items = super().shell_complete(ctx, incomplete)
        for item in items:
            item.help = fitting.get(item.value, item.help)
        return [item for item in items if item.value in fitting or item.value not in spellings]


def _words(given: Mapping[str, Any]) -> list[str]:
    """The conventions that were given behind `-c` and, where a command takes one so, as its argument."""
    return [word for word in (given.get("word"), *(given.get("words") or ())) if word]


def _named(args: Sequence[str]) -> list[str]:
    """The conventions on a command line, also where one is an argument."""
    words = [name for word, name in pairwise(args) if word in ("-c", "--convention")]
    words += [word.removeprefix("--convention=") for word in args if word.startswith("--convention=")]
    words += [word[2:] for word in args if word.startswith("-c") and len(word) > 2]
    return words + [word for word in args if word[:1].isalpha() and "/" not in word and "." not in word]


def _declared(words: Sequence[str]) -> list[Convention]:
    """The conventions of that name, or the one that is taken where none is named; what is no name has none."""
    from lrn_cli.conventions.registry import DEFAULT, known

    names = words or [os.environ.get(_VARIABLE, "").strip() or DEFAULT]
    found = {name: known(name.partition(":")[0].strip()) for name in names}
    return [convention for convention in found.values() if convention]


def _convention_flags(conventions: Iterable[Convention], own: Collection[str]) -> list[click.Parameter]:
    """A flag for each parameter of these conventions, but for those that the command has a flag for itself."""
    names: dict[str, Parameter] = {}
    for convention in conventions:
        for parameter in convention.parameters:
            if parameter.flag not in own:
                names.setdefault(parameter.flag, parameter)
    return [*map(_flag, names.values())]


def _choice_help(otherwise: str) -> str:
    from lrn_cli.conventions.registry import DEFAULT, usual

    return (
        f"The framework whose parameters these are [{otherwise or f'{_VARIABLE}, else {DEFAULT}'}]: "
        f"{', '.join(convention.name for convention in usual())}, or another that lrn conventions lists; with"
        " parameters, as in caffe:local_size=3."
    )


def _flag(parameter: Parameter) -> click.Option:
    # Also in one word, as `--ChannelWindowSize` becomes when case is taken from it.
    from lrn_cli.conventions.parameters import show

    words = dict.fromkeys((parameter.flag, f"--{parameter.key}", _PREFIX + parameter.key))
    return click.Option(list(words), multiple=True, shell_complete=completion.among(*map(show, parameter.choices)))


def ask_all(conventions: ConventionOptions, hint: str = "") -> list[Asked]:
    """The conventions that a command was given, the flags given for the only one.

    Raises:
        LrnError: There are flags, and none or several conventions whose they could be; or as `ask`.
    """
    from lrn_cli.commands.terminal.words import ask

    words, given = conventions.words, given_parameters(conventions)
    if given and len(words) != 1:
        typed = ",".join(f"{name}={value}" for name, value in given.items())
        whose = f"of {len(words)} conventions" if words else "without a convention"
        name = words[0].partition(":")[0] if words else _owner(next(iter(given)))[0].name
        raise LrnError(f"{typed}: {whose} it is not said whose this is", f"-c {name}:{typed}{hint}")
    return [ask(word, given) for word in words]


def bind_one(conventions: ConventionOptions) -> tuple[Bound, str]:
    """The one convention that a command was given, with its numbers, and where it came from: "given" if by its name.

    Raises:
        LrnError: Several were given, or the numbers are not what the convention takes.
    """
    from lrn_cli.conventions.registry import DEFAULT

    words, inherited = conventions.words, os.environ.get(_VARIABLE, "").strip()
    if words or inherited:
        from lrn_cli.commands.terminal.words import ask
    else:
        from lrn_cli.conventions.binding import ask
    if len(words) > 1:
        raise LrnError(f"{len(words)} conventions are given, {' and '.join(words)}; one is wanted", f"-c {words[0]}")
    given = given_parameters(conventions)
    if words:
        asked = ask(words[0], given)
        other = asked.lookalike
        return asked.bind(), f"{other.name} is read as {asked.convention.name}: {other.note}" if other else "given"
    try:
        return ask(inherited or DEFAULT, given).bind(), _VARIABLE if inherited else "no convention given"
    except LrnError as error:
        raise error.about(_VARIABLE) if inherited else error from None


def given_parameters(conventions: ConventionOptions) -> dict[str, str]:
    """The parameters that were given as flags, by name."""
    spelled = {own.key: own.name for one in reversed(_declared(conventions.words)) for own in one.parameters}
    given = {spelled.get(key) or _owner(key)[1].name: values for key, values in conventions.flags.items() if values}
    return {name: _once(name, values) for name, values in given.items()}


def _owner(name: str) -> tuple[Convention, Parameter]:
    """The first convention that has the parameter, and the parameter as it spells it."""
    from lrn_cli.conventions.suggestions import owners

    return next(owners(name))


def _once(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        raise LrnError(f"{name} is given {len(values)} times: {', '.join(values)}", f"give {name} once")
    return values[0]


def _heading(convention: Convention) -> str:
    return f"{convention.name} ({convention.title}; {', '.join(convention.layouts)})"


def _row(parameter: Parameter) -> tuple[str, str]:
    from lrn_cli.conventions.parameters import show

    metavar = _METAVARS.get(parameter.type_name, "X")
    wanted = "".join(f", {limit}" for limit in parameter.limits)
    default = "required" if parameter.default is None else show(parameter.default)
    return f"{parameter.flag} {metavar}", f"{parameter.meaning}{wanted} [{default}]"
