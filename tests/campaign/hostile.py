"""Hostile files: each gives a result or a refusal, never a traceback, a hang, or more than 1 GiB of memory."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Request
from lrn_cli.tensors.listing import list_file
from lrn_cli.tensors.tensor import Reading
from tests.benchmarks.tables import Table
from tests.campaign.mutations import mutated
from tests.campaign.progress import Progress
from tests.campaign.seeds import Seed, seeds, written_once
from tests.campaign.settings import Settings, say
from tests.campaign.workers import Ended, watched

_WORD = "tf:depth_radius=1"
_WRITTEN = (".png", ".tiff", ".npz", ".safetensors")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_SAVED_EVERY = 1000
_TRACED = ("Traceback", "this is a defect")
_TOO_LONG = 10.0


def campaign(settings: Settings, folder: Path) -> Iterator[Table]:
    """The mutated inputs, in processes that are watched; continued where an earlier run in the same place ended."""
    progress = Progress(settings.state / "hostile.json")
    all_seeds = written_once(settings.state / "seeds", seeds())
    begin = progress.done
    say(f"hostile: {len(all_seeds)} seeds, inputs {begin} to {settings.mutations}")

    def attempt(number: int) -> tuple[str, str]:
        return _attempt(all_seeds, number, folder)

    for ended in watched(attempt, begin, settings.mutations):
        seed, data = mutated(all_seeds, ended.number)
        if ended.how in ("crash", "hang"):
            # What the command makes of it: it reads such files in a process that it watches.
            ended = _survived(seed, data, ended, folder)  # noqa: PLW2901
        progress.count(seed.suffix[1:], ended)
        if ended.how not in ("done", "refused"):
            found = settings.state / f"{ended.how}-{ended.number}{seed.suffix}"
            found.write_bytes(data)
            say(f"{ended.how}: {found.name} from {seed.name}: {ended.text}")
        if ended.number % _SAVED_EVERY == 0:
            progress.save()
    progress.save()
    yield progress.table()
    settings.failures += [f"hostile: {how} {count} times" for how, count in progress.bad.items()]


def through_the_command(settings: Settings, folder: Path) -> Iterator[Table]:
    """A part of them through the command itself, one process each, as a user would run it."""
    progress = Progress(settings.state / "commanded.json")
    all_seeds = written_once(settings.state / "seeds", seeds())
    say(f"commanded: inputs {progress.done} to {settings.runs_of_command}")
    for at in range(progress.done, settings.runs_of_command):
        # Numbers that the other part has too, so that what is found is found again there, and all of its seeds.
        number = at * 49 + at // len(all_seeds)
        seed, data = mutated(all_seeds, number)
        ended = _commanded(seed, data, number, folder)._replace(number=at)
        progress.count(seed.suffix[1:], ended)
        if ended.how not in ("done", "refused", "crash", "stuck"):
            (settings.state / f"commanded-{ended.how}-{number}{seed.suffix}").write_bytes(data)
            say(f"commanded: {ended.how}: {number} from {seed.name}: {ended.text}")
        progress.save()
    yield progress.table("Hostile files through the command itself")
    settings.failures += [f"commanded: {how} {count} times" for how, count in progress.bad.items()]


def _words(seed: Seed, number: int, folder: Path) -> tuple[str, str]:
    """The input and the output of a run."""
    own = seed.suffix if seed.suffix in _WRITTEN else ".h5" if seed.data.find(_HDF5) >= 0 else ".npy"
    source = f"{folder / 'x'}{seed.suffix}" + (f"::{seed.member}" if seed.member and number % 5 else "")
    return source, f"{folder / 'out'}{own if number % 2 else '.npy'}"


def _attempt(all_seeds: list[Seed], number: int, folder: Path) -> tuple[str, str]:
    """One input, as the command treats it: looked at, then normalised."""
    for entry in folder.iterdir():
        entry.unlink()  # from one before, if that crashed
    seed, data = mutated(all_seeds, number)
    path = folder / f"x{seed.suffix}"
    path.write_bytes(data)
    source, output = _words(seed, number, folder)
    said = []
    request = Request(source, output, bound(_WORD), axis=-1, threads=1, force=True)
    for step in (lambda: list_file(source, Reading()), lambda: _applied(request)):
        try:
            step()
        except (LrnError, OSError) as error:
            said.append(str(error))
        except MemoryError:
            return "defect", "not enough memory"
        except Exception as error:
            return "defect", f"{type(error).__name__}: {error}"
    left = sorted(entry.name for entry in folder.iterdir() if entry != path)
    wanted = [] if said else [Path(output).name]
    if left != wanted and len(said) != 1:
        return "defect", f"left {left} after {said}"
    return ("refused", said[-1]) if said else ("done", "")


def _applied(request: Request) -> None:
    with Plan(request) as plan:
        plan.run()


def _survived(seed: Seed, data: bytes, ended: Ended, folder: Path) -> Ended:
    """What a crash or a hang becomes when the same file is given to the command."""
    again = _commanded(seed, data, ended.number, folder)
    # What only took long on a busy machine is no hang; what crashed once may crash again.
    return again._replace(how="crash") if ended.how == "crash" and again.how in ("done", "refused") else again


def _commanded(seed: Seed, data: bytes, number: int, folder: Path) -> Ended:
    """One input through the command; an old output must survive whatever is refused."""
    shutil.rmtree(folder)
    folder.mkdir()
    path = folder / f"x{seed.suffix}"
    path.write_bytes(data)
    source, output = _words(seed, number, folder)
    Path(output).write_bytes(b"old")
    words = [sys.executable, "-m", "lrn_cli", "apply", source, "-o", output, "--force", "-q", "-c", _WORD, "--axis=-1"]
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    try:
        done = subprocess.run(words, capture_output=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        return Ended(number, "hang")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of a busy machine only what was computed counts, of a quiet one also what was waited for.
    computed = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = min(time.monotonic() - begin, computed + 2)
    said = done.stderr.decode("utf-8", "replace")
    intact = done.returncode == 0 or Path(output).read_bytes() == b"old"
    left = sorted(entry.name for entry in folder.iterdir())
    if seconds > _TOO_LONG:
        return Ended(number, "hang", said)
    if done.returncode not in (0, 2) or any(word in said for word in _TRACED) or not intact or len(left) != 2:
        return Ended(number, "defect", f"exit {done.returncode}, left {left}, old {intact}: {said}")
    if "crashed a library" in said:
        return Ended(number, "stuck" if "never ended" in said else "crash", said)
    return Ended(number, "done" if done.returncode == 0 else "refused", said)
