"""TensorFlow's LRN operation, whichever way its graph is written."""

from __future__ import annotations

from collections.abc import Sequence

from lrn_cli.conventions.registry import find
from lrn_cli.models.kinds import find_flaw
from lrn_cli.models.model import Layer, Written

ATTRIBUTES = {"depth_radius": int, "bias": float, "alpha": float, "beta": float}
"""What it has, and the type of each. Those that are absent have their defaults: TensorFlow 2 strips them."""


def lrn_layer(
    name: str,
    attributes: Sequence[tuple[str, Written]],
    *,
    place: str = "",
    conventions: Sequence[str] = ("tf",),
    source: str = "",
) -> Layer:
    """The layer that a node is whose operation is `LRN`.

    Args:
        name: Of the node, which is that of its output too.
        attributes: Name and value of each, also of one that is there twice.
        place: As `Layer` says it.
        conventions: The names of those that say it.
        source: The name of its input, with the number of an output of that.
    """
    written = {key: value for key, value in attributes if key in ATTRIBUTES}
    defaults = {own.name: own.default for own in find("tf").parameters if own.default is not None}
    flaw = find_flaw(attributes, ATTRIBUTES)
    words = tuple((convention, written) for convention in conventions)
    return Layer(
        "LRN",
        written,
        words,
        name=name,
        output=name,
        place=place,
        given=None if flaw else {**defaults, **written},
        flaw=flaw,
        input=source.partition(":")[0],
    )
