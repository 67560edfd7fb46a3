"""Pairs of an input and an output, made by the formula written out, apart from the code under test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def activations(shape: tuple[int, ...], size: float, *, dtype: str = "f4", relu: bool = False, seed: int = 0) -> Array:
    """Normal numbers of that size, or what ReLU leaves of them."""
    x = np.random.default_rng(seed).standard_normal(shape) * size
    return (np.maximum(x, 0) if relu else x).astype(dtype)


def normalized(x: Array, window: Mapping[int, tuple[int, int]], bias: float, scale: float, beta: float) -> Array:
    """y = x / (bias + scale * sum) ^ beta in float64, rounded once; the window is `{axis: (before, after)}`."""
    sums = np.square(x.astype("f8"))
    for axis, (before, after) in window.items():
        padding = [(0, 0)] * x.ndim
        padding[axis] = (before, after)
        view = np.lib.stride_tricks.sliding_window_view(np.pad(sums, padding), before + 1 + after, axis)
        sums = view.sum(axis=-1)
    y: Array = (x.astype("f8") / (bias + scale * sums) ** beta).astype(x.dtype)
    return y


def with_a_running_sum(x: Array, width: int, bias: float, scale: float, beta: float) -> Array:
    """The same over an odd window on axis 1, by a running sum in float32: add what enters, subtract what leaves."""
    reach = width // 2
    squares = np.float32(scale) * np.square(np.pad(x, [(0, 0), (reach, reach), *[(0, 0)] * (x.ndim - 2)]))
    base = np.full_like(x[:, 0], bias)
    for channel in range(width):
        base += squares[:, channel]
    y = np.empty_like(x)
    for channel in range(x.shape[1]):
        if channel:
            base = base + squares[:, channel + width - 1] - squares[:, channel - 1]
        y[:, channel] = x[:, channel] * base ** np.float32(-beta)
    return y
