"""Hostile files of other tools: what `lrn` makes of one, its own tool reads as well as it reads the file itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Request
from tests.benchmarks.tables import Table
from tests.campaign.mutations import bruised, mutated
from tests.campaign.progress import Progress
from tests.campaign.seeds import foreign_seeds, written_once
from tests.campaign.settings import Settings, say
from tests.campaign.workers import Ended, watched
from tests.files.made import Made, made

HOWS = ("same", "noticed", "as bad before", "refused", "crash", "differs", "unreadable", "hang", "memory", "defect")
BAD = ("differs", "unreadable", "hang", "memory", "defect")


def campaign(settings: Settings, folder: Path) -> Iterator[Table]:
    """Each mutated file applied to, and both files read by the library that owns the format, in processes apart."""
    kinds = {kind.name: kind for kind in made()}
    all_seeds = written_once(settings.state / "foreign", foreign_seeds())
    progress = Progress(settings.state / "foreign.json", HOWS, BAD)
    say(f"foreign: {len(all_seeds)} seeds, inputs {progress.done} to {settings.foreign}")
    for number in range(progress.done, settings.foreign):
        # Every other time gently: most of what is cut or moved is refused, and nothing is left for the tools to read.
        change = bruised if number // len(all_seeds) % 2 else mutated
        seed, data = change(all_seeds, number)
        ended = _ended(kinds[seed.name], data, number, folder)
        progress.count(seed.name.partition(",")[0], ended)
        if ended.how in BAD:
            (settings.state / f"foreign-{ended.how}-{number}{seed.suffix}").write_bytes(data)
            say(f"foreign: {ended.how}: {number} from {seed.name}: {ended.text}")
        progress.save()
    yield progress.table("Hostile files of other tools, read by those tools again")
    settings.failures += [f"foreign: {how} {count} times" for how, count in progress.bad.items()]


def _ended(kind: Made, data: bytes, number: int, folder: Path) -> Ended:
    """What became of one file."""
    for entry in folder.iterdir():
        entry.unlink()
    source, output = (folder / f"{name}{kind.suffix}" for name in ("x", "out"))
    source.write_bytes(data)
    applied = _apart(lambda: _applied(f"{source}::{kind.member}", output), number)
    if applied.how != "done":
        return applied
    after = _apart(lambda: _digest(kind, output), number)
    before = _apart(lambda: _digest(kind, source), number)
    if before.how != "done":  # nothing better can be asked of the output
        return applied._replace(how="as bad before", text=before.text)
    if after.how != "done":
        return after._replace(how="unreadable", text=f"{after.how}: {after.text}")
    if after.text == before.text:
        return applied._replace(how="same")
    return applied._replace(how="noticed" if applied.text else "differs")


def _apart(step: Callable[[], str], number: int) -> Ended:
    """How a step ends in a process of its own, which it may crash; its text is what it gives."""

    def attempt(_: int) -> tuple[str, str]:
        try:
            return "done", step()
        except (LrnError, MemoryError) as error:
            return "refused" if isinstance(error, LrnError) else "defect", str(error)
        except Exception as error:  # what libraries raise, of all kinds; of `lrn` itself it is a defect
            return "defect", f"{type(error).__name__}: {error}"

    (ended,) = watched(attempt, number, number + 1)
    return ended


def _applied(source: str, output: Path) -> str:
    request = Request(source, str(output), bound("tf:depth_radius=1"), axis=-1, threads=1, output_format="h5")
    with Plan(request) as plan:
        plan.run()
        return " ".join(plan.notices)


def _digest(kind: Made, path: Path) -> str:
    """What the library sees of a file besides the tensor, in short."""
    return hashlib.sha256(repr(sorted(kind.read(path).rest.items())).encode()).hexdigest()
