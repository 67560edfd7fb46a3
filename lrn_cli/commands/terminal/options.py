"""Options that several commands have, so that a flag means the same everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lrn_cli.commands.terminal import completion
from lrn_cli.commands.terminal.choices import LateChoice
from lrn_cli.commands.terminal.sizes import Size
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lrn_cli.conventions.binding import Bound
    from lrn_cli.conventions.declaration import Convention
    from lrn_cli.conventions.parameters import Parameter

Command = TypeVar("Command", bound=Callable[..., Any])

_PREFIX = "parameter_"
"""Before the keyword of a flag that is a convention's parameter: `k` and `n` alone could be anything."""

_VARIABLE = "LRN_CONVENTION"

_METAVARS = {"window": "N", "region": "NAME"}


class ConventionCommand(click.Command):
    """A command with `-c` and a flag for every parameter of every convention, under the framework's own names.

    They are made when the command is called or its own help is asked for: the list of verbs does without conventions.
    """

    _flags: list[click.Parameter] | None = None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, and the conventions'."""
        if self._flags is None:
            self._flags = _convention_flags()
        return [*self._flags, *super().get_params(ctx)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then a section for each convention with the framework's own defaults."""
        from lrn_cli.conventions.registry import conventions

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
    from lrn_cli.conventions.registry import DEFAULT, conventions

    names: dict[str, Parameter] = {}
    for convention in conventions():
        for parameter in convention.parameters:
            names.setdefault(parameter.flag, parameter)
    choice = click.Option(
        ["-c", "--convention", "words"],
        multiple=True,
        metavar="NAME[:P=X,...]",
        shell_complete=completion.complete_convention,
        help=f"The framework whose parameters these are [LRN_CONVENTION, else {DEFAULT}]: "
        f"{', '.join(convention.name for convention in conventions())}; with parameters, as in caffe:local_size=3.",
    )
    return [choice, *map(_flag, names.values())]


def _flag(parameter: Parameter) -> click.Option:
    # Also in one word, as `--ChannelWindowSize` becomes when case is taken from it.
    words = dict.fromkeys((parameter.flag, f"--{parameter.key}", _PREFIX + parameter.key))
    return click.Option(list(words), multiple=True, shell_complete=completion.among(*parameter.choices))


def the_convention(words: Sequence[str], flags: Mapping[str, Any]) -> tuple[Bound, str]:
    """The one convention that a command was given, with its numbers, and where it came from: "given" if by a flag.

    Raises:
        LrnError: Several were given, or the numbers are not what the convention takes.
    """
    from lrn_cli.conventions.registry import DEFAULT
    from lrn_cli.conventions.specification import bound

    if len(words) > 1:
        raise LrnError(f"{len(words)} conventions are given, {' and '.join(words)}; one is wanted", f"-c {words[0]}")
    given = {
        name.removeprefix(_PREFIX): _once(name.removeprefix(_PREFIX), values)
        for name, values in flags.items()
        if name.startswith(_PREFIX) and values
    }
    if words:
        return bound(words[0], given), "given"
    inherited = os.environ.get(_VARIABLE, "").strip()
    try:
        return bound(inherited or DEFAULT, given), _VARIABLE if inherited else "no convention given"
    except LrnError as error:
        raise error.about(_VARIABLE) if inherited else error from None


def _once(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        raise LrnError(f"{name} is given {len(values)} times: {', '.join(values)}", f"give {name} once")
    return values[0]


def reading_options(command: Command) -> Command:
    """How input files are read."""
    for option in (
        click.option("--max-pixels", type=click.IntRange(1), metavar="N", help="The largest image to open, in pixels."),
        click.option(
            "--pixels",
            type=click.Choice(["unit", "raw"], case_sensitive=False),
            default="unit",
            help="Read an image as 0..1 or as the stored numbers [unit].",
        ),
        click.option("--allow-external", is_flag=True, help="Follow HDF5 links and storage into other files."),
    ):
        command = option(command)
    return command


def layout_options(command: Command) -> Command:
    """Which axis of the tensor is which."""
    for option in (
        click.option("--axis", type=int, metavar="I", help="The channel axis, instead of a layout."),
        click.option(
            "--layout",
            metavar="LETTERS",
            shell_complete=completion.among(*completion.LAYOUTS),
            help="Which axis is which, as in NHWC [the convention's own].",
        ),
    ):
        command = option(command)
    return command


def output_options(command: Command) -> Command:
    """How outputs are written."""
    for option in (
        click.option("--stretch", is_flag=True, help="Images: map the range of values to 0..1 instead of clipping."),
        click.option("--only", is_flag=True, help="HDF5: leave the other objects of the input's file out."),
        click.option("--fsync", is_flag=True, help="Force the output to the disk before it appears."),
        click.option("-f", "--force", is_flag=True, help="Replace an output that is there."),
        click.option(
            "--output-format",
            metavar="FORMAT",
            shell_complete=completion.among(*completion.OUTPUT_FORMATS),
            help="npy, h5, png or tiff [by the output's suffix].",
        ),
    ):
        command = option(command)
    return command


def many_options(command: Command) -> Command:
    """Which of many inputs, and what of them."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Show what would be done, and write nothing."),
        click.option("--skip-existing", is_flag=True, help="Leave inputs alone whose output is there."),
        click.option("-r", "--recursive", is_flag=True, help="Search folders for tensor files; keeps the tree."),
        click.option("-0", "by_nul", is_flag=True, help="The list's names end with NUL, as find -print0 writes them."),
        click.option(
            "--files-from",
            metavar="LIST",
            shell_complete=completion.complete_file,
            help="A file that names inputs, one in a line, or -.",
        ),
    ):
        command = option(command)
    return command


def work_options(command: Command) -> Command:
    """What the work may take."""
    for option in (
        click.option("--memory", type=Size(), metavar="SIZE", help="Scratch memory to stay within, as 64M."),
        click.option(
            "-j", "--jobs", type=click.IntRange(1), metavar="N", help="Threads [the cores this process may use]."
        ),
    ):
        command = option(command)
    return command


def console_options(command: Command) -> Command:
    """What the command says."""
    return answer_options(lambda: ["text", "json"])(command)


def answer_options(formats: Callable[[], Sequence[str]]) -> Callable[[Command], Command]:
    """What the command says, its answer in one of several formats, the first one unless told."""

    def add(command: Command) -> Command:
        for option in _answer_options(formats):
            command = option(command)
        return command

    return add


def _answer_options(formats: Callable[[], Sequence[str]]) -> tuple[Callable[[Command], Command], ...]:
    return (
        click.option("--debug", is_flag=True, help="Show a traceback where something fails."),
        click.option("--json", "as_json", is_flag=True, help="The answer as JSON, short for --format json."),
        click.option(
            "--format",
            "answer_format",
            type=LateChoice(formats),
            default="text",
            help="How the answer is given [text].",
        ),
        click.option("-v", "--verbose", is_flag=True, help="Say more."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    )


def _heading(convention: Convention) -> str:
    return f"{convention.name} ({convention.title}; {', '.join(convention.layouts)})"


def _row(parameter: Parameter) -> tuple[str, str]:
    from lrn_cli.conventions.values import show

    metavar = _METAVARS.get(parameter.role.value, "X")
    wanted = "".join(f", {limit}" for limit in parameter.limits)
    default = "required" if parameter.default is None else show(parameter.default)
    return f"{parameter.flag} {metavar}", f"{parameter.meaning}{wanted} [{default}]"
