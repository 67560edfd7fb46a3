"""What must hold before the start: workers of this version that see what the client sees, and outputs that are not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pkgutil import resolve_name
from threading import Timer
from typing import TYPE_CHECKING, Any

from lrn_cli._version import __version__
from lrn_cli.cluster.home import Home
from lrn_cli.cluster.remote import Blind, look
from lrn_cli.errors import LrnError
from lrn_cli.pipeline.joint import Task
from lrn_cli.pipeline.outputs import Present
from lrn_cli.tensors.registry import find_mark
from lrn_cli.tensors.replace import begin_unfinished, end_unfinished
from lrn_cli.tensors.selection import split
from lrn_cli.tensors.targets import check_target, exists_error, is_url, place, present_error

if TYPE_CHECKING:
    from distributed import Client

    from lrn_cli.pipeline.request import Request

_PATIENCE = 10.0
"""Seconds in which a worker has to come, and after which it is said that those there are do not answer."""
_GLANCE = 0.2
_INSTALL = f"pip install lrn-tensor=={__version__}"


def check_workers(client: Client, address: str, note: Callable[[str], None]) -> None:
    """Refuse a cluster without workers, or with one that has not this version.

    Args:
        client: Of the scheduler.
        address: As typed.
        note: Says what may surprise.

    Raises:
        LrnError: It is such a one.
    """
    _wait_for_workers(client, address)
    # A function of the standard library, which is there where the package is not.
    found = _ask(client, address, note, resolve_name, "lrn_cli._version:__version__")
    other = {worker: version for worker, version in found.items() if version != __version__}
    if not other:
        return
    worker, version = next(iter(other.items()))
    has = f"lrn {version}" if isinstance(version, str) else "no lrn"
    raise LrnError(
        f"{worker}: has {has}, this is {__version__}{_also(other, found)}", f"{_INSTALL}, and start it again"
    )


def check_sight(client: Client, address: str, tasks: Sequence[Task], note: Callable[[str], None]) -> None:
    """Refuse a cluster of which a worker does not see the first and the last input, or the folder of the outputs.

    Raises:
        LrnError: There is such a worker.
    """
    home = Home.here()
    inputs = {split(task.word)[0] for task in (tasks[0], tasks[-1])}
    with _probe(tasks[0]) as probe:
        seen = [home.away(path) for path in sorted(inputs) if os.path.isfile(path)]
        found = _ask(client, address, note, look, seen, home.away(probe))
    blind = {worker: told for worker, told in found.items() if told is not None}
    if not blind:
        return
    worker, told = next(iter(blind.items()))
    if not isinstance(told, Blind):
        raise LrnError(f"{worker}: {type(told).__name__}: {told}{_also(blind, found)}", _INSTALL)
    instead = f"a folder that all its machines share, in place of {os.path.normpath(told.folder).replace('//', '/')}"
    raise LrnError(f"{worker}: {told.how} {home.typed(told.path)}{_also(blind, found)}", instead)


@contextmanager
def _probe(task: Task) -> Iterator[str]:
    """A file that is new in the outputs' folder, or in the one in which that will be made; empty where none can be."""
    request = task.requests[0]
    folder = str(request.root) if request.root is not None else os.path.dirname(request.output_file)
    if is_url(folder):
        yield ""
        return
    while folder and not os.path.isdir(folder):
        folder = os.path.dirname(folder.rstrip("/"))
    path = begin_unfinished(os.path.join(folder, "probe"))
    try:
        path.touch()
    except OSError:
        yield ""  # whoever comes to write there says why not
        return
    try:
        yield str(path)
    finally:
        with suppress(OSError):
            path.unlink()
        end_unfinished(path)


def refused(tasks: Sequence[Task]) -> Iterator[tuple[int, LrnError]]:
    """Which tasks have an output that is there already and is not to be replaced.

    Looked at once, and here: a worker may be lost behind its output, which whoever does it again may then replace.
    """
    present = Present()
    listed: dict[str, set[str]] = {}
    for index, task in enumerate(tasks):
        for request in task.requests:
            if request.force or not _may_be_there(request.output_file, listed):
                continue
            if present.holds(request.output, request.output_file):
                yield index, _refusal(request)
                break


def _may_be_there(file: str, listed: dict[str, set[str]]) -> bool:
    """Whether a folder has such a name, whatever its case: one listing takes less than to ask for each of a million."""
    if is_url(file):
        return True
    folder, name = os.path.split(file)
    if folder not in listed:
        try:
            listed[folder] = {there.casefold() for there in os.listdir(folder or ".")}
        except OSError:
            listed[folder] = set()
    return name.casefold() in listed[folder]


def _refusal(request: Request) -> LrnError:
    output, source = place(request.output_file), place(split(request.source)[0])
    try:
        if not is_url(output):
            if find_mark(output) is not None:
                return present_error(output, source)
            check_target(output, force=False, source=source)
    except LrnError as error:
        return error
    return exists_error(place(request.shown_output), "is there already")


def _wait_for_workers(client: Client, address: str) -> None:
    until = time.monotonic() + _PATIENCE
    while not client.nthreads():
        if time.monotonic() > until:
            raise no_worker(address)
        time.sleep(_GLANCE)


def no_worker(address: str) -> LrnError:
    """What to say of a cluster in which nobody works."""
    return LrnError(
        f"{address}: the cluster has no worker, and in {_PATIENCE:g} s none has come", f"dask worker {address}"
    )


def _ask(
    client: Client, address: str, note: Callable[[str], None], function: Callable[..., Any], *words: Any
) -> Mapping[str, Any]:
    """What each worker answers; errors are answers, and those of one that is just ending are left out."""
    said = f"lrn: {address}: not all workers answer, still waiting"
    timer = Timer(_PATIENCE, note, [said])
    timer.daemon = True
    timer.start()
    try:
        found: Mapping[str, Any] = client.run(function, *words, on_error="return")
    except OSError as error:
        raise LrnError(f"{address}: the scheduler is gone: {error}", "dask scheduler") from None
    finally:
        timer.cancel()
    return {worker: answer for worker, answer in found.items() if not isinstance(answer, OSError)}


def _also(some: Mapping[str, Any], of_all: Mapping[str, Any]) -> str:
    return f" ({len(some)} of {len(of_all)} workers)" if len(of_all) > 1 else ""
