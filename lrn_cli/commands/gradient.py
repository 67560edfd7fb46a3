"""`lrn gradient`: the derivatives of a normalization, as a layer's backward pass has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.cells import cell
from lrn_cli.commands.terminal.completion import FLOATS, among, complete_tensor
from lrn_cli.commands.terminal.console import TABLES, Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, ConventionOptions, bind_one
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import (
    AnswerOptions,
    FolderOptions,
    LayoutOptions,
    ManyOptions,
    OutputOptions,
    ReadingOptions,
    WorkOptions,
    console_options,
    folder_options,
    layout_options,
    many_options,
    output_options,
    reading_options,
    work_options,
)
from lrn_cli.commands.terminal.types import into
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.gradient.verdict import Check
    from lrn_cli.conventions.binding import Bound


class GradientOptions(NamedTuple):
    """What `lrn gradient` was given."""

    inputs: tuple[str, ...]
    conventions: ConventionOptions
    output: str | None
    dy: str | None
    forward: bool
    by_parameters: bool
    check: str | None
    numeric: bool
    rtol: float | None
    dtype: str | None
    layout: LayoutOptions
    writing: OutputOptions
    many: ManyOptions
    folders: FolderOptions
    reading: ReadingOptions
    work: WorkOptions
    saying: AnswerOptions


@click.command("gradient", cls=ConventionCommand, short_help="Differentiate: the backward pass of tensor files.")
@click.argument("inputs", metavar="X [DY]", nargs=-1, shell_complete=complete_tensor)
@click.option(
    "-o",
    "--output",
    metavar="OUTPUT",
    shell_complete=complete_tensor,
    help="As of apply: a file, a dataset old.h5::/name, a folder/, a template, or - for a pipe.",
)
@click.option(
    "--dy",
    metavar="FILE",
    shell_complete=complete_tensor,
    help="dy where it is no argument: a file, a folder/ or template 'dy/{stem}.npy' for many, or ones.",
)
@click.option("--forward", is_flag=True, help="DY is a change of X: the change of the results, J v.")
@click.option(
    "--parameters",
    "by_parameters",
    is_flag=True,
    help="The derivatives by alpha, beta and bias, as JSON unless --format says otherwise.",
)
@click.option(
    "--check",
    metavar="FILE",
    shell_complete=complete_tensor,
    help="Tell whether this file is the gradient, and which mistake would give it.",
)
@click.option("--numeric", is_flag=True, help="With --check: compare with finite differences too, on a sample.")
@click.option(
    "--rtol", type=float, metavar="X", help="With --check: what is allowed of terms or the largest [by dtype]."
)
@layout_options
@click.option(
    "--dtype",
    metavar="TYPE",
    shell_complete=among(*FLOATS),
    help="float16, float32 or float64 [that of X, for integers a float].",
)
@output_options
@folder_options
@many_options
@reading_options
@work_options
@console_options
@into(GradientOptions)
def command(options: GradientOptions) -> int:
    """Differentiate the sum of DY times the results by the tensor X, under the parameter convention of a framework.

    \b
    dx[k] = dy[k] / s[k]^beta - 2 scale beta x[k] * sum of dy[i] y[i] / s[i] for i from k-after to k+before
    s[i]  = bias + scale * sum of x[j]^2 for j from i-before to i+after, and y[i] = x[i] / s[i]^beta

    DY is the derivative of the loss by each result, of X's shape; `--dy ones` stands for that of their sum. All of it
    is computed in float64 and rounded once, by this machine alone. Files, names, layouts and outputs are those of
    `lrn apply`.

    With --check the exit code is 0 where FILE is the gradient, 1 where it is not. A check proves little where the
    second term is small beside the first, as with alpha 1e-4; that is said.

    \b
    lrn gradient x.npy dy.npy -o dx.npy -c caffe:local_size=5,alpha=1e-4
    lrn gradient x.npy --dy ones -o dx.npy -c pytorch:size=5
    lrn gradient x.npy dy.npy --check mine.npy -c caffe
    lrn gradient x.npy dy.npy --parameters -c tf
    lrn gradient acts/*.npy --dy grads/ -o out/ -c alexnet
    """
    options = _settle_dy(options)
    if options.check is not None or options.by_parameters:
        return _answer(options)
    from lrn_cli.commands.apply import ApplyOptions, run

    shared = {name: value for name, value in options._asdict().items() if name in ApplyOptions._fields}
    given = ApplyOptions(**shared, compute=None)
    return run(given, lambda request: request._replace(dy=options.dy, forward=options.forward))


def _settle_dy(options: GradientOptions) -> GradientOptions:
    """The options with dy where it belongs, and nothing that contradicts it."""
    inputs, example = options.inputs, "lrn gradient x.npy dy.npy -o dx.npy"
    listed = options.many.files_from is not None
    if not inputs and not listed:
        raise LrnError("no input is given", f"{example}, or --dy ones")
    _refuse_places(options)
    if options.dy is None:
        if len(inputs) != 2 or listed:
            said = "no dy is given" if len(inputs) < 2 else f"{len(inputs)} inputs and nothing says which is dy"
            raise LrnError(said, f"{example}, --dy ones for the gradient of the sum, or --dy folder/ for many")
        options = options._replace(inputs=inputs[:1], dy=inputs[1])
    if options.numeric and options.check is None:
        raise LrnError("--numeric compares a file with finite differences, and none is given", "--check mine.npy")
    if options.rtol is not None and options.check is None:
        raise LrnError("--rtol is what --check allows, and no file is given to check", "--check mine.npy")
    asked = {"--forward": options.forward, "--parameters": options.by_parameters, "--check": options.check is not None}
    questions = [name for name, wanted in asked.items() if wanted]
    if len(questions) > 1:
        raise LrnError(f"{' and '.join(questions)} are different questions", f"leave {' and '.join(questions[1:])} out")
    writes = questions in ([], ["--forward"])
    if not writes and options.output is not None:
        raise LrnError(f"{questions[0]} answers on standard output, and writes no tensor", "leave -o out")
    if writes and options.output is None and len(options.inputs) == 1 and "-" not in inputs[:1]:
        raise LrnError(f"{inputs[0]}: nothing says where the result goes", "-o dx.npy")
    return options


def _refuse_places(options: GradientOptions) -> None:
    """Refuse a folder that is not searched, and an output among the inputs."""
    from pathlib import Path
    from shlex import quote

    from lrn_cli.tensors.folders import refuse_folder

    inputs = [quote(word) for word in options.inputs]
    if not options.folders.recursive:
        for word in options.inputs:
            refuse_folder(word, f"lrn gradient {quote(word)} --recursive --dy ones -o out/")
    if options.dy is None and options.output is None and len(inputs) == 3 and not Path(options.inputs[2]).exists():
        said = f"{options.inputs[2]}: no such file; an output stands behind -o"
        raise LrnError(said, f"lrn gradient {inputs[0]} {inputs[1]} -o {inputs[2]}")


def _answer(options: GradientOptions) -> Exit:
    """Answer a question about the gradient of one tensor, instead of writing it."""
    console = Console.of(options.saying)
    if len(options.inputs) != 1 or options.many.files_from is not None:
        question, typed = ("--check", "--check mine.npy") if options.check is not None else ("--parameters",) * 2
        raise LrnError(f"{question} is about one tensor", f"lrn gradient x.npy dy.npy {typed}")
    bound, origin = bind_one(options.conventions)
    if origin != "given":
        console.note(f"lrn: {origin}, taking {bound}")
    from lrn_cli.work.isolation import isolate

    words = [options.inputs[0], options.dy or "ones", *([options.check] if options.check is not None else [])]
    if words.count("-") > 1:
        raise LrnError("standard input is given twice", "name one of the files")
    found = isolate(lambda: _ask(words, bound, console, options), words, here=options.saying.debug)
    if not isinstance(found, dict):
        _say(found, console)
        return Exit.DONE if found.equal else Exit.NO
    _say_parameters(found, console)
    return Exit.DONE


def _say_parameters(found: Mapping[str, float], console: Console) -> None:
    """JSON unless another format is asked for, on a terminal, too."""
    told = {name: value if isfinite(value) else None for name, value in found.items()}
    if console.answer_format in (None, "json"):
        console.answer(told)
    else:
        console.table(("parameter", "derivative"), [(name, cell(value)) for name, value in told.items()])


def _ask(words: Sequence[str], bound: Bound, console: Console, options: GradientOptions) -> dict[str, float] | Check:
    """The answer: derivatives by parameters, or what was found of a file."""
    from lrn_cli.commands.terminal.progress import Progress
    from lrn_cli.passes.derive import derive_parameters, pair
    from lrn_cli.passes.dy import ONES, open_dy
    from lrn_cli.pipeline.plan import arrangement
    from lrn_cli.work.threads import usable_cores

    reading, stdin = options.reading.resolve(), console.binary_input if "-" in words[1:] else None
    threads, memory = options.work.jobs or usable_cores(), options.work.memory
    with console.open_tensors(words[:1], options.reading) as (x,), ExitStack() as stack:
        others = [stack.enter_context(open_dy(word, (words[0], x), reading, stdin)) for word in words[1:]]
        arranged = arrangement(x.info, bound, options.layout.layout, options.layout.axis)
        tensors = pair([x, *others], arranged.window, arranged.bound.norm)
        with Progress(console, lambda: sum(source.info.nbytes for source in tensors.sources), words[0]) as progress:
            if options.check is None:
                from lrn_cli.passes.gradient import named

                return named(arranged.bound, derive_parameters(tensors, threads, memory, progress.advance))
            from lrn_cli.analysis.gradient.check import Asked, check

            names = words[0], "the sum" if words[1] == ONES else words[1], words[2]
            asked = Asked(names, arranged.bound, options.numeric, options.rtol)
            return check(tensors, asked, threads, memory, progress.advance)


def _say(found: Check, console: Console) -> None:
    if console.as_json:
        console.answer(found.as_data())
    elif not console.quiet:
        from lrn_cli.pages import gradient

        if console.answer_format in TABLES:
            console.table(gradient.COLUMNS, [*gradient.rows(found, verbose=console.verbose)])
        else:
            console.print("\n".join(map(console.paint, gradient.lines(found, verbose=console.verbose))))
