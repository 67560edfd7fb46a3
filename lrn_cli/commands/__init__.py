"""The command line: one file per verb, found by looking at the files of this package, what they share in `terminal`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from lrn_cli._version import __version__
from lrn_cli.declarations import list_files


class Verbs(click.Group):
    """A group whose commands are the files of this package, each imported when it is asked for.

    Attributes:
        typed: The words of the line that runs, behind `lrn`.
    """

    typed: Sequence[str] = ()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all verbs."""
        return list_files(__path__)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name; None where there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the line up to the verb, once no word of it is a slip: a wrong dash, one too few, a = too many."""
        self.typed = [*args]
        if any(word[:1] in _DASHES or (word[:1] == "-" != word[1:2] and word[2:]) for word in args):
            from lrn_cli.commands.terminal.slips import refuse_slips

            command = self.get_command(ctx, args[0]) or self
            refuse_slips(args, [word for option in command.get_params(ctx) for word in option.opts])
        if args[:1] == ["help"]:  # as git and others have it
            args = [*args[1:2], "--help"]
        if args[:1] == ["-V"]:
            args = ["--version", *args[1:]]
        ctx.meta["lrn.typed"] = tuple(args)  # for reports
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that a line names."""
        verb = _spell(args[0])
        if verb not in self.list_commands(ctx) and not verb.startswith("-"):
            ctx.fail(f"No such command {args[0]!r}.")  # as it was typed, and not as it was spelt
        return super().resolve_command(ctx, args)


_DASHES = ("\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}", "\N{HYPHEN}")


class Verb(click.Command):
    """A verb whose help has two lengths: -h is one screen, --help everything in groups."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its parameters, -h and --help."""
        *own, last = super().get_params(ctx)
        return [*own, _SHORT, last]

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """What stands for all of the help."""
        return ["--help"]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write all options under their headings."""
        from lrn_cli.commands.terminal.help import write_groups

        write_groups(self, ctx, formatter)


def _show_short(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from lrn_cli.commands.terminal.help import shorten

        click.echo(shorten(ctx.command, ctx))
        ctx.exit()


_SHORT = click.Option(
    ["-h", "h"], is_flag=True, is_eager=True, expose_value=False, callback=_show_short, help="The common options alone."
)


def _spell(name: str) -> str:
    """A flag or verb as it is declared: case does not matter, nor whether words are joined by _ or -."""
    return name.lower().replace("_", "-")


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 110,
        "token_normalize_func": _spell,
    },
)
@click.option("--version", is_flag=True, help="Show the version, and with -v what does the arithmetic.")
@click.option("-v", "verbose", is_flag=True, hidden=True)
@click.pass_context
def lrn(context: click.Context, version: bool, verbose: bool) -> None:
    """Local response normalization of tensor files, under the parameter convention of each framework.

    \b
    lrn apply feats.npy -o out.npy
    lrn explain --convention caffe
    lrn translate caffe:local_size=5,alpha=1e-4 --to tf
    lrn compare feats.npy -c tf -c caffe
    lrn identify input.npy output.npy
    """
    if version:
        _show_version(verbose)
        context.exit()
    if verbose:
        raise click.NoSuchOption("-v", ctx=context)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def _show_version(verbose: bool) -> None:
    click.echo(f"lrn {__version__}")
    if verbose:
        from lrn_cli.arithmetic.native import chosen

        click.echo(chosen)
