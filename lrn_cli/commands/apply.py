"""`lrn apply`: normalise a tensor file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lrn_cli.commands.console import Console
from lrn_cli.commands.options import (
    ConventionCommand,
    console_options,
    convention_options,
    layout_options,
    output_options,
    reading_options,
    the_convention,
)

if TYPE_CHECKING:
    from lrn_cli.pipeline import Report


@click.command("apply", cls=ConventionCommand, short_help="Normalise a tensor file.")
@click.argument("source", metavar="INPUT")
@click.option("-o", "--output", metavar="OUTPUT", help="A file, a dataset old.h5::/name, a folder/, or - for a pipe.")
@convention_options
@layout_options
@click.option("--dtype", metavar="TYPE", help="float16, float32 or float64 [the input's, for integers a float].")
@click.option("--compute", metavar="TYPE", help="A wider type to compute in, rounded once at the end.")
@output_options
@reading_options
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Threads [the cores this process may use].")
@console_options
def command(source: str, output: str | None, words: tuple[str, ...], **options: Any) -> None:
    """Normalise the tensor in INPUT under the parameter convention of a framework.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    INPUT is an .npy file, x.npz::name, x.h5::/path/to/dataset, an image, or - for an .npy stream.

    \b
    lrn apply feats.npy -o out.npy
    lrn apply feats.npy -o out.npy -c caffe --local-size 3 --alpha 5e-5
    cat feats.npy | lrn apply - -o - -c pytorch:size=5 | next-program
    """
    from lrn_cli.pipeline import Plan, Request
    from lrn_cli.tensors.tensor import Reading

    console = Console(options["quiet"], options["verbose"], options["as_json"] or options["answer_format"] == "json")
    bound, was_given = the_convention(words, options)
    request = Request(
        source=source,
        output=output,
        bound=bound,
        layout=options["layout"],
        axis=options["axis"],
        dtype=options["dtype"],
        compute=options["compute"],
        output_format=options["output_format"],
        reading=Reading(options["allow_external"], options["pixels"] == "raw", options["max_pixels"]),
        force=options["force"],
        fsync=options["fsync"],
        only=options["only"],
        stretch=options["stretch"],
        threads=options["jobs"],
    )
    to_stdout = output == "-" or (output is None and source == "-")
    stdin = console.binary_input if source == "-" else None
    with Plan(request, stdin=stdin, stdout=console.binary_output if to_stdout else None) as plan:
        if not was_given:
            console.note(f"lrn: no convention given, taking {bound}")
        report = plan.run()
    _say(console, report, to_stderr=to_stdout)


def _say(console: Console, report: Report, *, to_stderr: bool) -> None:
    if console.as_json:
        console.answer(report.as_data(), to_stderr=to_stderr)
    else:
        console.note(str(report))
    if console.verbose:
        console.note(f"lrn: {report.bound.norm}")
    for notice in report.notices:
        console.warn(notice)
    if report.not_finite:
        console.warn(
            f"{report.output}: {report.not_finite} values are NaN or infinite though their input is finite, as the"
            f" framework gives them (bias {report.bound.norm.bias:g}, beta {report.bound.norm.beta:g})"
        )
