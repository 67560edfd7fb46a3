"""Darknet's .cfg: its layers are shown and not applied, for its kernel computes something else.

pjreddie/darknet: src/parser.c parse_normalization, src/normalization_layer.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.models.content import Content
from lrn_cli.models.kinds import read_number
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.sections import has_sections, read_sections

_NET = ("net", "network")
_LRN = ("normalization", "lrn")
_DEFAULTS: dict[str, int | float] = {"alpha": 0.0001, "beta": 0.75, "kappa": 1.0, "size": 5}
_KERNEL = (
    "Darknet's kernel leaves the square of channel size/2 out of the first sums and takes it from the later ones,"
    " which no convention does"
)


class Darknet(ModelFormat):
    """A net, whose first section is [net]."""

    name = "darknet"
    title = "a Darknet configuration"

    def matches(self, content: Content) -> bool:
        """Whether the first section is the net's."""
        if not has_sections(content):
            return False
        start = content.head.partition(b"[")[2].partition(b"]")[0].strip()
        return start.decode("utf-8", "replace") in _NET

    def layers(self, content: Content) -> Iterator[Layer]:
        """The sections that are LRN; layers have no names there."""
        for section in read_sections(content):
            if section.name in _LRN:
                written: dict[str, Written] = {k: v for k, v in section.values.items() if k in _DEFAULTS}
                filled, flaw = _fill_in(section.values)
                place = f"section {section.number}"
                yield Layer(f"[{section.name}]", written, place=place, given=filled, flaw=flaw or _KERNEL)


def _fill_in(values: dict[str, str]) -> tuple[dict[str, Written], str]:
    filled: dict[str, Written] = dict(_DEFAULTS)
    flaw = ""
    for key, default in _DEFAULTS.items():
        try:
            filled[key] = read_number(values[key], type(default)) if key in values else default
        except ValueError:
            filled[key], flaw = values[key][:40], f"{key} is {values[key][:40]!r}, no number"
    return filled, flaw


FORMATS = (Darknet(),)
