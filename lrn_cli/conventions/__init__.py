"""The conventions: one file per framework, each a declaration, and what reads them.

This package imports no NumPy, so that help and completion start fast. It can be called: `lrn_cli.conventions()` is what
every convention declares, as data.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Package(ModuleType):
    """The package under a name that is promised as a function too."""

    def __call__(self) -> list[dict[str, Any]]:
        """Every convention's declaration, the default convention first.

        >>> import lrn_cli
        >>> [declared["convention"] for declared in lrn_cli.conventions()][:2]
        ['tf', 'alexnet']
        """
        from lrn_cli.conventions.registry import conventions
        from lrn_cli.conventions.summary import summary

        return [summary(convention) for convention in conventions()]


sys.modules[__name__].__class__ = _Package
