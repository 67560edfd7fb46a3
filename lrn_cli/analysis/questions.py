"""The questions of the command line, asked from Python: the answers are plain data, as `--json` prints them."""

from __future__ import annotations

from typing import Any

from lrn_cli.analysis import explanation, translation
from lrn_cli.conventions.registry import find
from lrn_cli.conventions.specification import bound


def translate(convention: str, to: str | None = None, **parameters: int | float | str) -> Any:
    """The parameters under which another convention computes the same.

    Args:
        convention: A name ("caffe") or one word ("caffe:local_size=5,alpha=1e-4").
        to: The other convention; by default every other one.
        **parameters: Under the framework's own names.

    Returns:
        A dictionary with `convention`, `parameters` (None where it cannot compute the same), `word` (all in one word),
        `warnings`, `refusal` and `nearest`; without `to` a list of them.

    Raises:
        LrnError: There is no such convention, or it does not take the numbers.

    >>> translate("caffe:local_size=5,alpha=1e-4", to="tf")["word"]
    'tf:depth_radius=2,bias=1,alpha=2e-05,beta=0.75'
    >>> translate("caffe", "neupy", local_size=5)["refusal"]
    'neupy: depth_radius is 2, it must be 1 or more and odd'
    """
    given = bound(convention, parameters)
    if to is not None:
        return translation.translate(given, find(to)).as_data()
    return [answer.as_data() for answer in translation.everywhere(given)]


def explain(convention: str | None = None, **parameters: int | float | str) -> Any:
    """What a convention means: formula, parameters, canonical form, worked example, traps, other conventions, calls.

    Args:
        convention: A name or one word; by default all of them with their defaults.
        **parameters: Under the framework's own names.

    Returns:
        A dictionary, for all of them a list.

    Raises:
        LrnError: There is no such convention, or it does not take the numbers.

    >>> explain("caffe", local_size=3, alpha=0.3)["scale"]
    0.1
    """
    if convention is None:
        return [one.as_data() for one in explanation.overview()]
    return explanation.explain(convention, dict(parameters)).as_data()
