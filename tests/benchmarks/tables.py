"""What was measured, as Markdown for the README and as data."""

from __future__ import annotations

from dataclasses import dataclass, field

Cell = str | float | int | None


@dataclass
class Table:
    """One table of results.

    Attributes:
        title: What was measured.
        columns: Their headings, with units.
        note: How it was measured, in a sentence.
        rows: One cell for each column; None where there is nothing to measure.
    """

    title: str
    columns: tuple[str, ...]
    note: str = ""
    rows: list[tuple[Cell, ...]] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        self.rows.append(cells)

    def as_markdown(self) -> str:
        lines = [f"**{self.title}**"]
        if self.note:
            lines += ["", self.note]
        lines += ["", _line(self.columns), "|" + "---|" * len(self.columns)]
        lines += [_line([shown(cell) for cell in row]) for row in self.rows]
        return "\n".join(lines) + "\n"

    def as_data(self) -> dict[str, object]:
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "note": self.note, "rows": rows}


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def shown(cell: Cell) -> str:
    """A cell as it is printed: numbers with three digits, as no measurement here is worth more.

    >>> [shown(cell) for cell in (209.4, 1.0449, 0.0312, 12, "x", None)]
    ['209', '1.04', '0.0312', '12', 'x', '']
    """
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:#.3g}"
    return str(cell)


def shown_size(nbytes: int) -> str:
    """A size in the unit that suits it.

    >>> shown_size(2**30), shown_size(2**20 * 102)
    ('1 GiB', '102 MiB')
    """
    return f"{nbytes / 2**30:.3g} GiB" if nbytes >= 2**29 else f"{nbytes / 2**20:.3g} MiB"
