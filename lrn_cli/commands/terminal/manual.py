"""Pages for `man`, of the same words as the help: `python -m lrn_cli.commands.terminal.manual FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from lrn_cli._version import __version__
from lrn_cli.commands import lrn
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.help import describe, grouped

_EXITS = {
    Exit.DONE: "it is done, or the answer is yes",
    Exit.NO: "the answer is no: a difference, nothing found, no equivalent",
    Exit.FAILED: "it failed: usage, bad input, any error",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
    Exit.BROKEN_PIPE: "nobody read its output any more",
    Exit.TERMINATED: "ended by SIGTERM",
}
_VARIABLES = {
    "LRN_CONVENTION": "the convention that is taken where none is given, as caffe:local_size=3",
    "LRN_CLUSTER": "the Dask cluster on which apply works where --cluster is not given, as tcp://host:8786",
    "NO_COLOR": "no colours, whatever it is set to",
    "FORCE_COLOR": "colours off a terminal, too",
    "PAGER": "what shows answers that are longer than the screen",
}


def write_pages() -> dict[str, str]:
    """Every page by the name of its file: one of `lrn` and one of each verb."""
    with lrn.make_context("lrn", [], resilient_parsing=True) as ctx:
        verbs = {name: verb for name in lrn.list_commands(ctx) if (verb := lrn.get_command(ctx, name))}
        pages = {"lrn.1": _page_of_all(ctx, verbs)}
        for name, verb in verbs.items():
            with click.Context(verb, parent=ctx, info_name=name) as own:
                pages[f"lrn-{name}.1"] = _page(verb, own, [other for other in verbs if other != name])
    return pages


def _page_of_all(ctx: click.Context, verbs: dict[str, click.Command]) -> str:
    described = describe(lrn)
    lines = [
        *_head("lrn", described.sentence, f"{_bold('lrn')} VERB [OPTIONS] ..."),
        ".SH VERBS",
        *_list({f"lrn-{name}(1)": verb.short_help or "" for name, verb in verbs.items()}),
        ".SH ENVIRONMENT",
        *_list(_VARIABLES),
        *_exits(),
        *_examples(described.examples),
    ]
    return "\n".join(lines) + "\n"


def _page(verb: click.Command, ctx: click.Context, others: Sequence[str]) -> str:
    described = describe(verb)
    usage = " ".join(verb.collect_usage_pieces(ctx))
    lines = [
        *_head(f"lrn-{ctx.info_name}", described.sentence, f"{_bold(f'lrn {ctx.info_name}')} {_text(usage)}"),
        ".SH DESCRIPTION",
        *(line for part in described.paragraphs for line in _paragraph(part)),
        *(line for heading, options in grouped(verb, ctx).items() for line in _options(heading, options, ctx)),
        *_exits(),
        *_examples(described.examples),
        ".SH SEE ALSO",
        ", ".join(_bold(name) + "(1)" for name in ("lrn", *(f"lrn-{name}" for name in others))),
    ]
    return "\n".join(lines) + "\n"


def _head(name: str, sentence: str, usage: str) -> list[str]:
    said = _text(sentence[:1].lower() + sentence[1:].rstrip("."))
    title = f'.TH {name.upper()} 1 "" "lrn {__version__}" "lrn manual"'
    return [title, ".SH NAME", f"{_text(name)} \\- {said}", ".SH SYNOPSIS", usage]


def _paragraph(text: str) -> Iterator[str]:
    if text.startswith("\t"):
        yield from (".PP", ".RS", ".nf", _text(text.strip()), ".fi", ".RE")
    else:
        yield from (".PP", _text(text))


def _options(heading: str, options: Sequence[click.Option], ctx: click.Context) -> Iterator[str]:
    yield f".SH {heading.upper()}"
    for option in options:
        record = option.get_help_record(ctx)
        if record:
            yield from (".TP", _bold(record[0]), _text(record[1]))


def _exits() -> Iterator[str]:
    yield ".SH EXIT STATUS"
    yield from _list({str(int(code)): said for code, said in _EXITS.items()})


def _list(said: dict[str, str]) -> Iterator[str]:
    for name, text in said.items():
        yield from (".TP", _bold(name), _text(text))


def _examples(examples: Sequence[str]) -> Iterator[str]:
    if examples:
        yield from (".SH EXAMPLES", ".nf", *map(_text, examples), ".fi")


def _bold(text: str) -> str:
    return f"\\fB{_text(text)}\\fR"


def _text(text: str) -> str:
    r"""Text that roff sets as it is.

    >>> print(_text("a-b \\ .x"))
    a\-b \e .x
    """
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha")
    escaped = "".join(sign if sign.isascii() else f"\\[u{ord(sign):04X}]" for sign in escaped)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


def main(folder: str) -> None:
    """Write all pages into a folder, and remove those of verbs that are gone."""
    place = Path(folder)
    place.mkdir(exist_ok=True)
    pages = write_pages()
    for old in place.glob("*.1"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (place / name).write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
