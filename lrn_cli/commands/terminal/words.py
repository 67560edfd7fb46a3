"""What a word behind `-c` asks for: a convention, a layer of a model file, or text that was pasted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrn_cli.conventions.binding import Asked

_PLAIN = re.compile(r"""[\w +-]*(:(?!:)[^"'(){}<>:\n]*)?""")
"""A convention's word: no path with a layer of a model, no name of a file, and no pasted text."""


def ask(word: str, given: Mapping[str, object]) -> Asked:
    """What a word asks for; what else than a convention may stand there is only looked at where it can be meant.

    Args:
        word: As typed; `-` is what standard input holds.
        given: More parameters, under the framework's own names.

    Raises:
        LrnError: As `lrn_cli.models.words.ask`.
    """
    if word == "-":
        from lrn_cli.commands.terminal.models import ask_input

        return ask_input().add(given)
    if _PLAIN.fullmatch(word) and not os.path.exists(word):  # noqa: PTH110 - of many thousand letters, too
        from lrn_cli.conventions.binding import ask as ask_plainly
    else:
        from lrn_cli.models.words import ask as ask_plainly
    return ask_plainly(word, given)
