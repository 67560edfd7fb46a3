"""The command line: one file per verb, found by looking at the files of this package."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import click

import lrn_cli


def _spelled(name: str) -> str:
    """A flag or verb as it is declared: case does not matter, nor whether words are joined by _ or -."""
    return name.lower().replace("_", "-")


@click.group(
    invoke_without_command=True,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 110,
        "token_normalize_func": _spelled,
    },
)
@click.version_option(lrn_cli.__version__, "--version", prog_name="lrn", message="%(prog)s %(version)s")
@click.pass_context
def lrn(context: click.Context) -> None:
    """Local response normalization of tensor files, under the parameter convention of each framework.

    \b
    lrn apply feats.npy -o out.npy
    lrn info feats.npy
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _module in iter_modules(__path__):
    _command = getattr(import_module(f"{__name__}.{_module.name}"), "command", None)
    if isinstance(_command, click.Command):
        lrn.add_command(_command)
