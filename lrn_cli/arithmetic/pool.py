"""Kernels kept from one tensor to the next: a small tensor's scratch memory takes longer to get than to use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.windows import Window
from lrn_cli.formula import ResponseNorm

Use = tuple[ResponseNorm, Window, Precision, bool]

_KEPT_BYTES = 16 << 20
"""Kernels with more scratch memory are not kept: beside the tensors that need so much, getting it costs nothing."""
_KEPT_KERNELS = 8

_lock = Lock()
_idle: list[tuple[Use, Kernel]] = []


@contextmanager
def kernels(
    norm: ResponseNorm, window: Window, precision: Precision, *, in_place: bool = False
) -> Iterator[Callable[[], Kernel]]:
    """Give kernels for one use, a new one at each call and from any thread, and keep them for the next such use.

    Args:
        norm, window, precision, in_place: As for `Kernel`.
    """
    use, given = (norm, window, precision, in_place), list[Kernel]()

    def next_kernel() -> Kernel:
        with _lock:
            index = next((index for index, (other, _) in enumerate(_idle) if other == use), None)
            kernel = _idle.pop(index)[1] if index is not None else None
        given.append(kernel or Kernel(norm, window, precision, in_place=in_place))
        return given[-1]

    yield next_kernel
    # Not after a failure: a thread may still be at work with one of them.
    with _lock:
        _idle[:0] = [(use, kernel) for kernel in given if kernel.nbytes <= _KEPT_BYTES]
        del _idle[_KEPT_KERNELS:]
