"""Which axis is which: what was asked for, and what an image fixes, is judged by one rule for every command."""

from __future__ import annotations

import pytest

from lrn_cli import LrnError, layouts

# (shape, what was asked for, what follows)
ASKED = [
    ((2, 5, 5, 3), {}, None),
    ((2, 5, 5, 3), {"layout": "nhwc"}, "NHWC"),
    ((2, 5, 5, 3), {"axis": 1}, "NCHW"),
    ((5, 5, 3), {"fixed": "HWC"}, "HWC"),
    ((5, 5, 3), {"fixed": "HWC", "axis": -1}, "HWC"),
    ((5, 5, 3), {"fixed": "HWC", "axis": 2}, "HWC"),
    ((5, 5, 3), {"fixed": "HWC", "layout": "HWC"}, "HWC"),
]

REFUSED = [
    ((2, 5, 5, 3), {"layout": "NHWC", "axis": 3}, "both say where the channels are"),
    ((5, 5, 3), {"fixed": "HWC", "layout": "HWC", "axis": 2}, "both say where the channels are"),
    ((5, 5, 3), {"fixed": "HWC", "axis": 5}, "axis 5 is not there"),
    ((5, 5, 3), {"fixed": "HWC", "axis": 0}, "its channels are not on axis 0"),
    ((5, 5, 3), {"fixed": "HWC", "layout": "CHW"}, "an image is HWC, not CHW"),
    ((5, 5, 3), {"layout": "NHWC"}, "names 4 axes, the tensor has 3"),
]


@pytest.mark.parametrize(("shape", "asked", "layout"), ASKED)
def test_the_layout_is_the_one_given_or_fixed(shape: tuple[int, ...], asked: dict[str, str], layout: str) -> None:
    assert layouts.choose(shape, **asked) == layout  # type: ignore[arg-type]


@pytest.mark.parametrize(("shape", "asked", "reason"), REFUSED)
def test_what_contradicts_the_tensor_or_itself_is_refused(
    shape: tuple[int, ...], asked: dict[str, str], reason: str
) -> None:
    with pytest.raises(LrnError, match=reason):
        layouts.choose(shape, **asked)  # type: ignore[arg-type]
