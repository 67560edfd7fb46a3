"""Signs of the printers' alphabet, for writers whose one font has no others."""

from __future__ import annotations

import unicodedata

_SIGNS = {"−": "-", "–": "-", "—": "-", "·": ".", "…": "...", "²": "^2", "≤": "<=", "≥": ">=", "×": "x", "Σ": "sum"}


_DRAWING = {
    **_SIGNS,
    **{"■": "#", "●": "@", "○": "0", "│": "|", "┤": "+", "┴": "+", "└": "+", "─": "-", "═": "=", "′": "'"},
    **{"░": "-", "▒": "+", "▓": "#", "█": "@", "✓": "+", "✗": "x", "⌊": "[", "⌋": "]"},
}
"""Signs that `lrn` itself draws and writes with; a file's name may have others, which nobody can replace."""


def without_drawing(text: str, encoding: str | None) -> str:
    """The text with signs of drawings and formulas in ASCII, as far as the encoding lacks them.

    >>> without_drawing("Σ x² │·│", "latin-1")
    'sum x² |·|'
    """
    lacking = {ord(sign): other for sign, other in _DRAWING.items() if not _has(encoding, sign)}
    return text.translate(lacking)


def _has(encoding: str | None, sign: str) -> bool:
    try:
        sign.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def plain(text: str) -> str:
    """The text in ASCII, letters without their accents, and ? for what has no like.

    >>> plain("é ≤ 2·x² 漢")
    'e <= 2.x^2 ?'
    """
    return "".join(sign if " " <= sign <= "~" else _SIGNS.get(sign) or _like(sign) for sign in text)


def _like(sign: str) -> str:
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode().strip() or "?"
