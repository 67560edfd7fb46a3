"""Local response normalization of tensors, under the parameter convention of a given framework.

>>> import numpy as np
>>> from lrn_cli import normalize
>>> normalize(np.array([1.0, 2.0, 3.0]), "tf", depth_radius=1, bias=0, alpha=1, beta=1)
array([0.2       , 0.14285714, 0.23076923])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrn_cli.analysis.questions import compare, explain, identify, translate
    from lrn_cli.arithmetic.normalize import normalize
    from lrn_cli.errors import LrnError

    def conventions() -> list[dict[str, Any]]:
        """Every convention's declaration; at run time the package of that name, which can be called."""


__version__ = "0.1.0"
__all__ = ["LrnError", "__version__", "compare", "conventions", "explain", "identify", "normalize", "translate"]

# Resolved on first use, so that `lrn --help` does not pay for NumPy.
_HOMES = {
    "LrnError": "lrn_cli.errors",
    "compare": "lrn_cli.analysis.questions",
    "explain": "lrn_cli.analysis.questions",
    "identify": "lrn_cli.analysis.questions",
    "normalize": "lrn_cli.arithmetic.normalize",
    "translate": "lrn_cli.analysis.questions",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "conventions":
        return import_module("lrn_cli.conventions")
    if name not in _HOMES:
        raise AttributeError(f"module 'lrn_cli' has no attribute {name!r}")

    return getattr(import_module(_HOMES[name]), name)
