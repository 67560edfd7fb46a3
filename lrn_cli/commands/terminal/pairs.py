"""Many pairs of tensors compared one after the other: a line for each, and how many differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import join, quote
from typing import TYPE_CHECKING, Any, NamedTuple

from lrn_cli.commands.terminal.console import Console
from lrn_cli.commands.terminal.exits import Exit
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.pairing import Named
    from lrn_cli.analysis.comparison.verdict import Comparison
    from lrn_cli.commands.terminal.options import FolderOptions
    from lrn_cli.tensors.tensor import Reading

_SHORT = ("name", "verdict", "differing", "largest", "cause")
_MISSING, _FAILED = "missing", "failed"


class Met(NamedTuple):
    """What was found of one pair.

    Attributes:
        pair: Which.
        found: The answer; None where there is none.
        error: Why not; None where it is there, or one of the two is missing.
    """

    pair: Named
    found: Comparison | None = None
    error: LrnError | None = None

    @property
    def verdict(self) -> str:
        """One word."""
        if self.found is None:
            return _FAILED if self.error else _MISSING
        return "equal" if self.found.equal else "different"

    @property
    def why(self) -> str:
        """Why there is no answer."""
        return self.error.message if self.error else f"only in {'a' if self.pair.b is None else 'b'}"

    def rows(self, *, short: bool) -> list[list[str]]:
        """A row for each comparison: of few cells, or of all that one pair by itself has."""
        from lrn_cli.pages.comparison import COLUMNS, brief, row

        if self.found is not None and short:
            return [[self.pair.name, *brief(pair)] for pair in self.found.pairs]
        if self.found is not None:
            return [row(pair) for pair in self.found.pairs]
        if short:
            return [[self.pair.name, self.verdict, "-", "-", self.why]]
        cells = {"a": self.pair.a or "-", "b": self.pair.b or "-", "verdict": self.verdict, "cause": self.why}
        return [[cells.get(name, "-") for name in COLUMNS]]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        data = {"name": self.pair.name, "a": self.pair.a, "b": self.pair.b, "verdict": self.verdict}
        if self.found is None:
            return {**data, "cause": self.why, "pairs": []}
        return {**data, "pairs": [pair.as_data() for pair in self.found.pairs]}


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


def compare_each(pairs: Sequence[Named], compare: Callable[[Sequence[str]], Comparison], console: Console) -> Exit:
    """Compare each of many pairs, say what was found, and how the command ends.

    Args:
        pairs: Which.
        compare: Compares two tensors by their words.
        console: Where to say it.
    """
    met = [_meet(pair, compare) for pair in pairs]
    if console.as_json:
        console.answer({"equal": all(one.verdict == "equal" for one in met), "pairs": [one.as_data() for one in met]})
    elif not console.quiet:
        from lrn_cli.pages.comparison import COLUMNS

        short = console.drawn
        console.table(_SHORT if short else COLUMNS, [row for one in met for row in one.rows(short=short)])
    failed = [one.error for one in met if one.error is not None]
    for error in failed:
        console.error(error)
    counts = {word: sum(one.verdict == word for one in met) for word in ("equal", "different", _MISSING, _FAILED)}
    told = [
        f"{count} {'missing in one of the two' if word == _MISSING else word}"
        for word, count in counts.items()
        if count
    ]
    console.note(f"lrn: of {len(met)} pairs {', '.join(told)}")
    if failed:
        return Exit.FAILED
    return Exit.DONE if counts["equal"] == len(met) else Exit.NO


def _meet(pair: Named, compare: Callable[[Sequence[str]], Comparison]) -> Met:
    if pair.a is None or pair.b is None:
        return Met(pair)
    try:
        return Met(pair, compare([pair.a, pair.b]))
    except LrnError as error:
        return Met(pair, error=error)
