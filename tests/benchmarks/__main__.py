"""`python -m tests.benchmarks`: measure everything that is promised about speed and memory, and print it as Markdown.

Run it from the root of the repository, in an environment in which the project is installed, with nothing else running.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import answers, cluster, files, machine, many, memory, shapes, start
from tests.benchmarks.data import GIB
from tests.benchmarks.tables import Table
from tests.benchmarks.timing import LRN, MeasurementError, Settings, run, say


class Section(NamedTuple):
    """One part of the benchmarks, and how much room its data needs on the disk."""

    measure: Callable[[Settings, Path], Iterator[Table]]
    room: int


SECTIONS = {
    "files": Section(files.measure, 9 * GIB),
    "answers": Section(answers.measure, 4 * GIB),
    "memory": Section(memory.measure, 0),
    "start": Section(start.measure, 0),
    "shapes": Section(shapes.measure, 9 * GIB),
    "many": Section(many.measure, 2 * GIB),
    "cluster": Section(cluster.measure, 0),
}


def main() -> None:
    """Measure, print, and leave nothing behind."""
    options = _options()
    if not Path(LRN).exists():
        sys.exit(f"{LRN} is not there: install the project in this environment, as with pip install -e .")
    # Ended from outside, the data is still removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    settings = Settings(options.quick, (*options.peers, sys.executable))
    sections = [name for name in SECTIONS if name in (options.only or SECTIONS)]
    with tempfile.TemporaryDirectory(prefix="lrn-benchmarks-", dir=options.dir) as name:
        folder = Path(name).resolve()
        _check_room(sections, settings, folder)
        where = machine.description(folder)
        print(_heading(where, options.quick), flush=True)
        run((LRN, "--version"), folder)
        tables: list[Table] = []
        failed = [section for section in sections if not _measured(section, settings, folder, tables)]
    if options.json:
        data = {"machine": where, "quick": options.quick, "tables": [table.as_data() for table in tables]}
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, three repetitions")
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="measure this part; repeatable")
    parser.add_argument(
        "--peers",
        action="append",
        default=[],
        metavar="PYTHON",
        help="an interpreter with torch, onnxruntime, openvino (both with onnx) or tensorflow; repeatable",
    )
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path.cwd(),
        help="where the data is made and removed again [the current folder]; not on a file system that copies by"
        " reference, as btrfs, where cp copies nothing",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to FILE as well")
    return parser.parse_args()


def _check_room(sections: list[str], settings: Settings, folder: Path) -> None:
    needed = settings.size(max(SECTIONS[name].room for name in sections))
    free = shutil.disk_usage(folder).free
    if free < needed:
        sys.exit(f"{folder.parent}: needs {needed / GIB:.0f} GiB, {free / GIB:.0f} GiB are free; take another --dir")


def _measured(section: str, settings: Settings, folder: Path, tables: list[Table]) -> bool:
    """Print and keep the tables of one part; whether all of it worked. What one part leaves undone, others do not."""
    say(f"== {section}")
    try:
        # A folder of its own, so that its data is gone before the next part makes more.
        with tempfile.TemporaryDirectory(prefix=f"{section}-", dir=folder) as name:
            for table in SECTIONS[section].measure(settings, Path(name)):
                tables.append(table)
                print(table.as_markdown(), flush=True)
    except MeasurementError as error:
        say(str(error))
        return False
    return True


def _heading(where: dict[str, str], quick: bool) -> str:
    lines = ["; ".join(f"{what}: {value}" for what, value in where.items()) + ".", ""]
    if quick:
        lines += ["Measured with --quick: a tenth of the size and few repetitions, good for no more than a look.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
