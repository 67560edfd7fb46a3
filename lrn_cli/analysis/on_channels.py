"""Translation for a tensor of so many channels: windows that reach over all of them are the same there."""

from __future__ import annotations

from dataclasses import replace

from lrn_cli.analysis.translation import FOR_THIS_WINDOW, Translation, express
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Role, show
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span


def translate_on(given: Bound, answer: Translation, channels: int) -> Translation:
    """The parameters under which another convention computes what `given` does on a tensor of so many channels.

    Args:
        given: The convention with its numbers.
        answer: The translation for any number of channels.
        channels: How many the tensor has.

    >>> from lrn_cli.analysis.translation import translate
    >>> from lrn_cli.conventions.binding import bound, find
    >>> given = bound("onnx:size=8")
    >>> translate_on(given, translate(given, find("caffe")), 4).bound.word
    'caffe:local_size=7,alpha=8.75e-05,beta=0.75,k=1,norm_region=ACROSS_CHANNELS'
    """
    told, target = answer.warnings if answer.bound is None else (), answer.target
    answer = _fitting(answer, channels)
    if answer.bound is not None or set(given.norm.window) != {"C"}:
        return answer
    reach = given.norm.window["C"].within(channels)
    for value in range(2 * max(given.norm.window["C"].width, channels) + 1):
        span = _span(target, value)
        if span is None or span.within(channels) != reach:
            continue
        same = _fitting(express(replace(given.norm, window={"C": span}), target), channels)
        if same.bound is not None:
            name = target.parameter(Role.WINDOW).name
            note = f"{name} {show(same.bound.values[name])} reaches as far only on {channels} channels"
            return same._replace(warnings=(note, *same.warnings, *told))
    return answer


def _span(target: Convention, value: int) -> Span | None:
    """The window that a value of the target's parameter makes; None where it does not take the value."""
    if any(limit.refuses(value) for limit in target.parameter(Role.WINDOW).limits):
        return None
    return target.window.span(value)


def _fitting(answer: Translation, channels: int) -> Translation:
    """The answer, refused where the target does so for a tensor of so many channels; a warning of that is settled."""
    if answer.bound is None or not answer.target.window_fits_channels:
        return answer
    try:
        answer.bound.check_channels(channels)
    except LrnError as error:
        return Translation(answer.target, None, error)
    return answer._replace(warnings=tuple(line for line in answer.warnings if not line.endswith(FOR_THIS_WINDOW)))
