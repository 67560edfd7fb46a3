"""Options that several commands have, so that a flag means the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lrn_cli.commands.terminal import completion
from lrn_cli.commands.terminal.types import LateChoice, Size

if TYPE_CHECKING:
    from lrn_cli.tensors.tensor import Reading

Command = TypeVar("Command", bound=Callable[..., Any])


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator; help shows the last one first."""

    def add(command: Command) -> Command:
        for option in options:
            command = option(command)
        return command

    return add


reading_options = _together(
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
        help="HDF5: take numbers with scale_factor, _FillValue etc. decoded or as stored [refused].",
    ),
    click.option("--allow-external", is_flag=True, help="Follow HDF5 links and storage into other files."),
)
"""How input files are read."""


def asked_reading(options: Mapping[str, Any]) -> Reading:
    """How input files are read, by the options for it."""
    from lrn_cli.tensors.tensor import Reading
    from lrn_cli.work.heartbeat import long_call

    return Reading(
        allow_external=options["allow_external"],
        raw_pixels=options["pixels"] == "raw",
        max_pixels=options["max_pixels"],
        max_bytes=options["max_bytes"],
        cf=options["cf"],
        long_call=long_call,
    )


def layout_options_or(otherwise: str) -> Callable[[Command], Command]:
    """Which axis of the tensor is which, and what the help says is done where nothing is given."""
    return _together(
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

output_options = _together(
    click.option("--stretch", is_flag=True, help="Images: map the range of values to 0..1 instead of clipping."),
    click.option("--only", is_flag=True, help="HDF5: leave the other objects of the input's file out."),
    click.option("--fsync", is_flag=True, help="Force the output to the disk before it appears."),
    click.option("-f", "--force", is_flag=True, help="Replace an output that is there."),
    click.option(
        "--output-format",
        metavar="FORMAT",
        shell_complete=completion.complete_format,
        help="As in npy or h5 [by the output's suffix].",
    ),
)
"""How outputs are written."""

many_options = _together(
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
)
"""Which of many inputs, and what of them."""

work_options = _together(
    click.option("--memory", type=Size(), metavar="SIZE", help="Scratch memory to stay within, as 64M."),
    click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Threads [the cores this process may use]."),
)
"""What the work may take."""


def plot_options(what: str) -> Callable[[Command], Command]:
    """A plot beside the answer, and of what."""
    return _together(
        click.option("-f", "--force", is_flag=True, help="Replace a plot that is there."),
        click.option(
            "--plot",
            metavar="FILE",
            shell_complete=completion.complete_file,
            help=f"{what}, as .png, .svg or .pdf (needs matplotlib).",
        ),
    )


def answer_options(formats: Callable[[], Sequence[str]]) -> Callable[[Command], Command]:
    """What the command says, its answer in one of several formats, the first one unless told."""
    return _together(
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


console_options = answer_options(lambda: ["text", "json"])
"""What the command says."""
