"""The command line: one file per verb, found by looking at the files of this package."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import click

import lrn_cli


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(lrn_cli.__version__, "-V", "--version", prog_name="lrn", message="%(prog)s %(version)s")
def lrn() -> None:
    """Local response normalization of tensor files, under the parameter convention of each framework.

    \b
    lrn apply feats.npy -o out.npy
    lrn info feats.npy
    """


for _module in iter_modules(__path__):
    _command = getattr(import_module(f"{__name__}.{_module.name}"), "command", None)
    if isinstance(_command, click.Command):
        lrn.add_command(_command)
