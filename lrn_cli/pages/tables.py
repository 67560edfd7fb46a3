"""A table of cells for programs: its first row is the header."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from lrn_cli.pages.document import Table


def comma_separated(cells: Sequence[Sequence[str]]) -> list[str]:
    """Lines of CSV (RFC 4180): what has a comma or a quote is quoted.

    >>> comma_separated([["a", "b"], ["1,5", "x"]])
    ['a,b', '"1,5",x']
    """
    file = StringIO()
    csv.writer(file, lineterminator="\n").writerows(cells)
    return file.getvalue().splitlines()


def as_markdown(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of Markdown.

    >>> list(as_markdown([["a", "b"], ["1|2", "x"]]))
    ['| a | b |', '| --- | --- |', '| 1\\\\|2 | x |']
    """
    from lrn_cli.pages.formats import render

    columns, *rows = map(tuple, cells)
    yield from render([Table(columns, tuple(rows))], "markdown").splitlines()
