"""A sheet as SVG: text to be selected, colours that follow the reader's page, light or dark; nothing from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from xml.sax.saxutils import escape, quoteattr

from lrn_cli.pages.pictures.marks import Area, Ink, Mark, Raster, Rect, Sheet, Strokes, Text, measure

_LONG = 40.0
_HEAD = '<svg xmlns="http://www.w3.org/2000/svg"'
_FONT = "Helvetica,Arial,'Liberation Sans',sans-serif"


def colours() -> str:
    """What a page needs for the colours of pictures: names for them, on white paper and on black."""
    light, dark = (";".join(f"--{ink.word}:{ink.value[paper]}" for ink in Ink) for paper in (0, 1))
    return f":root{{color-scheme:light dark;{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"


def write(sheet: Sheet) -> bytes:
    """The sheet as a file."""
    style = colours().replace(":root{color-scheme:light dark;", "svg{").replace(":root", "svg")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + element(sheet, style=f"<style>{style}</style>") + "\n"
    ).encode()


def element(sheet: Sheet, *, style: str = "", name: str = "") -> str:
    """The sheet as an element of a page that has the colours, or with a style of its own."""
    size = f'viewBox="0 0 {_n(sheet.width)} {_n(sheet.height)}"'
    fixed = f' width="{_n(sheet.width)}" height="{_n(sheet.height)}"' if style else ""
    identity = f" id={quoteattr(name)}" if name else ""
    said = f'role="img" aria-label={quoteattr(_clean(f"{sheet.title}. {sheet.description}"))}'
    marks = "\n".join(map(_mark, sheet.marks))
    head = f'{_HEAD}{identity} {size}{fixed} {said} font-family="{_FONT}">'
    return f"{head}\n<title>{_text(sheet.title)}</title>{style}\n{marks}\n</svg>"


def _mark(mark: Mark) -> str:
    match mark:
        case Rect(x, y, width, height, ink, opacity):
            return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" {_fill(ink, opacity)}/>'
        case Strokes(lines, ink, width, dash):
            path = "".join("M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in line) for line in lines if line)
            dashes = f' stroke-dasharray="{" ".join(map(_n, dash))}"' if dash else ""
            return f'<path d="{path}" fill="none" stroke="var(--{ink.word})" stroke-width="{_n(width)}"{dashes}/>'
        case Area(points, ink, opacity):
            return f'<polygon points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in points)}" {_fill(ink, opacity)}/>'
        case Raster(x, y, width, height):
            place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
            how = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
            return f'<image {place} {how} href="data:image/png;base64,{_png(mark)}"/>'
        case Text():
            return _written(mark)


def _written(text: Text) -> str:
    place = f'x="{_n(text.x)}" y="{_n(text.y)}"'
    turned = f' transform="rotate(-90 {_n(text.x)} {_n(text.y)})"' if text.turned else ""
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    bold = ' font-weight="bold"' if text.bold else ""
    fill = f'font-size="{_n(text.size)}" fill="var(--{text.ink.word})"'
    wide = measure(text.text, text.size, bold=text.bold)
    # In whatever font the reader has it is as long as it was measured, and runs into nothing.
    length = f' textLength="{_n(wide)}" lengthAdjust="spacingAndGlyphs"' if wide > _LONG else ""
    return f"<text {place} {fill}{anchor}{bold}{turned}{length}>{_text(text.text)}</text>"


def _fill(ink: Ink, opacity: float) -> str:
    return f'fill="var(--{ink.word})"' + (f' fill-opacity="{_n(opacity)}"' if opacity < 1 else "")


def _png(raster: Raster) -> str:
    """The cells as a small PNG file, one pixel each."""
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.fromarray(raster.pixels).save(file, "PNG", optimize=True)
    return b64encode(file.getvalue()).decode()


def _n(number: float) -> str:
    """A coordinate to a hundredth of a pixel."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    """The text without what XML cannot hold at all, which a file's name may have."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
