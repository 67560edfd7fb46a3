"""Work in a process of its own: what a damaged file does to a library costs no more than that file."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lrn_cli.errors import LrnError
from lrn_cli.tensors.output import file_named
from lrn_cli.tensors.replace import remove_unfinished
from lrn_cli.tensors.selection import STREAM

if TYPE_CHECKING:
    from lrn_cli.work.processes import Crashed

from lrn_cli.tensors.registry import sniff
from lrn_cli.tensors.selection import split
from lrn_cli.tensors.targets import is_url, place

Result = TypeVar("Result")


def isolate(
    work: Callable[[], Result],
    sources: Sequence[str],
    *,
    here: bool = False,
    output: str | None = None,
    output_format: str | None = None,
) -> Result:
    """Do work over one file or several together: in another process where one of them may crash a library.

    Args:
        work: What to do. What it raises is raised here.
        sources: The files it reads, as typed.
        here: Do it in this process all the same, where what goes wrong can be seen.
        output: The output that is made of them, as typed, which may be added to an old file, and
        output_format: the format asked for by name, if there is one: what a crash leaves of it is removed.

    Raises:
        LrnError: One of the files has crashed its library.

    >>> isolate(lambda: 6 * 7, ["samples/feats.npy"]), isolate(lambda: 6 * 7, ["samples/feats.npy", "samples/feats.h5"])
    (42, 42)
    """
    fragile = [] if here else [word for word in dict.fromkeys((*sources, output or STREAM)) if may_crash(word)]
    if not fragile:
        return work()
    (result,) = each(lambda _: work(), [" or ".join(fragile)], output, output_format)
    if isinstance(result, LrnError):
        raise result
    return result


def each(
    work: Callable[[str], Result],
    words: Sequence[str],
    output: str | None = None,
    output_format: str | None = None,
) -> Iterator[Result | LrnError]:
    """Do something with each of some files, in another process.

    Args:
        work: What to do. What it raises is raised here, unless it is an `LrnError`.
        words: The files, as typed.
        output: The output that is made of them, as typed, and
        output_format: the format asked for by name, if there is one: what a crash leaves of it is removed.

    Returns:
        For each the result, or the error with which it ended.
    """
    from lrn_cli.work.processes import Crashed, Workers

    workers: Workers[str, Result | BaseException] = Workers(lambda word: _attempt(work, word), 1)
    complete = False
    try:
        for index, result in workers.run(words):
            if isinstance(result, Crashed):
                yield crashed_error(words[index], output, output_format, result)
            elif isinstance(result, BaseException) and not isinstance(result, LrnError):
                raise result
            else:
                yield result
        complete = True
    finally:
        workers.stop()
        if not complete:  # a process that had to be killed could not clean up
            for process in workers.numbers:
                _clean(words[0], output, output_format, process)


def crashed_error(source: str, output: str | None, output_format: str | None, crashed: Crashed) -> LrnError:
    """What to say of an input that has crashed its process, once what that left is removed."""
    _clean(source, output, output_format, crashed.process)
    message = f"{source}: reading it crashed a library ({crashed.reason}); the file may be damaged"
    return LrnError(message, "copy or download the file again")


def _clean(source: str, output: str | None, output_format: str | None, process: int) -> None:
    """Remove what a process that is gone has left unfinished."""
    if output is not None and output != STREAM:
        remove_unfinished(Path(file_named(source, output, output_format)), process)


def _attempt(work: Callable[[str], Result], word: str) -> Result | BaseException:
    """How the work on one file ended; what it has printed has left before its result does."""
    try:
        result = work(word)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseException as error:
        return _that_can_be_sent(error)
    return result


def _that_can_be_sent(error: BaseException) -> BaseException:
    """The error, or another with its words where it cannot be made again elsewhere, as some libraries' cannot."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def may_crash(word: str) -> bool:
    """Whether a file that is there, as typed, may crash the library that reads it; a stream is read by none.

    >>> may_crash("-"), may_crash("samples/feats.npy"), may_crash("samples/feats.h5::/conv1")
    (False, False, True)
    """
    if word == STREAM:
        return False
    try:
        path = place(split(word)[0])
        return (is_url(path) or path.is_file() or path.is_dir()) and sniff(path).may_crash
    except (LrnError, OSError):
        return False  # whoever opens it says why it cannot be read
