"""The same page in every format: complete, within 80 columns as text, escaped as Markdown and as LaTeX."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from lrn_cli.analysis.explanation.explain import explain, overview
from lrn_cli.analysis.explanation.glossary import look_up
from lrn_cli.conventions.binding import Asked
from lrn_cli.conventions.registry import find, usual
from lrn_cli.pages import glossary
from lrn_cli.pages.convention import page, pages
from lrn_cli.pages.document import Document, Equation, Heading, Item, Items, Paragraph, Table
from lrn_cli.pages.formats import formats, latex, markdown, render
from lrn_cli.pages.overview import side_by_side
from lrn_cli.pages.sections import SECTIONS, keep

WORDS = [
    *(convention.name for convention in usual()),
    *("nnef", "onednn", "openvino:axes=[1,2,3],size=3", "cuda-convnet-map"),
    "pytorch:size=4",
    "onnx:size=4",
    "alexnet:n=4",
    "tf:depth_radius=9",
    "tf:depth_radius=1000000",
    "tf:bias=-1000",
    "tf:alpha=1.2345678901234567e-05,bias=0.1234567890123456,beta=0.1111111111111111",
    "wolfram:ChannelWindowSize=1000",
    "caffe:norm_region=WITHIN_CHANNEL,local_size=3,k=2",
    "caffe:norm_region=WITHIN_CHANNEL,local_size=11",
]
DOCUMENTS: dict[str, Document] = {
    "all": side_by_side(overview()),
    "bare": page(explain(Asked(find("tf")._replace(aliases=(), calls=()), {}, "tf"))),
    "three": pages([explain("tf"), explain("caffe"), explain("caffe:alpha=2")]),
    **{word: page(explain(word)) for word in WORDS},
    **{word: glossary.page(look_up(word)[0]) for word in ("window", "alpha", "bias", "beta", "region", "format")},
    "traps": keep(pages([explain("tf"), explain("caffe")]), [one for one in SECTIONS if one.name == "traps"]),
}
EVERY = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())


@pytest.mark.parametrize("name", formats())
def test_a_convention_without_other_names_or_calls_is_not_said_to_have_some(name: str) -> None:
    full, bare = (" ".join(render(DOCUMENTS[word], name).split()) for word in ("tf", "bare"))
    for phrase in ("is also called", "How to call it"):
        assert phrase in full
        assert phrase not in bare


def test_a_table_that_is_longer_than_a_page_of_latex_goes_on_on_the_next_under_its_header() -> None:
    tall = latex.render(DOCUMENTS["alpha"])
    assert "\\usepackage{longtable}" in tall
    assert "\\begin{tabular}" not in tall
    assert (
        tall.index("\\begin{longtable}") < tall.index("default \\\\\n\\hline\\endhead") < tall.index("\\end{longtable}")
    )


def test_text_is_the_first_of_the_formats() -> None:
    assert formats() == ["text", "latex", "markdown"]


@EVERY
def test_no_line_of_the_text_is_wider_than_80_columns(document: Document) -> None:
    lines = render(document, "text").splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line != line.rstrip() or "\x1b" in line]


@EVERY
def test_the_text_has_every_word_of_the_page(document: Document) -> None:
    text = "".join(render(document, "text").split())
    for block in document:
        if isinstance(block, (Heading, Paragraph)):
            assert "".join(block.text.split()) in text
        if isinstance(block, Items):
            assert all("".join(item.text.split()) in text for item in block.items)


class _Words(HTMLParser):
    """What a reader of the HTML sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(source: str) -> str:
    html = MarkdownIt("commonmark").enable("table").render(source)
    return "".join(_Words(html).text.split())


HOSTILE = r"a_b *c* `d` <e> &amp; [f](g) #1 | $h$ ~i~ \j ^k 100% {l} 2. -m"


@pytest.mark.parametrize(
    "text", [HOSTILE, "- no list", "1. no list", "# no heading", "> no quote", "--- no rule", "+ +"]
)
def test_markdown_shows_signs_as_they_are(text: str) -> None:
    wanted = "".join(text.split())
    assert seen(markdown.render([Paragraph(text)])) == wanted
    assert seen(markdown.render([Heading(text)])) == wanted
    assert seen(markdown.render([Items((Item(text),))])) == wanted
    assert seen(markdown.render([Table(("head",), ((text,),))])) == f"head{wanted}"


@EVERY
def test_markdown_has_the_tables_and_the_formulas_of_the_page(document: Document) -> None:
    source = markdown.render(document)
    html = MarkdownIt("commonmark").enable("table").render(source)
    assert html.count("<table>") == sum(isinstance(block, Table) for block in document)
    assert html.count("<tr>") == sum(len(block.rows) + 1 for block in document if isinstance(block, Table))
    formulas = re.findall(r"^\$\$\n(.+)\n\$\$$", source, re.MULTILINE)
    assert len(formulas) == sum(isinstance(block, Equation) for block in document)
    assert html.count("<h2>") == sum(isinstance(block, Heading) and block.level == 2 for block in document)


# (text, LaTeX)
ESCAPED = [
    ("5 % & 6 $ #1 _a {b}", r"5 \% \& 6 \$ \#1 \_a \{b\}"),
    ("~ ^ \\", r"\textasciitilde{} \textasciicircum{} \textbackslash{}"),
    ("n² · 10⁻⁴", r"n$^{2}$ $\cdot$ 10$^{-}$$^{4}$"),
    ("i−2 … ⌊n⌋", r"i$-$2 \ldots{} $\lfloor$n$\rfloor$"),
    ("--to", r"-{}-{}to"),
    ("é 漢", "e ?"),
]


@pytest.mark.parametrize(("text", "expected"), ESCAPED)
def test_latex_shows_signs_as_they_are(text: str, expected: str) -> None:
    assert latex.escape(text) == expected


def test_latex_may_break_a_name_in_a_table_at_its_underscores() -> None:
    assert "ACROSS\\_\\allowbreak{}CHANNELS & " in latex.render([Table(("a", "b"), (("ACROSS_CHANNELS", "x"),))])


@EVERY
def test_latex_is_ascii_balanced_and_escaped(document: Document) -> None:
    source = latex.render(document)
    assert source.isascii()
    assert source.startswith("\\documentclass{article}")
    assert source.endswith("\\end{document}\n")
    outside = re.sub(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", "", source, flags=re.DOTALL)
    _check_nesting(outside)
    assert not re.search(r"\\begin\{itemize\}\s*\\end", outside)
    text = re.sub(r"\\begin\{equation\*\}.*?\\end\{equation\*\}", "", outside, flags=re.DOTALL)
    text = re.sub(r"\$[^$]*\$", "", re.sub(r"\\[\\%&$#_{}]", " ", text))
    assert not re.search(r"[%#$_^~]", text.replace("~", " "))
    for line in text.splitlines():
        assert line.count("&") in (0, *range(1, 5))
    assert "?" not in text


def _check_nesting(source: str) -> None:
    depth, open_ones = 0, []
    for sign in re.findall(r"\\begin\{(?:[a-z*]+)\}|\\end\{(?:[a-z*]+)\}|\\.|[{}]", source):
        if sign.startswith("\\begin"):
            open_ones.append((sign[7:-1], depth))
        elif sign.startswith("\\end"):
            assert open_ones.pop() == (sign[5:-1], depth)
        else:
            depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert (depth, open_ones) == (0, [])


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@EVERY
def test_pdflatex_takes_it(document: Document, tmp_path: Path) -> None:
    (tmp_path / "page.tex").write_text(latex.render(document))
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:]
