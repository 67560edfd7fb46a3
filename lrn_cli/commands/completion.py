"""`lrn completion`: the script by which a shell completes what is typed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import click

from lrn_cli.commands import Verb
from lrn_cli.commands.terminal.types import into
from lrn_cli.errors import LrnError

_SHELLS = ("bash", "zsh", "fish")


class CompletionOptions(NamedTuple):
    """What `lrn completion` was given."""

    shell: str | None


@click.command("completion", cls=Verb, short_help="Print the completion script of a shell.")
@click.argument("shell", metavar="[SHELL]", required=False, type=click.Choice(_SHELLS, case_sensitive=False))
@into(CompletionOptions)
def command(options: CompletionOptions) -> int:
    """Print the script by which bash, zsh or fish completes verbs, options, files and datasets.

    Without SHELL it is the one that the variable of that name tells.

    \b
    eval "$(lrn completion bash)"       in ~/.bashrc
    eval "$(lrn completion zsh)"        in ~/.zshrc
    lrn completion fish > ~/.config/fish/completions/lrn.fish
    """
    from lrn_cli.commands.terminal.shells import answer

    shell = options.shell or Path(os.environ.get("SHELL", "")).name
    if shell not in _SHELLS:
        raise LrnError(
            "SHELL is not set to bash, zsh or fish, so which one is meant must be said", "lrn completion bash"
        )
    return answer(f"{shell.lower()}_source")
