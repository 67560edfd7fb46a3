"""Many pairs of tensors compared one after the other: a line for each, and how many differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import join, quote
from typing import TYPE_CHECKING

from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.pairing import Met, Named
    from lrn_cli.analysis.comparison.verdict import Comparison
    from lrn_cli.commands.terminal.options import FolderOptions
    from lrn_cli.tensors.tensor import Reading


def find_pairs(
    names: Sequence[str], folders: FolderOptions, reading: Reading, plot: str | None, *, here: bool
) -> list[Named] | None:
    """The pairs of two folders, or of two files of several tensors; None where each name is that of one tensor.

    Args:
        names: As typed.
        folders: Whether folders are searched.
        reading: How to read.
        plot: The plot that is to be drawn, if one is.
        here: Look into all files in this process.

    Raises:
        LrnError: A folder is named that is not to be searched, or there is a plot to be drawn of all of them.
    """
    from lrn_cli.analysis.comparison.pairing import pair_up
    from lrn_cli.tensors.folders import refuse_folder
    from lrn_cli.work.isolation import isolate

    search = folders.resolve()
    for name in names if search is None or len(names) != 2 else ():
        refuse_folder(
            name, f"lrn compare --recursive {join(names)}" if len(names) == 2 else f"lrn info -r {quote(name)}"
        )
    if len(names) != 2:
        return None
    pairs = isolate(lambda: pair_up(names[0], names[1], search, reading), names, here=here)
    if pairs is not None and plot is not None:
        first = next((pair for pair in pairs if pair.a and pair.b), pairs[0])
        words = [word for word in (first.a, first.b) if word]
        raise LrnError(
            f"--plot draws one pair, and here are {len(pairs)}", f"lrn compare {join([*words, '--plot', plot])}"
        )
    return pairs


def compare_each(pairs: Sequence[Named], compare: Callable[[Sequence[str]], Comparison], console: Console) -> list[Met]:
    """Compare each of many pairs, and say what was found.

    Args:
        pairs: Which.
        compare: Compares two tensors by their words.
        console: Where to say it.
    """
    from lrn_cli.analysis.comparison.pairing import sum_up

    met = [_meet(pair, compare) for pair in pairs]
    if console.as_json:
        console.answer({"equal": all(one.verdict == "equal" for one in met), "pairs": [one.as_data() for one in met]})
    elif not console.quiet:
        from lrn_cli.pages.comparison import COLUMNS, SHORT, rows_of

        short = console.for_people
        console.table(SHORT if short else COLUMNS, [row for one in met for row in rows_of(one, short=short)])
    for error in (one.error for one in met if one.error is not None):
        console.error(error)
    console.note(f"lrn: {sum_up(met)}")
    return met


def ending(met: Sequence[Met]) -> Exit:
    """How the command ends that has compared many pairs."""
    if any(one.error is not None for one in met):
        return Exit.FAILED
    return Exit.DONE if all(one.verdict == "equal" for one in met) else Exit.NO


def _meet(pair: Named, compare: Callable[[Sequence[str]], Comparison]) -> Met:
    from lrn_cli.analysis.comparison.pairing import Met

    if pair.a is None or pair.b is None:
        return Met(pair)
    try:
        return Met(pair, compare([pair.a, pair.b]))
    except LrnError as error:
        return Met(pair, error=error)
