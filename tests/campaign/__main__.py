"""`python -m tests.campaign`: faults, hostile files and load, for as long as it takes; the results as Markdown tables.

Run it from the root of the repository, in an environment in which the project is installed. It ends with 1 where
something did not hold, and says what.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.tables import Table
from tests.campaign import foreign, guided, hostile, identified, kills, load, models, native, races
from tests.campaign.settings import Settings, say

SECTIONS: dict[str, Callable[[Settings, Path], Iterator[Table]]] = {
    "kills": kills.campaign,
    "races": races.campaign,
    "load": load.campaign,
    "guided": guided.campaign,
    "hostile": hostile.campaign,
    "commanded": hostile.through_the_command,
    "models": models.campaign,
    "identified": identified.campaign,
    "foreign": foreign.campaign,
    "native": native.campaign,
    "watched": native.watched,
}


def main() -> None:
    """Try everything, print the tables, and say what did not hold."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="lrn-campaign-", dir=options.dir) as name:
        state = options.resume or Path(name, "state")
        state.mkdir(parents=True, exist_ok=True)
        numbers = (options.mutations, options.commands, options.runs, options.foreign, options.blocks)
        settings = Settings(*numbers, state.resolve())
        for section in options.only or SECTIONS:
            say(f"== {section}")
            with tempfile.TemporaryDirectory(prefix=f"{section}-", dir=name) as folder:
                for table in SECTIONS[section](settings, Path(folder).resolve()):
                    print(table.as_markdown(), flush=True)
    if settings.failures:
        sys.exit("\n".join(["does not hold:", *settings.failures]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mutations", type=int, default=100_000, metavar="N", help="hostile files to try [100000]")
    parser.add_argument("--commands", type=int, default=2_000, metavar="N", help="of them through the command [2000]")
    parser.add_argument("--runs", type=int, default=300, metavar="N", help="runs to kill [300]")
    parser.add_argument("--foreign", type=int, default=2_000, metavar="N", help="of other tools' files [2000]")
    parser.add_argument("--blocks", type=int, default=20_000, metavar="N", help="computed in two ways [20000]")
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="this part; repeatable")
    parser.add_argument(
        "--resume", type=Path, metavar="DIR", help="keep what was tried and found there, and go on where it ended"
    )
    parser.add_argument("--dir", type=Path, help="where data is made and removed again [the folder for such]")
    return parser.parse_args()


if __name__ == "__main__":
    main()
