"""LaTeX: a document that pdflatex takes as it is, with amsmath, tabular, longtable and verbatim."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from lrn_cli.pages.document import Block, Code, Document, Equation, Heading, Item, Items, Paragraph, Picture, Table
from lrn_cli.pages.folding import UNBROKEN
from lrn_cli.pages.pictures.characters import drawing

_PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{textcomp}
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath}
\usepackage{array}
\usepackage{longtable}
\setlength{\parindent}{0pt}
\setlength{\parskip}{1ex}
\sloppy
\begin{document}
"""
_TALL = 20
"""Rows of a table that may not fit a page."""
_END = "\n\\end{document}\n"

_SIGNS = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "-": "-{}",
    "/": r"/\allowbreak{}",
    ":": r":\allowbreak{}",
    # Broken only where the line would be too long otherwise.
    UNBROKEN: r"\penalty5000\ ",
    "−": "$-$",
    "·": r"$\cdot$",
    "…": r"\ldots{}",
    "Σ": r"$\Sigma$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "′": "$'$",
}
_VERBATIM = {"■": "#", "●": "@", "·": ".", "○": "0", "│": "|", "┤": "+", "┴": "+", "└": "+", "─": "-", "…": "..."}
"""What stands for signs of a drawing in verbatim, where there are no commands."""


def render(document: Document) -> str:
    """The document as LaTeX."""
    return _PREAMBLE + "\n\n".join(map(_block, document)) + _END


def escape(text: str) -> str:
    r"""Text that LaTeX sets as it is.

    >>> print(escape("local_size is 5 % of n²"))
    local\_size is 5 \% of n$^{2}$
    """
    return "".join(_SIGNS.get(sign) or _sign(sign) for sign in text)


def _sign(sign: str) -> str:
    """Raised digits as powers, other letters without their accents."""
    if sign.isascii():
        return sign
    plain = _ascii(sign)
    return f"$^{{{plain}}}$" if unicodedata.decomposition(sign).startswith("<super>") else plain


def _ascii(sign: str) -> str:
    decomposed = unicodedata.normalize("NFKD", sign).replace("−", "-")
    return decomposed.encode("ascii", "ignore").decode() or "?"


def _verbatim(text: str) -> str:
    return "".join(sign if sign.isascii() else _VERBATIM.get(sign) or _ascii(sign) for sign in text)


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            written = rf"\{'section' if level == 1 else 'subsection'}*{{{escape(text)}}}"
        case Paragraph(text):
            written = escape(text)
        case Equation(_, latex):
            written = f"\\begin{{equation*}}\n{latex}\n\\end{{equation*}}"
        case Code(text):
            written = _as_it_is(text)
        case Table():
            written = _table(block)
        case Items(items):
            written = "\n".join([r"\begin{itemize}", *map(_item, items), r"\end{itemize}"])
        case Picture(panel):
            written = _as_it_is("\n".join(drawing(panel)))
    return written


def _as_it_is(text: str) -> str:
    return f"{{\\small\n\\begin{{verbatim}}\n{_verbatim(text)}\n\\end{{verbatim}}\n}}"


def _item(item: Item) -> str:
    source = rf" {{\footnotesize({escape(item.source)})}}" if item.source else ""
    # Braces, so that a bracket at the beginning is not taken for the item's label.
    return rf"\item {{}}{escape(item.text)}{source}"


def _table(table: Table) -> str:
    widest = [max(map(len, column)) for column in zip(table.columns, *table.rows, strict=True)]
    shares = [min(width, 40) + 2 for width in widest]
    # A little less than the line: the space between columns has to fit, too.
    columns = "".join(
        rf">{{\raggedright\arraybackslash}}p{{{0.85 * share / sum(shares):.3f}\linewidth}}" for share in shares
    )
    # A tabular stands on one page: what is longer would run off it.
    name, below = ("longtable", r"\hline\endhead") if len(table.rows) > _TALL else ("tabular", r"\hline")
    rows = [_row(table.columns), below, *map(_row, table.rows)]
    return "\n".join([rf"\begin{{{name}}}{{{columns}}}", *rows, rf"\end{{{name}}}"])


def _row(cells: Sequence[str]) -> str:
    # A column can be narrower than a name of several words.
    return " & ".join(escape(cell).replace(r"\_", r"\_\allowbreak{}") for cell in cells) + r" \\"
