"""`-c` and the parameters of every convention as flags: what the commands have that take a convention."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
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

_METAVARS = {"window": "N", "region": "NAME"}


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
        self._choice = click.Option(
            ["-c", "--convention", "words"],
            multiple=True,
            metavar="NAME[:P=X,...]",
            shell_complete=completion.complete_convention,
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line, first without the conventions' flags where none of them can be meant."""
        own = {word for option in [self._choice, *super().get_params(ctx)] for word in option.opts}
        flags = {word.partition("=")[0].lower().replace("_", "-") for word in args if word.startswith("--")}
        # Anew for each line: another may have been read before in this process.
        self._flags = [] if not ctx.resilient_parsing and flags <= own else None
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, and the conventions'."""
        if self._flags is None:
            self._flags = _convention_flags()
            self._choice.help = _choice_help(self._otherwise)
        return [self._choice, *self._flags, *super().get_params(ctx)]

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command with its conventions as one of its options."""
        typed = ctx.params
        flags = {name.removeprefix(_PREFIX): typed.pop(name) for name in list(typed) if name.startswith(_PREFIX)}
        typed["conventions"] = ConventionOptions(typed.pop("words"), flags)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then a section for each convention with the framework's own defaults."""
        from lrn_cli.conventions.registry import conventions

        self._flags = None  # whatever was needed to read the command line
        records = [
            record
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            and not (option.name or "").startswith(_PREFIX)
            and (record := option.get_help_record(ctx))
        ]
        with formatter.section("Options"):
            formatter.write_dl(records)
        for convention in conventions():
            with formatter.section(_heading(convention)):
                formatter.write_dl([_row(parameter) for parameter in convention.parameters])

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


def _convention_flags() -> list[click.Parameter]:
    """A flag for each parameter of any convention."""
    from lrn_cli.conventions.registry import conventions

    names: dict[str, Parameter] = {}
    for convention in conventions():
        for parameter in convention.parameters:
            names.setdefault(parameter.flag, parameter)
    return [*map(_flag, names.values())]


def _choice_help(otherwise: str) -> str:
    from lrn_cli.conventions.registry import DEFAULT, conventions

    return (
        f"The framework whose parameters these are [{otherwise or f'{_VARIABLE}, else {DEFAULT}'}]: "
        f"{', '.join(convention.name for convention in conventions())}; with parameters, as in caffe:local_size=3."
    )


def _flag(parameter: Parameter) -> click.Option:
    # Also in one word, as `--ChannelWindowSize` becomes when case is taken from it.
    words = dict.fromkeys((parameter.flag, f"--{parameter.key}", _PREFIX + parameter.key))
    return click.Option(list(words), multiple=True, shell_complete=completion.among(*parameter.choices))


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
    """The one convention that a command was given, with its numbers, and where it came from: "given" if by a flag.

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
        return ask(words[0], given).bind(), "given"
    try:
        return ask(inherited or DEFAULT, given).bind(), _VARIABLE if inherited else "no convention given"
    except LrnError as error:
        raise error.about(_VARIABLE) if inherited else error from None


def given_parameters(conventions: ConventionOptions) -> dict[str, str]:
    """The parameters that were given as flags, by name."""
    given = {_owner(key)[1].name: values for key, values in conventions.flags.items() if values}
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

    metavar = _METAVARS.get(parameter.role.value, "X")
    wanted = "".join(f", {limit}" for limit in parameter.limits)
    default = "required" if parameter.default is None else show(parameter.default)
    return f"{parameter.flag} {metavar}", f"{parameter.meaning}{wanted} [{default}]"
