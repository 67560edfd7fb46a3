"""Pictures as files: in which format, whether one can be written, and that it appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from lrn_cli.errors import LrnError
from lrn_cli.tensors.replace import Replacement
from lrn_cli.tensors.targets import BESIDE, check_target

if TYPE_CHECKING:
    from lrn_cli.pages.pictures.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
_OF_DOTS = ".png"


def check_picture(word: str | None, flag: str, *, force: bool, dpi: int | None = None) -> Path | None:
    """The picture that was asked for, refused before anything is read if it could not be written.

    Args:
        word: As typed; None where none was asked for.
        flag: Behind which.
        force: Whether a file that is there may be replaced.
        dpi: Dots per inch, where they are said.

    Raises:
        LrnError: Its suffix is none of a picture, or of one without dots whose number is said; the file is there and
            may not be replaced.
    """
    if not word:
        if dpi is not None:
            raise LrnError(f"--dpi {dpi} is of a picture, and none is drawn to a file", f"{flag} FILE.png --dpi {dpi}")
        return None
    path = Path(word)
    if path.suffix.lower() not in FORMATS:
        raise LrnError(f"{path}: a picture is one of {', '.join(FORMATS)}", f"{flag} {path.with_suffix('.png')}")
    if dpi is not None and path.suffix.lower() != _OF_DOTS:
        message = f"{path}: --dpi {dpi} is for {_OF_DOTS}; {path.suffix} is sharp at any size"
        raise LrnError(message, f"{flag} {quote(str(path.with_suffix(_OF_DOTS)))} --dpi {dpi}")
    check_target(path, force=force, instead=BESIDE)
    return path


def save_picture(figure: Figure, path: Path, *, force: bool, dpi: int | None = None) -> None:
    """Write a figure in the format that the file's suffix names; the same figure gives the same bytes."""
    from lrn_cli.pages.pictures import pdf, png, svg
    from lrn_cli.pages.pictures.sheet import arrange

    write: Callable[..., bytes] = {".png": png.write, ".svg": svg.write, ".pdf": pdf.write}[path.suffix.lower()]
    save(write(arrange(figure), **({} if dpi is None else {"dpi": dpi})), path, force=force)


def save(data: bytes, path: Path, *, force: bool) -> None:
    """Write a file whole or not at all."""
    replacement = Replacement(path, force=force)
    try:
        replacement.path.write_bytes(data)
        replacement.commit()
    except BaseException:
        replacement.abort()
        raise
