"""Help in two lengths: the common options and examples on one screen, and all options in groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import click

GROUPS: dict[str, tuple[str, ...]] = {
    "Options": (),  # all that stand in no other group
    "Convention": ("words", "targets", "everything", "typed", "reference"),
    "Tolerance": ("rtol", "atol", "any_dtype"),
    "Output": (
        "output",
        "output_format",
        "force",
        "fsync",
        "only",
        "stretch",
        "dtype",
        "compute",
        "plot",
        "dpi",
        "report",
    ),
    "Layout": ("layout", "axis", "channels"),
    "Many files": (
        *("files_from", "by_nul", "recursive", "include", "exclude", "dataset", "skip_existing", "dry_run"),
        *("ndim", "min_rank"),
    ),
    "How files are read": ("pixels", "cf", "input_dtype", "allow_external"),
    "Limits": ("max_bytes", "max_pixels", "memory", "jobs"),
    "Messages": ("quiet", "verbose", "answer_format", "as_json", "colour", "pager", "debug", "h", "help"),
}
"""Options by heading, under the names that their commands have for them."""
_COMMON = (
    *("words", "targets", "against", "dy", "check", "output", "stats", "layout", "channels"),
    *("rtol", "atol", "force", "recursive", "skip_existing", "dry_run", "plot", "report", "answer_format"),
)
_EXAMPLES = 4
Sections = Sequence[tuple[str, list[tuple[str, str]]]]
"""Headings with names and what they mean."""
_WIDEST = 80


class Described(NamedTuple):
    """What a verb's docstring says.

    Attributes:
        sentence: The first one.
        paragraphs: The rest, line by line; those that are no prose begin with a tab.
        examples: Command lines.
    """

    sentence: str
    paragraphs: tuple[str, ...]
    examples: tuple[str, ...]


def describe(command: click.Command) -> Described:
    r"""Take a docstring apart, in which a paragraph behind a \b keeps its lines."""
    text = re.sub(r"\n[ \t]+", "\n", (command.help or "").strip().partition("\f")[0])
    first, *others = re.split(r"\n\s*\n", text)
    paragraphs: list[str] = []
    examples: list[str] = []
    for part in others:
        lines = part.removeprefix("\b").strip().split("\n")
        if not part.startswith("\b"):
            paragraphs.append(" ".join(lines))
        elif any("lrn " in line for line in lines):
            examples += lines
        else:
            paragraphs += [f"\t{line}" for line in lines]
    return Described(" ".join(first.split()), tuple(paragraphs), tuple(examples))


def grouped(command: click.Command, ctx: click.Context) -> dict[str, list[click.Option]]:
    """The options of a verb that help shows, by heading; a convention's parameters are none of them."""
    shown: dict[str, list[click.Option]] = {heading: [] for heading in GROUPS}
    headings = {name: heading for heading, names in GROUPS.items() for name in names}
    for option in command.get_params(ctx):
        name = option.name or ""
        if isinstance(option, click.Option) and not option.hidden and not name.startswith("parameter_"):
            shown["Messages" if "--help" in option.opts else headings.get(name, "Options")].append(option)
    return {heading: options for heading, options in shown.items() if options}


def write_groups(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write all options under their headings."""
    for heading, options in grouped(command, ctx).items():
        with formatter.section(heading):
            formatter.write_dl([record for option in options if (record := option.get_help_record(ctx))])


def shorten(command: click.Command, ctx: click.Context) -> str:
    """The help that fits a screen; where a convention is named on the command line, with its parameters."""
    formatter = ctx.make_formatter()
    formatter.width = min(formatter.width, _WIDEST)
    described = describe(command)
    formatter.write(f"Usage: {ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}\n\n")
    formatter.indent()
    formatter.write_text(described.sentence)
    formatter.write_paragraph()
    fitting = [example for example in described.examples if len(example) + 2 <= formatter.width]
    for example in fitting[:_EXAMPLES]:
        formatter.write(f"  {example}\n")
    formatter.dedent()
    tell = getattr(command, "describe_parameters", None)
    conventions: Sections = tell() if tell else []
    if not conventions:
        _write_common(command, ctx, formatter)
    for heading, rows in conventions:
        with formatter.section(heading):
            formatter.write_dl(rows)
    formatter.write_paragraph()
    also = (
        f" A framework's: {ctx.command_path} -c NAME -h"
        if any(option.name == "words" for option in command.get_params(ctx)) and not conventions
        else ""
    )
    formatter.write(f"All options: {ctx.command_path} --help.{also}\n")
    return formatter.getvalue().rstrip("\n")


def _write_common(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    options = [option for group in grouped(command, ctx).values() for option in group if option.name in _COMMON]
    if not options:
        return
    options.sort(key=lambda option: _COMMON.index(option.name or ""))
    with formatter.section("Options"):
        names = {option: _names(option) for option in options}
        wide = max(map(len, names.values()), default=0)
        for option, name in names.items():
            said = _one_line(
                _conventions() if option.name == "words" else option.help or "", formatter.width - wide - 4
            )
            formatter.write(f"  {name:<{wide}}  {said}\n")


def _names(option: click.Option) -> str:
    """The shortest flag, the longest, and what it wants."""
    flags = sorted({min(option.opts, key=len), max(option.opts, key=len)}, key=len)
    wants = "" if option.is_flag else f" {(option.metavar or 'NAME').partition('[')[0]}"
    return f"{', '.join(flags)}{wants}"


def _one_line(text: str, width: int) -> str:
    """The text, or its beginning up to the last pause, or else the last word, that fits a line."""
    if len(text) <= width:
        return text.rstrip(".")
    text = re.sub(r"\s*\[.*\]\.?$", "", text)[: width + 1]
    ends = [*re.finditer(r"[;:,.](?=\s)|$" if len(text) <= width else r"[;:,.](?=\s)", text)]
    return text[: ends[-1].start()] if ends else text[: text.rfind(" ")]


def _conventions() -> str:
    from lrn_cli.conventions.registry import conventions

    return f"The framework: {', '.join(convention.name for convention in conventions()[:_EXAMPLES])} and others"
