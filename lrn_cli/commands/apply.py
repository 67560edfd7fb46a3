"""`lrn apply`: normalise tensor files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrn_cli.commands.terminal.completion import COMPUTED_IN, FLOATS, among, complete_tensor
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, the_convention
from lrn_cli.commands.terminal.exits import Exit, show_error
from lrn_cli.commands.terminal.options import (
    asked_reading,
    console_options,
    layout_options,
    many_options,
    output_options,
    reading_options,
    work_options,
)
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.pipeline.batch import Batch, Outcome
    from lrn_cli.pipeline.request import Report, Request


@click.command("apply", cls=ConventionCommand, short_help="Normalise tensor files.")
@click.argument("inputs", metavar="INPUT...", nargs=-1, shell_complete=complete_tensor)
@click.option(
    "-o",
    "--output",
    metavar="OUTPUT",
    shell_complete=complete_tensor,
    help="A file, a dataset old.h5::/name, a folder/, a template 'out/{stem}.{convention}.npy', or - for a pipe.",
)
@layout_options
@click.option(
    "--dtype",
    metavar="TYPE",
    shell_complete=among(*FLOATS),
    help="float16, float32 or float64 [the input's, for integers a float].",
)
@click.option(
    "--compute",
    metavar="TYPE",
    shell_complete=among(*COMPUTED_IN),
    help="A wider type to compute in, rounded once at the end.",
)
@output_options
@many_options
@reading_options
@work_options
@console_options
def command(inputs: tuple[str, ...], **options: Any) -> int:
    """Normalise the tensors in INPUT under the parameter convention of a framework.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    INPUT is an .npy file, x.npz::name, x.h5::/path/to/dataset, an image, or - for an .npy stream; several, a list or a
    folder with --recursive are written to a folder or by a template.

    \b
    lrn apply feats.npy -o out.npy
    lrn apply feats.npy -o out.npy -c caffe --local-size 3 --alpha 5e-5
    lrn apply feats/*.npy -o out/ -c alexnet
    cat feats.npy | lrn apply - -o - -c pytorch:size=5 | next-program
    """
    console = Console.of(options)
    if options["files_from"] is None and not inputs:
        raise LrnError("no input is given", "lrn apply x.npy -o out.npy")
    request, origin = _request(options)
    words = _words(inputs, options, console)
    if len(words) == 1 and not options["recursive"] and options["files_from"] is None:
        return _one(words[0], request, origin, console, options)
    return _many(words, request, origin, console, options)


def _request(options: dict[str, Any]) -> tuple[Request, str]:
    """What to do with each input, still without one, and where the convention came from."""
    bound, origin = the_convention(options["words"], options)
    from lrn_cli.pipeline.request import Request
    from lrn_cli.tensors.targets import is_standard_output

    output = options["output"]
    request = Request(
        source="",
        output="-" if output is not None and is_standard_output(output) else output,
        bound=bound,
        layout=options["layout"],
        axis=options["axis"],
        dtype=options["dtype"] and options["dtype"].lower(),
        compute=options["compute"] and options["compute"].lower(),
        output_format=options["output_format"] and options["output_format"].lower(),
        reading=asked_reading(options),
        force=options["force"],
        fsync=options["fsync"],
        only=options["only"],
        stretch=options["stretch"],
        threads=options["jobs"],
        memory=options["memory"],
    )
    return request, origin


def _words(inputs: tuple[str, ...], options: dict[str, Any], console: Console) -> list[str]:
    source = options["files_from"]
    if source is None:
        return list(inputs)
    from lrn_cli.pipeline.inputs import listed

    stdin = console.binary_input if source == "-" else None
    return [*inputs, *listed(source, by_nul=options["by_nul"], stdin=stdin)]


def _one(word: str, request: Request, origin: str, console: Console, options: dict[str, Any]) -> int:
    from lrn_cli.pipeline.outputs import Input, Naming, is_template

    output = request.output
    if output is not None and is_template(output):
        naming = Naming(output, request.bound.convention.name)
        output, request = naming.name(Input(word)), request._replace(root=naming.root)
    request = request._replace(source=word, output=output)
    from lrn_cli.work.isolation import guarded

    work = partial(_alone, request, origin, console, options)
    return guarded(work, [word], here=options["debug"], output=output, output_format=request.output_format)


def _alone(request: Request, origin: str, console: Console, options: dict[str, Any]) -> int:
    """Do one tensor in this process."""
    from lrn_cli.commands.terminal.progress import Progress
    from lrn_cli.pipeline.plan import Plan
    from lrn_cli.tensors.output import file_named

    word, output = request.source, request.output
    to_stdout = output == "-" or (output is None and word == "-")
    stdin = console.binary_input if word == "-" else None
    stdout = console.binary_output if to_stdout and not options["dry_run"] else None
    if options["skip_existing"] and output not in (None, "-"):
        path = Path(file_named(word, output, request.output_format))
        if path.exists():
            if console.as_json:
                console.answer({"input": word, "output": str(path), "skipped": True})
            console.note(f"lrn: {path} is there already, skipped")
            return Exit.DONE
    with Plan(request, stdin=stdin, stdout=stdout) as plan:
        if options["dry_run"]:
            _show_plan([plan.expected()], console)
            return Exit.DONE
        _say_origin(console, request, origin)
        with Progress(console, lambda: plan.nbytes, word) as progress:
            report = plan.run(progress.advance)
    _say(console, report, to_stderr=to_stdout)
    return Exit.DONE


def _many(words: list[str], request: Request, origin: str, console: Console, options: dict[str, Any]) -> int:
    from lrn_cli.pipeline.batch import Batch
    from lrn_cli.pipeline.inputs import expanded

    inputs = expanded(words, recursive=options["recursive"], output=request.output)
    batch = Batch(inputs, request, skip_existing=options["skip_existing"], dry_run=options["dry_run"])
    _say_origin(console, request, origin)
    if options["dry_run"]:
        outcomes = list(batch.run())
        _show_plan([outcome.report for outcome in outcomes if outcome.report], console)
        for outcome in outcomes:
            if outcome.error:
                show_error(outcome.error)
    else:
        outcomes = _run(batch, console)
    return _summary(outcomes, Console(quiet=True) if options["dry_run"] else console)


def _run(batch: Batch, console: Console) -> list[Outcome]:
    """Work through a batch, telling of each input as it is done."""
    from lrn_cli.commands.terminal.progress import Progress

    outcomes = []
    with Progress(console, lambda: batch.nbytes, "") as progress:
        for outcome in batch.run():
            outcomes.append(outcome)
            if progress.wanted:
                progress.advance(batch.size(outcome.input), outcome.input)
            if console.as_json:
                console.answer(outcome.as_data())
            if outcome.error:
                show_error(outcome.error)
            elif outcome.report:
                _say(Console(quiet=console.quiet), outcome.report, only_warnings=not console.verbose)
    return outcomes


def _summary(outcomes: list[Outcome], console: Console) -> int:
    failed = sum(outcome.error is not None for outcome in outcomes)
    skipped = sum(outcome.error is None and outcome.report is None for outcome in outcomes)
    also = f", {skipped} skipped" if skipped else ""
    if failed:
        show_error(LrnError(f"{failed} of {len(outcomes)} inputs failed{also}", "the lines above say why"))
        return Exit.FAILED
    console.note(f"lrn: {len(outcomes) - skipped} of {len(outcomes)} inputs done{also}")
    return Exit.DONE


def _show_plan(reports: list[Report], console: Console) -> None:
    if console.as_json:
        for report in reports:
            console.answer(report.as_data())
        return
    columns = ("input", "output", "layout", "channels", "shape", "dtype", "output dtype")
    console.table(columns, [report.row() for report in reports])


def _say_origin(console: Console, request: Request, origin: str) -> None:
    if origin != "given":
        console.note(f"lrn: {origin}, taking {request.bound}")


def _say(console: Console, report: Report, *, to_stderr: bool = False, only_warnings: bool = False) -> None:
    if console.as_json:
        console.answer(report.as_data(), to_stderr=to_stderr)
    elif not only_warnings:
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
