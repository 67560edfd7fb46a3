"""A document as one HTML file: nothing is loaded from elsewhere, light and dark, for a phone and for paper."""

from __future__ import annotations

from html import escape

from lrn_cli.pages.document import Block, Code, Document, Equation, Heading, Item, Items, Paragraph, Picture, Table
from lrn_cli.pages.folding import UNBROKEN
from lrn_cli.pages.pictures.sheet import arrange_panel
from lrn_cli.pages.pictures.svg import colours, element

_STYLE = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:1rem;background:var(--paper);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--grid);padding-bottom:.2rem}
.yes,.no{border-left:.4rem solid;padding-left:.7rem}.yes{border-color:var(--third)}.no{border-color:var(--second)}
pre{background:color-mix(in srgb,var(--grid) 35%,var(--paper));padding:.7rem;overflow-x:auto;border-radius:.3rem;
overflow-wrap:normal;font:14px/1.4 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.scroll{overflow-x:auto;margin:.7rem 0}
table{border-collapse:collapse;font-size:.9rem;min-width:50%}
th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--grid)}
th{white-space:nowrap}.wide{min-width:40rem}
td{max-width:40rem;overflow-wrap:break-word}.long{min-width:12rem;overflow-wrap:anywhere}
small{color:var(--quiet)}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem;margin:1rem 0}
figure{margin:0}svg{width:100%;max-width:36rem;height:auto;display:block}
:focus-visible{outline:3px solid var(--first);outline-offset:2px}
@media print{body{max-width:none}h2,figure{break-inside:avoid;break-after:avoid}}
"""
_LONG = 24
_MANY = 4
"""Columns beyond which a table is moved sideways on a phone rather than squeezed."""
_SAFE = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
"""What a browser may load for the page: what is in it, and nothing else."""


def render(document: Document, play: str = "") -> str:
    """The document as a page.

    Args:
        document: What it says.
        play: More HTML, with a script, that stands before the second heading; the page is whole without it.
    """
    title = next((block.text for block in document if isinstance(block, Heading)), "lrn")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_SAFE}">
<meta name="color-scheme" content="light dark">
<title>{_text(title)}</title>
<style>{colours()}{_STYLE}</style>
</head>
<body>
<main>
{_body(document, play)}
</main>
</body>
</html>
"""


def _body(document: Document, play: str) -> str:
    """The blocks one after the other, pictures that follow each other side by side."""
    written: list[str] = []
    side_by_side = False
    headings = 0
    for block in document:
        headings += isinstance(block, Heading)
        if headings == 2 and play:
            written.append(play)
            play = ""
        if isinstance(block, Picture) != side_by_side:
            side_by_side = not side_by_side
            written.append('<div class="pictures">' if side_by_side else "</div>")
        written.append(_block(block))
    return "\n".join([*written, "</div>" if side_by_side else "", play])


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            written = _heading(text, level)
        case Paragraph(text):
            written = f"<p>{_text(text)}</p>"
        case Equation(text):
            written = f'<pre tabindex="0" role="group" aria-label="formula">{_text(text)}</pre>'
        case Code(text):
            written = f'<pre tabindex="0" role="group" aria-label="code">{_text(text)}</pre>'
        case Table():
            written = _table(block)
        case Items(items):
            written = f"<ul>{''.join(map(_item, items))}</ul>"
        case Picture(panel):
            written = f"<figure>{element(arrange_panel(panel))}</figure>"
    return written


_VERDICTS = {"EQUAL": ("yes", "✓"), "FOUND": ("yes", "✓"), "DIFFERENT": ("no", "✗"), "NOT FOUND": ("no", "✗")}
_VERDICTS["REFUSED"] = _VERDICTS["DIFFERENT"]


def _heading(text: str, level: int) -> str:
    """A heading; the first word of a verdict gives it a colour and a sign besides."""
    known = _VERDICTS.get(text.partition(":")[0]) if level == 1 else None
    if known is None:
        return f"<h{level}>{_text(text)}</h{level}>"
    return f'<h1 class="{known[0]}"><span aria-hidden="true">{known[1]} </span>{_text(text)}</h1>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in table.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in table.rows)
    name = escape(f"table of {', '.join(table.columns)}")
    wide = ' class="wide"' if len(table.columns) > _MANY else ""
    inner = f"<table{wide}><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{name}">{inner}</div>'


def _cell(text: str) -> str:
    """A cell; a word so long that it would push the others off a phone may be broken."""
    long = max(map(len, text.split()), default=0) > _LONG
    return f"<td class='long'>{_text(text)}</td>" if long else f"<td>{_text(text)}</td>"


def _item(item: Item) -> str:
    source = f"<br><small>Source: {_text(item.source)}</small>" if item.source else ""
    return f"<li>{_text(item.text)}{source}</li>"


def _text(text: str) -> str:
    """Text whose signs are no markup, and that has nothing which does not print but line ends."""
    clean = (sign if sign.isprintable() or sign in ("\n", UNBROKEN) else "\ufffd" for sign in text)
    return escape("".join(clean))
