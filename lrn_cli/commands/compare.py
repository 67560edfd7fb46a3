"""`lrn compare`: how far tensors, or what conventions make of one tensor, are apart, and why."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import complete_tensor
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import (
    ConventionCommand,
    ConventionOptions,
    ask_all,
    given_parameters,
)
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.commands.terminal.options import (
    AnswerOptions,
    FolderOptions,
    LayoutOptions,
    ReadingOptions,
    WorkOptions,
    console_options,
    folder_options,
    layout_options,
    reading_options,
    work_options,
)
from lrn_cli.commands.terminal.reporting import PlotOptions, plot_options, write_report
from lrn_cli.commands.terminal.types import into
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.compare import Question
    from lrn_cli.analysis.comparison.verdict import Comparison


class CompareOptions(NamedTuple):
    """What `lrn compare` was given."""

    files: tuple[str, ...]
    against: str | None
    typed: str | None
    reference: bool
    rtol: float | None
    atol: float | None
    any_dtype: bool
    conventions: ConventionOptions
    drawing: PlotOptions
    folders: FolderOptions
    layout: LayoutOptions
    reading: ReadingOptions
    work: WorkOptions
    saying: AnswerOptions


@click.command(
    "compare",
    cls=ConventionCommand,
    otherwise="tf, caffe, wolfram and neupy",
    short_help="Tell how far tensors or conventions are apart, and why.",
)
@click.argument("files", metavar="FILE [FILE [FILE]]", nargs=-1, shell_complete=complete_tensor)
@click.option(
    "--against",
    metavar="FILE",
    shell_complete=complete_tensor,
    help="Compare this file with what conventions make of FILE.",
)
@click.option(
    "--typed",
    metavar="P=X,...",
    help="The same window=, alpha=, beta= and bias= typed into the conventions that are compared.",
)
@click.option("--reference", is_flag=True, help="Compare all conventions with the first one only.")
@click.option("--rtol", type=float, metavar="X", help="Tolerance relative to |b| [by dtype].")
@click.option("--atol", type=float, metavar="X", help="Absolute tolerance [by dtype].")
@click.option("--any-dtype", is_flag=True, help="Let tensors of two dtypes be equal where their values are.")
@folder_options
@plot_options("Draw where they differ")
@layout_options
@reading_options
@work_options
@console_options
@into(CompareOptions)
def command(options: CompareOptions) -> int:
    """Tell how far apart the results of conventions, or two tensors, are, and why.

    \b
    a and b are equal where |a-b| <= atol + rtol*|b|

    With one FILE, conventions are applied to it and compared pair by pair: a is the later one named, b the earlier.
    With --against a is what a convention makes of FILE, b the other file; where they differ, it is said what b is
    instead. With two files a is the first, b the second; with three the first is the input of the other two, and it is
    said how each was made of it. Two files of several tensors, and with --recursive two folders, are compared tensor by
    tensor, those of one name; one that is missing is a difference. Another shape or dtype is a difference. NaN is equal
    to NaN at the same place, an infinity to one of the same sign; an image is held to half a step of its numbers.

    By default rtol and atol are 2e-3 and 1e-6 for float16, 1e-5 and 1e-8 for float32, 1e-10 and 1e-13 for float64, of
    two dtypes the narrower; integers must be the same. What a convention makes is compared with FILE by what its engine
    was seen to be from the formula, where that was measured. Exit code 0 says that all are equal, 1 that some differ or
    that a convention refuses the tensor, 2 that it failed. Off a terminal each pair is a row of tab-separated columns,
    whose names are the first line; measures have six digits, and all of them with --json; what there is none of is a
    dash.

    \b
    lrn compare feats.npy -c tf -c caffe:local_size=5,alpha=1e-4
    lrn compare a.npy model.h5::/conv1 --rtol 1e-4
    lrn compare feats.npy --against out.npy -c caffe
    lrn compare -r new/ golden/
    lrn compare feats.npy by_tf.npy by_caffe.npy
    lrn compare feats.npy --typed window=5,alpha=1e-4,beta=0.75,bias=1
    """
    console, drawing = Console.of(options.saying), options.drawing
    _check_words(options)
    from lrn_cli.pages.pictures.files import check_picture
    from lrn_cli.pages.reports.files import check_report
    from lrn_cli.work.isolation import isolate

    plot = check_picture(drawing.plot, "--plot", force=drawing.force, dpi=drawing.dpi)
    report = check_report(drawing.report, force=drawing.force)
    names = [*options.files, *([options.against] if options.against is not None else [])]
    question = _question(options)

    def compare(words: Sequence[str], *, closely: bool) -> Comparison:
        work = partial(_compare, words, question, console, options, closely=closely)
        return isolate(work, words, here=options.saying.debug)

    from lrn_cli.commands.terminal.pairs import compare_each, ending, find_pairs

    pairs = find_pairs(names, options.folders, options.reading.resolve(), drawing.plot, here=options.saying.debug)
    if pairs is not None:
        met = compare_each(pairs, partial(compare, closely=False), console)
        from lrn_cli.pages.reports import pairs as page

        words = [word for pair in pairs for word in (pair.a, pair.b) if word]
        write_report(report, lambda made: page.report(met, made), words, console, force=drawing.force)
        return ending(met)
    found = compare(names, closely=True)
    _say(found, console)
    if plot is not None:
        from lrn_cli.pages.figures.comparison import draw
        from lrn_cli.pages.pictures.files import save_picture

        save_picture(draw(found), plot, force=drawing.force, dpi=drawing.dpi)
        console.note(f"lrn: differences drawn in {plot}")
    from lrn_cli.pages.reports import comparison

    write_report(report, lambda made: comparison.report(found, made), names, console, force=drawing.force)
    return Exit.DONE if found.equal else Exit.NO


def _check_words(options: CompareOptions) -> None:
    """Refuse what cannot be meant."""
    files, words = options.files, options.conventions.words
    against, typed = options.against, options.typed is not None
    if not files:
        raise LrnError("no tensor is given", "lrn compare x.npy -c tf -c caffe, or lrn compare a.npy b.npy")
    if len(files) > (3 if against is None else 1):
        most = "three are the most: an input, and two outputs" if against is None else "two are the most with --against"
        raise LrnError(f"{len(files) + (against is not None)} tensors are given, {most}", "lrn compare --help")
    if len(files) > 1 and (typed or words or given_parameters(options.conventions)):
        raise LrnError(
            f"{len(files)} files are compared as they are, and conventions are given too",
            f"lrn compare {files[0]} --against {files[1]} -c {(*words, 'tf')[0]}, or leave them out",
        )
    if [*files, against].count("-") > 1:
        raise LrnError("standard input is given twice", "name one of the files")


def _question(options: CompareOptions) -> Question:
    from lrn_cli.analysis.comparison.compare import Question
    from lrn_cli.analysis.comparison.question import USUAL

    asked = ask_all(options.conventions, ", or --typed for all of them")
    computed = len(options.files) == 1
    return Question(
        (asked or USUAL) if computed else None,
        typed=options.typed,
        reference=options.reference,
        layout=options.layout.layout,
        axis=options.layout.axis,
        rtol=options.rtol,
        atol=options.atol,
        any_dtype=options.any_dtype,
    )


def _compare(
    names: Sequence[str], question: Question, console: Console, options: CompareOptions, *, closely: bool
) -> Comparison:
    from lrn_cli.analysis.comparison.compare import Comparing
    from lrn_cli.commands.terminal.progress import Progress
    from lrn_cli.tensors.selection import open_values
    from lrn_cli.work.threads import usable_cores

    drawn = options.drawing.plot is not None or options.drawing.report is not None
    mapped = drawn or (console.for_people and not (console.quiet or console.as_json))
    threads, memory = options.work.jobs or usable_cores(), options.work.memory
    run = partial(Comparing.run, threads=threads, memory=memory, mapped=mapped, pictured=drawn)
    source, pair = (names[0], names[1:]) if len(options.files) == 3 else (None, names)
    with console.open_tensors(pair, options.reading) as sources:
        comparing = Comparing(list(zip(pair, sources, strict=True)), question)
        with Progress(console, lambda: comparing.nbytes, names[0]) as progress:
            found = run(comparing, advanced=progress.advance)
    from lrn_cli.analysis.comparison.pursuit import explain_both, in_another_order, is_open, pursue
    from lrn_cli.analysis.identification.alignment import rewindable

    unread = console.quiet and options.drawing.report is None
    if not closely or unread or "-" in names or not is_open(found):
        return found
    with ExitStack() as stack:  # again: what was read in its order cannot be read twice
        opened = [stack.enter_context(open_values(name, options.reading.resolve())) for name in names]
        tensors = list(zip(names, map(rewindable, opened), strict=True))
        if source is not None:
            return explain_both(tensors[0], tensors[1:], in_another_order(tensors[1:], question, found, run))
        return pursue(tensors, question, found, run)


def _say(found: Comparison, console: Console) -> None:
    if console.as_json:
        console.answer(found.as_data())
    elif console.quiet:
        return
    elif console.for_people:
        from lrn_cli.pages.comparison import lines

        for line in lines(found, verbose=console.verbose, plain=not console.has_shades):
            console.print(console.paint(line))
    else:
        from lrn_cli.analysis.comparison.tolerance import RULE
        from lrn_cli.pages.comparison import COLUMNS, row

        if console.verbose:
            console.note(f"lrn: equal where {RULE}; a and b are the first two columns")
        for pair in found.pairs:
            if pair.engine:
                console.note(f"lrn: {pair.a.name}: rtol {pair.tolerance.rtol:g}, the engine's: {pair.engine}")
        console.table(COLUMNS, [row(pair) for pair in found.pairs])
        if console.verbose:
            for side in found.sides:
                if side.bound:
                    console.note(f"lrn: {side.name}: {side.bound.norm}")
