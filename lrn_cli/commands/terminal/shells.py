"""The answers that bash, zsh and fish get at a press of TAB, each in the form in which it inserts words rightly."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from click.shell_completion import (
    BashComplete,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    shell_complete,
    split_arg_string,
)

from lrn_cli.commands import lrn
from lrn_cli.commands.terminal import scripts
from lrn_cli.commands.terminal.completion import MEMBER
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_RAW_WORD = re.compile(r"""(?:\\.|\\$|'[^']*'?|"(?:\\.|[^"\\])*(?:"|\\$|$)|[^\s'"\\])+""", re.DOTALL)
_ASSIGNMENT = re.compile(r"\w+=")


def answer(instruction: str) -> int:
    """Do what the variable _LRN_COMPLETE asks for: print a shell's script, or what may follow its line.

    Args:
        instruction: `bash_source`, `bash_complete`, and the same for the other shells.

    Raises:
        LrnError: There is no such shell or instruction.
    """
    for shell in (Bash, Zsh, Fish):
        add_completion_class(shell)
    name = instruction.partition("_")[0]
    if get_completion_class(name) is None or shell_complete(lrn, {}, "lrn", "_LRN_COMPLETE", instruction):
        raise LrnError(
            f"_LRN_COMPLETE is {instruction!r}, it must be bash_source, zsh_source or fish_source",
            'eval "$(_LRN_COMPLETE=bash_source lrn)"',
        )
    return 0


class _Shell(ShellComplete):
    """A shell that hands over its line as it stands, up to the cursor."""

    @cached_property
    def _words(self) -> list[str]:
        return _raw_words(os.environ["COMP_LINE"])

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one at the cursor, without their quotes, and that one."""
        words = [_unquote(word) for word in self._words]
        return words[1:-1], words[-1]

    def complete(self) -> str:
        """The answer, one line for each word that may stand here; none where anything fails."""
        with suppress(Exception):
            lines = map(self.format_completion, self.get_completions(*self.get_completion_args()))
            return "\n".join(filter(None, lines))
        return ""

    def tail(self, item: CompletionItem[str]) -> str:
        """What comes in place of the tail of the word at the cursor."""
        typed = _unquote(self._words[-1])
        if typed.startswith("-") and "=" in typed:
            typed = typed.partition("=")[2]  # as Click does before it asks for completions
        return item.value[len(typed) - len(_tail(typed)) :]


class Bash(_Shell, BashComplete):
    """Bash takes what replaces the last piece of a word, of the pieces between the letters of COMP_WORDBREAKS."""

    source_template: ClassVar[str] = scripts.BASH

    def format_completion(self, item: CompletionItem[str]) -> str:
        """A line of the answer; empty where the word cannot be inserted."""
        if item.type != "plain":
            return f"{item.type},"
        word, piece = self._words[-1], os.environ["COMP_CURRENT"]
        tail, insertion = _tail(word), _quote(self.tail(item), _open_quote(word))
        if insertion is None:
            return ""
        kept = len(tail) - len(piece)
        if kept <= 0:
            return f"plain,{piece[: len(piece) - len(tail)]}{insertion}"
        return f"plain,{insertion[kept:]}" if insertion.startswith(tail[:kept]) else ""


class Zsh(_Shell):
    """Zsh quotes by itself; the script sets aside what stands before the tail."""

    name: ClassVar[str] = "zsh"
    source_template: ClassVar[str] = scripts.ZSH

    def format_completion(self, item: CompletionItem[str]) -> str:
        """A line of the answer: what to insert, and how to show it."""
        shown = f"{self.tail(item):<24} -- {_one_line(item.help)}" if item.help else self.tail(item)
        return f"{item.type},{self.tail(item)}\t{shown}"


class Fish(_Shell):
    """Fish quotes by itself and takes whole words."""

    name: ClassVar[str] = "fish"
    source_template: ClassVar[str] = scripts.FISH

    def format_completion(self, item: CompletionItem[str]) -> str:
        """A line of the answer: the word, and what it means."""
        word = _unquote(self._words[-1])
        return f"{item.type},{word.removesuffix(_tail(word))}{self.tail(item)}\t{_one_line(item.help or '')}"


def _raw_words(line: str) -> list[str]:
    """The words of a line as they stand there, quotes and all, the last one empty if a space is before the cursor.

    >>> _raw_words("A=1 lrn info 'my file' x.h5::/a\\\\ b ")
    ['lrn', 'info', "'my file'", 'x.h5::/a\\\\ b', '']
    """
    matches = list(_RAW_WORD.finditer(line))
    words = [match[0] for match in matches]
    if not matches or matches[-1].end() < len(line):
        words.append("")
    while len(words) > 1 and _ASSIGNMENT.match(words[0]):
        del words[0]
    return words


def _unquote(word: str) -> str:
    return "".join(split_arg_string(word))


def _tail(word: str) -> str:
    """The part of a word that is completed: behind its last `::`, else behind its last colon, comma or equals sign.

    >>> _tail("x.h5::/conv1,a"), _tail("caffe:local_size=5,al"), _tail("--local")
    ('/conv1,a', 'al', '--local')
    """
    return word.rpartition(MEMBER)[2] if MEMBER in word else re.split("[:=,]", word)[-1]


def _open_quote(word: str) -> str:
    """The quote that a raw word has opened and not closed; empty where there is none.

    >>> _open_quote("'my file'::/a"), _open_quote('"my file::/a')
    ('', '"')
    """
    rest = re.sub(r"""\\.|'[^']*'|"(?:\\.|[^"\\])*\"""", "", word, flags=re.DOTALL)
    quote = re.search("['\"]", rest)
    return quote[0] if quote else ""


def _quote(text: str, open_quote: str) -> str | None:
    """The text so that bash takes each letter as itself, as a dataset may be called `$(...)`; None if it cannot be."""
    if open_quote:
        return None if re.search(r"""['"$`\\!]""", text) else text
    return re.sub(r"[^\w@%+=:,./-]", r"\\\g<0>", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
