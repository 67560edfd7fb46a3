"""Local response normalization of tensors, under the parameter convention of a given framework.

>>> import numpy as np
>>> from lrn_cli import normalize
>>> normalize(np.array([1.0, 2.0, 3.0]), "tf", depth_radius=1, bias=0, alpha=1, beta=1)
array([0.2       , 0.14285714, 0.23076923])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrn_cli._version import __version__

if TYPE_CHECKING:
    from lrn_cli.api import compare, explain, gradient, identify, layers, normalize, parameter_gradient, translate
    from lrn_cli.errors import LrnError

__all__ = [
    "LrnError",
    "__version__",
    "compare",
    "explain",
    "gradient",
    "identify",
    "layers",
    "normalize",
    "parameter_gradient",
    "translate",
]


def __getattr__(name: str) -> Any:
    """A public function, its module imported on first use, so that `lrn --help` does not pay for NumPy."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'lrn_cli' has no attribute {name!r}")
    return getattr(import_module("lrn_cli.errors" if name == "LrnError" else "lrn_cli.api"), name)
