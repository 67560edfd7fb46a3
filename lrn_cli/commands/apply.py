"""`lrn apply`: normalise tensor files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from lrn_cli.commands.terminal.completion import COMPUTED_IN, FLOATS, among, complete_tensor
from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.convention_options import ConventionCommand, ConventionOptions, bind_one
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
    from lrn_cli.cluster.engine import Cluster
    from lrn_cli.commands.terminal.progress import Progress
    from lrn_cli.conventions.binding import Bound
    from lrn_cli.pipeline.batch import Batch
    from lrn_cli.pipeline.request import Input, Outcome, Request, Watch
    from lrn_cli.tensors.folders import Search


class ApplyOptions(NamedTuple):
    """What `lrn apply` was given."""

    inputs: tuple[str, ...]
    conventions: ConventionOptions
    output: str | None
    dtype: str | None
    compute: str | None
    layout: LayoutOptions
    writing: OutputOptions
    many: ManyOptions
    folders: FolderOptions
    reading: ReadingOptions
    work: WorkOptions
    saying: AnswerOptions
    cluster: str | None = None


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
@folder_options
@many_options
@reading_options
@click.option(
    "--cluster", metavar="ADDRESS", help="On a Dask cluster: tcp://HOST:8786, a scheduler file, or dask [LRN_CLUSTER]."
)
@work_options
@console_options
@into(ApplyOptions)
def command(options: ApplyOptions) -> int:
    """Normalise the tensors in INPUT under the parameter convention of a framework.

    \b
    y[c] = x[c] / (bias + scale * sum of x[j]^2 for j from c-before to c+after) ^ beta

    INPUT is an .npy file, x.npz::name, x.safetensors::name, x.h5::/path/to/dataset, an image, or - for an .npy stream;
    several, a list or a folder with --recursive are written to a folder or by a template. All may be behind URLs, as
    s3://bucket/x.npy, gs:// or https://, and outputs too but for https://; these take extras.

    A name with wildcards, as 'x.h5::/features/*', is all tensors it matches, in one new file that keeps the rest, or
    each in a file of its own by a template with {member}; so are several names in one file. '*' alone matches all; in a
    path it does not cross a slash, '**' does, and ? and [a-z] are as in a shell. Dimension scales, single numbers and
    text never match, and a tensor of that very name is meant before any other.

    \b
    lrn apply feats.npy -o out.npy
    lrn apply feats.npy -o out.npy -c caffe --local-size 3 --alpha 5e-5
    lrn apply feats/*.npy -o out/ -c alexnet
    lrn apply 'model.h5::/features/*' -o out.h5 -c caffe
    lrn apply runs/*.h5 --dataset '/features/*' -o out/
    cat feats.npy | lrn apply - -o - -c pytorch:size=5 | next-program
    """
    if options.many.files_from is None and not options.inputs:
        piped = Console.of(options.saying).piped
        raise LrnError("no input is given", "lrn apply -" if piped else "lrn apply x.npy -o out.npy")
    return run(options)


def run(options: ApplyOptions, ask: Callable[[Request], Request] = lambda request: request) -> int:
    """Do what was asked for with each input.

    Args:
        options: What a command was given.
        ask: Asks for something else than the results.
    """
    console, debug = Console.of(options.saying), options.saying.debug
    request, origin = _request(options)
    request = ask(request)
    words, cluster = _words(options, console), None
    if request.dy is None and (options.cluster is not None or "LRN_CLUSTER" in os.environ):
        from lrn_cli.commands.terminal.clusters import find_cluster

        cluster = find_cluster(options.cluster, [*words, request.output or ""], console, debug=debug)
    batch = _batch(words, request, console, options, cluster)
    from lrn_cli.commands.terminal.outcomes import Count, say_how_it_ended

    with Count(None if batch.single else batch.count, console) as count:
        outcomes = count.each(_run(batch, partial(_watch, console, (request.bound, origin), cluster or count)))
        return say_how_it_ended(outcomes, console, single=batch.single, planned=options.many.dry_run, debug=debug)


def _request(options: ApplyOptions) -> tuple[Request, str]:
    """What to do with each input, still without one, and where the convention came from."""
    bound, origin = bind_one(options.conventions)
    from lrn_cli.pipeline.request import Request
    from lrn_cli.tensors.targets import is_standard_output

    output = options.output
    request = Request(
        source="",
        output="-" if output is not None and is_standard_output(output) else output,
        bound=bound,
        layout=options.layout.layout,
        axis=options.layout.axis,
        dtype=options.dtype and options.dtype.lower(),
        compute=options.compute and options.compute.lower(),
        output_format=options.writing.output_format and options.writing.output_format.lower(),
        reading=options.reading.resolve(),
        force=options.writing.force,
        fsync=options.writing.fsync,
        only=options.writing.only,
        stretch=options.writing.stretch,
        threads=options.work.jobs,
        memory=options.work.memory,
    )
    return request, origin


def _words(options: ApplyOptions, console: Console) -> list[str]:
    source = options.many.files_from
    if source is None:
        return list(options.inputs)
    from lrn_cli.pipeline.inputs import read_list

    stdin = console.binary_input if source == "-" else None
    return [*options.inputs, *read_list(source, by_nul=options.many.by_nul, stdin=stdin)]


def _batch(
    words: list[str], request: Request, console: Console, options: ApplyOptions, engine: Cluster | None
) -> Batch:
    from lrn_cli.pipeline.batch import Batch
    from lrn_cli.pipeline.request import Input

    search = options.folders.resolve()
    alone = len(words) == 1 and search is None and options.many.files_from is None
    to_stdout = request.output == "-" or (request.output is None and words == ["-"])
    inputs = [Input(words[0])] if alone else _expand(words, search, request, console, options)
    found = _find_matches(inputs, request, options)
    return Batch(
        found,
        request,
        alone=alone or len(found) < len(inputs),
        skip_existing=options.many.skip_existing,
        dry_run=options.many.dry_run,
        here=options.saying.debug,
        engine=engine,
        stdin=console.binary_input if alone and "-" in (*words, request.dy) else None,
        stdout=console.binary_output if alone and to_stdout and not options.many.dry_run else None,
    )


def _expand(
    words: list[str], search: Search | None, request: Request, console: Console, options: ApplyOptions
) -> list[Input]:
    from lrn_cli.pipeline.inputs import expand
    from lrn_cli.pipeline.outputs import what_images_become

    inputs = expand(words, search, request.output)
    notice = what_images_become((item.word for item in inputs), request.output, request.output_format)
    if notice and not options.many.dry_run:
        console.note(f"lrn: {notice}")
    return inputs


def _find_matches(inputs: Sequence[Input], request: Request, options: ApplyOptions) -> Sequence[Input]:
    """The inputs with what their names match; one where all of it is of one file and goes to one file."""
    member = options.many.dataset
    if member is None and not any("::" in item.word for item in inputs):
        return inputs
    from lrn_cli.pipeline.inputs import find_matches, gather, name_members

    named = inputs if member is None else name_members(inputs, member)
    return gather(find_matches(named, request.reading, here=options.saying.debug), request.output)


def _run(batch: Batch, watch: Watch) -> Iterator[Outcome]:
    """How each input ends; that of one by itself is how the command ends."""
    for outcome in batch.run(watch):
        if batch.alone and outcome.error:
            raise outcome.error
        yield outcome


@contextmanager
def _watch(
    console: Console, taken: tuple[Bound, str], count: object, total: Callable[[], int], what: str
) -> Iterator[Progress]:
    """Say under which convention a run begins, and show how far it has come."""
    from lrn_cli.commands.terminal.progress import Progress

    bound, origin = taken
    if origin != "given":
        console.note(f"lrn: {origin}, taking {bound}")
    with Progress(console, total, what, count) as progress:
        yield progress
