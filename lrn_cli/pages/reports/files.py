"""Reports as files: in which format, whether one can be written, and that it appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.pages.document import Document
from lrn_cli.pages.pictures.files import save
from lrn_cli.tensors.targets import BESIDE, check_target

_HTML, _MARKDOWN = (".html", ".htm"), (".md", ".markdown")


def check_report(word: str | None, *, force: bool) -> Path | None:
    """The report that was asked for, refused before anything is read if it could not be written.

    Raises:
        LrnError: Its suffix is none of a report, or the file is there and may not be replaced.
    """
    if not word:
        return None
    path = Path(word)
    if path.suffix.lower() not in (*_HTML, *_MARKDOWN):
        raise LrnError(f"{path}: a report is .html or .md", f"--report {path.with_suffix('.html')}")
    check_target(path, force=force, instead=BESIDE)
    return path


def save_report(document: Document, path: Path, *, force: bool, play: str = "") -> None:
    """Write a document in the format that the file's suffix names.

    Args:
        document: The report.
        path: Where.
        force: Whether a file that is there may be replaced.
        play: What an HTML page has besides; see `html.render`.
    """
    if path.suffix.lower() in _HTML:
        from lrn_cli.pages.reports import html

        text = html.render(document, play)
    else:
        from lrn_cli.pages.formats import render

        text = render(document, "markdown")
    save(text.encode("utf-8", "backslashreplace"), path, force=force)
