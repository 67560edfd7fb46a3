"""A slab of a tensor, which is normalised by itself: what it reads beyond itself it reads once more."""

from __future__ import annotations

from typing import NamedTuple

from lrn_cli.boxes import Box
from lrn_cli.cluster.home import Home
from lrn_cli.errors import LrnError, explain_error
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Request
from lrn_cli.tensors.shared import Left, Place

_LARGEST, _LEAST = 256 << 20, 1 << 20
"""Bytes of a slab at most, which takes a second or so, and at least."""
_EACH = 8
"""Slabs for each thread that works, so that none waits long for the last one."""


class Slab(NamedTuple):
    """One part of a tensor.

    Attributes:
        word: The input as typed.
        request: What is asked for; its output is not looked at.
        box: Which part, in storage order.
        place: Where it goes.
    """

    word: str
    request: Request
    box: Box
    place: Place

    def elsewhere(self, home: Home) -> Slab:
        """The same for another machine."""
        request = home.request(self.request)
        return self._replace(word=request.source, request=request, place=self.place.elsewhere(home.away))


class Written(NamedTuple):
    """What came of a slab.

    Attributes:
        left: What is left to whoever has begun the output.
        broken: How many results are NaN or infinite for finite input.
    """

    left: Left
    broken: int


def write_slab(slab: Slab) -> Written | LrnError:
    """Do one slab, or say why not."""
    try:
        with Plan(slab.request) as plan, slab.place.open(slab.box) as sink:
            broken = plan.fill(sink, within=slab.box)
    except Exception as error:
        return explain_error(error, slab.word)
    return Written(sink.left, broken)


def bytes_of_slab(nbytes: int, threads: int) -> int:
    """How large the slabs of a tensor are.

    >>> bytes_of_slab(500 << 30, 100) >> 20, bytes_of_slab(1 << 30, 2) >> 20, bytes_of_slab(1 << 10, 2) >> 20
    (256, 64, 1)
    """
    return max(_LEAST, min(_LARGEST, nbytes // (_EACH * max(threads, 1))))
