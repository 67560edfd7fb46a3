"""Signs of the printers' alphabet, for writers whose one font has no others."""

from __future__ import annotations

import unicodedata

_SIGNS = {"−": "-", "–": "-", "—": "-", "·": ".", "…": "...", "²": "^2", "≤": "<=", "≥": ">=", "×": "x", "Σ": "sum"}


def plain(text: str) -> str:
    """The text in ASCII, letters without their accents, and ? for what has no like.

    >>> plain("é ≤ 2·x² 漢")
    'e <= 2.x^2 ?'
    """
    return "".join(sign if " " <= sign <= "~" else _SIGNS.get(sign) or _like(sign) for sign in text)


def _like(sign: str) -> str:
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode().strip() or "?"
