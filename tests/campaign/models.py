"""Model files made hostile: each gives layers or a refusal, never a traceback, 5 seconds or 200 MiB."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from lrn_cli.analysis.layers import as_data, group
from lrn_cli.errors import LrnError
from lrn_cli.models.content import Content
from lrn_cli.models.registry import read_content
from lrn_cli.pages.model import remarks, row, rows_elsewhere
from tests.benchmarks.tables import Table
from tests.campaign.model_seeds import model_seeds
from tests.campaign.mutations import bruised, changed
from tests.campaign.progress import Progress
from tests.campaign.seeds import Seed
from tests.campaign.settings import Settings, say
from tests.campaign.workers import watched

_SHARE = 5
"""Of so many hostile files one is a model."""
_PATIENCE = 5.0  # seconds
_ALLOWED = 200 << 20  # bytes


def campaign(settings: Settings, _: Path) -> Iterator[Table]:
    """The mutated models, in processes that are watched."""
    progress = Progress(settings.state / "models.json")
    seeds = model_seeds()
    stop = settings.mutations // _SHARE
    say(f"models: {len(seeds)} seeds, inputs {progress.done} to {stop}")

    def attempt(number: int) -> tuple[str, str]:
        return _attempt(*_mutated(seeds, number))

    for ended in watched(attempt, progress.done, stop):
        if ended.peak > _ALLOWED:
            ended = ended._replace(how="memory")  # noqa: PLW2901 - less than what files of tensors may take
        seed, data = _mutated(seeds, ended.number)
        progress.count(seed.name, ended)
        if ended.how not in ("done", "refused"):
            found = settings.state / f"models-{ended.how}-{ended.number}{seed.suffix}"
            found.write_bytes(data)
            say(f"{ended.how}: {found.name} from {seed.name}: {ended.text}")
    progress.save()
    yield progress.table("Hostile models")
    settings.failures += [f"models: {how} {count} times" for how, count in progress.bad.items()]


def _mutated(seeds: list[Seed], number: int) -> tuple[Seed, bytes]:
    """The hostile model of that number, and the seed that it is made from."""
    if number // len(seeds) % 2:
        return bruised(seeds, number)
    choose = Random(number)  # noqa: S311 - not for secrets
    seed = seeds[number % len(seeds)]
    return seed, changed(seed.data, choose, choose.choice(seeds).data)


def _attempt(seed: Seed, data: bytes) -> tuple[str, str]:
    """One model: read, and shown in every way."""
    begin = time.process_time()
    try:
        model = read_content(Content.of_bytes(Path(f"x{seed.suffix}"), data))
        if model is not None:
            json.dumps(as_data(model), allow_nan=False)
            for one in group(model):
                _ = row(one), rows_elsewhere(one), remarks(one)
        ended = ("refused", "of no known format") if model is None else ("done", "")
    except LrnError as error:
        ended = "refused", str(error)
    except Exception as error:
        return "defect", f"{type(error).__name__}: {error}"
    seconds = time.process_time() - begin
    return ended if seconds < _PATIENCE else ("defect", f"took {seconds:.0f} seconds")
