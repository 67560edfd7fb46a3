"""Options that several commands have, so that a flag means the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal import completion
from lrn_cli.commands.terminal.types import Command, LateChoice, Size, once, together

if TYPE_CHECKING:
    from lrn_cli.tensors.folders import Search
    from lrn_cli.tensors.tensor import Reading


reading_options = together(
    click.option("--max-bytes", type=Size(), metavar="SIZE", help="The largest tensor to open, as 64G."),
    click.option("--max-pixels", type=click.IntRange(1), metavar="N", help="The largest image to open, in pixels."),
    click.option(
        "--pixels",
        type=click.Choice(["unit", "raw"], case_sensitive=False),
        default="unit",
        help="Read an image as 0..1 or as the stored numbers; palettes, CMYK and YCbCr are RGB in both, "
        "greys of 2 and 4 bits 0..255, and premultiplied colours divided by their alpha [unit].",
    ),
    click.option(
        "--cf",
        type=click.Choice(["unpack", "raw"], case_sensitive=False),
        help="HDF5, NetCDF: take numbers with scale_factor, _FillValue etc. decoded or as stored [refused].",
    ),
    click.option(
        "--input-dtype",
        metavar="TYPE",
        shell_complete=completion.among(*completion.NARROW),
        help="What elements are that a file has as bytes: bfloat16, float8_e4m3fn ... [refused].",
    ),
    click.option("--allow-external", is_flag=True, help="Follow HDF5 links and storage into other files."),
)
"""How input files are read."""


class ReadingOptions(NamedTuple):
    """What `reading_options` were given."""

    max_bytes: int | None
    max_pixels: int | None
    pixels: str
    cf: str | None
    input_dtype: str | None
    allow_external: bool

    def resolve(self) -> Reading:
        """The same as those who read take it."""
        from lrn_cli.tensors.tensor import Reading
        from lrn_cli.work.heartbeat import long_call

        return Reading(
            allow_external=self.allow_external,
            raw_pixels=self.pixels == "raw",
            max_pixels=self.max_pixels,
            max_bytes=self.max_bytes,
            input_dtype=self.input_dtype and self.input_dtype.lower(),
            cf=self.cf,
            long_call=long_call,
        )


def layout_options_or(otherwise: str) -> Callable[[Command], Command]:
    """Which axis of the tensor is which, and what the help says is done where nothing is given."""
    return together(
        click.option("--axis", type=int, metavar="I", help="The channel axis, instead of a layout."),
        click.option(
            "--layout",
            metavar="LETTERS",
            shell_complete=completion.among(*completion.LAYOUTS),
            help=f"Which axis is which, as in NHWC [{otherwise}].",
        ),
    )


layout_options = layout_options_or("the convention's own")
"""Which axis of the tensor is which."""


class LayoutOptions(NamedTuple):
    """What `layout_options` were given."""

    layout: str | None
    axis: int | None


output_options = together(
    click.option("--stretch", is_flag=True, help="Images: map the range of values to 0..1 instead of clipping."),
    click.option("--only", is_flag=True, help="HDF5, npz, safetensors: leave out what else is in the input's file."),
    click.option("--fsync", is_flag=True, help="Force the output to the disk before it appears."),
    click.option("-f", "--force", is_flag=True, help="Replace an output that is there."),
    click.option(
        "--output-format",
        metavar="FORMAT",
        shell_complete=completion.complete_format,
        help="As in npy, npz or h5 [by the output's suffix].",
    ),
)
"""How outputs are written."""


class OutputOptions(NamedTuple):
    """What `output_options` were given."""

    output_format: str | None
    force: bool
    fsync: bool
    only: bool
    stretch: bool


folder_options = together(
    click.option(
        "--exclude", metavar="GLOB", multiple=True, help="With -r: leave files and folders of that name out, as 'val'."
    ),
    click.option(
        "--include",
        metavar="GLOB",
        multiple=True,
        help="With -r: only files, or all in folders, of that name, as '*.h5'.",
    ),
    click.option("-r", "--recursive", is_flag=True, help="Search folders for tensor files."),
)
"""Whether folders are searched, and for what."""


class FolderOptions(NamedTuple):
    """What `folder_options` were given."""

    recursive: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]

    def resolve(self) -> Search | None:
        """The same as those who search take it; None where folders are not searched."""
        if not (self.recursive or self.include or self.exclude):
            return None
        from lrn_cli.tensors.folders import search_for

        return search_for(self.include, self.exclude, recursive=self.recursive)


many_options = together(
    click.option("--dry-run", is_flag=True, help="Show what would be done, and write nothing."),
    click.option("--skip-existing", is_flag=True, help="Leave inputs alone whose output is there."),
    click.option(
        "--dataset",
        metavar="NAME",
        callback=once,
        multiple=True,
        help="In each file the datasets or arrays of that name, as '/features/*' [those behind ::].",
    ),
    click.option("-0", "by_nul", is_flag=True, help="The list's names end with NUL, as find -print0 writes them."),
    click.option(
        "--files-from",
        metavar="LIST",
        shell_complete=completion.complete_file,
        help="A file that names inputs, one in a line, or -.",
    ),
)
"""Which of many inputs, and what of them."""


class ManyOptions(NamedTuple):
    """What `many_options` were given."""

    files_from: str | None
    by_nul: bool
    dataset: str | None
    skip_existing: bool
    dry_run: bool


work_options = together(
    click.option("--memory", type=Size(), metavar="SIZE", help="Scratch memory to stay within, as 64M."),
    click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Threads [the cores this process may use]."),
)
"""What the work may take."""


class WorkOptions(NamedTuple):
    """What `work_options` were given."""

    memory: int | None
    jobs: int | None


def answer_options(formats: Callable[[], Sequence[str]]) -> Callable[[Command], Command]:
    """What the command says, its answer in one of several formats."""
    return together(
        click.option(
            "--color",
            "colour",
            type=click.Choice(("auto", "always", "never"), case_sensitive=False),
            help="Colours [auto: on a terminal, as NO_COLOR and FORCE_COLOR say].",
        ),
        click.option("--pager/--no-pager", default=True, help="Whether to page what is longer than the screen [yes]."),
        click.option("--debug", is_flag=True, help="Show a traceback where something fails."),
        click.option("--json", "as_json", is_flag=True, help="The answer as JSON, short for --format json."),
        click.option(
            "--format",
            "answer_format",
            type=LateChoice(formats),
            help="How the answer is given [for people on a terminal, for programs off it].",
        ),
        click.option("-v", "--verbose", is_flag=True, help="Say more."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    )


FORMATS = ("text", "markdown", "tsv", "csv", "json")
"""What each verb's answer is given in: for people, as a table, as data."""

console_options = answer_options(lambda: FORMATS)
"""What the command says."""


class AnswerOptions(NamedTuple):
    """What `answer_options` were given."""

    quiet: bool
    verbose: bool
    as_json: bool
    answer_format: str | None
    debug: bool
    colour: str | None
    pager: bool
