"""The same passes compiled, where the package was built with a compiler: which variant of them runs, and why.

Without them NumPy's passes serve, and the results are the same to the bit. `LRN_NATIVE=0` switches them off.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, NamedTuple


class Choice(NamedTuple):
    """What does the arithmetic.

    Attributes:
        variant: Of the compiled passes; None where NumPy does it.
        reason: Why it is NumPy.
        compiled: The extension, if there is one.
    """

    variant: str | None
    reason: str = ""
    compiled: Any = None

    @property
    def variants(self) -> tuple[str | None, ...]:
        """All that could be chosen on this machine: None for NumPy, and the variants of the extension."""
        return (None, *reversed(self.compiled.variants())) if self.compiled else (None,)

    def __str__(self) -> str:
        if self.variant is None:
            return f"arithmetic: NumPy (no compiled part: {self.reason})"
        return f"arithmetic: compiled, {self.variant}"


def choose(wish: str) -> Choice:
    """Choose the best there is.

    Args:
        wish: What the environment says: "0" for none of it.

    >>> print(choose("0"))
    arithmetic: NumPy (no compiled part: LRN_NATIVE=0)
    """
    if wish == "0":
        return Choice(None, "LRN_NATIVE=0")
    try:
        compiled = import_module(f"{__name__}._native")
    except ModuleNotFoundError:
        return Choice(None, "none was built when lrn was installed")
    except ImportError as error:
        return Choice(None, str(error))
    return Choice(compiled.variants()[0], compiled=compiled)


chosen = choose(os.environ.get("LRN_NATIVE", ""))
