"""What a framework does not take of a tensor: its rank, its axes, its channels; with what to type instead."""

from __future__ import annotations

from lrn_cli import layouts
from lrn_cli.conventions.bound import Bound
from lrn_cli.conventions.declaration import SPATIAL
from lrn_cli.conventions.parameters import Role, show
from lrn_cli.errors import LrnError


def check_axes(choice: Bound, fitted: str | None, shape: tuple[int, ...]) -> str:
    """Refuse a tensor whose axes are not those that the convention's numbers speak of.

    Args:
        choice: The convention with its numbers.
        fitted: A letter for each axis; None where none of the convention's layouts is of that rank.
        shape: Of the tensor.
    """
    window, region = choice.value(Role.WINDOW), choice.region
    if isinstance(window, tuple) and len(window) != len(shape):
        raise _other_length(choice, window, shape)
    if fitted is None:
        raise _other_rank(choice, shape)
    if region.axes == SPATIAL and not region.over(fitted):
        raise LrnError(
            f"{choice.convention.name}: {region.name} is over the spatial axes, and {fitted}"
            f" ({layouts.describe(shape)}) has none",
            "--layout NCHW, or whichever the tensor has",
        )
    if "." in choice.over(fitted).reach:
        raise LrnError(
            f"{choice.convention.name}: the window lies over axes of which only the channels' is known ({fitted})",
            f"--layout with {len(shape)} letters, as NCHW",
        )
    if isinstance(region.name, tuple) and not set(region.axes) <= set(fitted):
        raise _other_axes(choice, fitted, shape)
    return fitted


def _other_rank(choice: Bound, shape: tuple[int, ...]) -> LrnError:
    convention, rank = choice.convention, len(shape)
    taken = ", ".join(choice.layouts)
    word = layouts.customary((), rank) or layouts.alike(choice.layouts, rank)
    place = word.index("C") - (len(word) if word.endswith("C") or word.startswith(layouts.ANY) else 0)
    hint = f"--layout {word}, or another one; or --axis {place}"
    if convention.least_rank == 1:
        message = f"{convention.name} has no layout for rank {rank} ({layouts.describe(shape)}), only {taken}"
        return LrnError(message, hint)
    known = sorted({len(layout) for layout in choice.layouts if layouts.ANY not in layout})
    ranks = " or ".join(map(str, known)) or f"{convention.least_rank} or more"
    message = f"{convention.name} takes tensors of rank {ranks} ({taken}), and this has rank {rank}"
    return LrnError(f"{message}: {layouts.describe(shape)}", hint)


def _other_length(choice: Bound, window: tuple[int, ...], shape: tuple[int, ...]) -> LrnError:
    parameter, rank = choice.convention.parameter(Role.WINDOW), len(shape)
    fitting = (*window, *(1 for _ in shape))[:rank]
    return LrnError(
        f"{choice.convention.name}: {parameter.name} {show(window)} is for {len(window)} axes, one number each, and the"
        f" tensor has {rank}: {layouts.describe(shape)}",
        f"{parameter.flag} {show(fitting)}",
    )


def _other_axes(choice: Bound, fitted: str, shape: tuple[int, ...]) -> LrnError:
    parameter = choice.convention.parameter(Role.REGION)
    there = [show(one.name) for one in choice.convention.regions if set(one.axes) <= set(fitted)]
    return LrnError(
        f"{choice.convention.name}: {parameter.name} {show(choice.region.name)} is {' and '.join(choice.region.axes)};"
        f" of {fitted} ({layouts.describe(shape)}) it takes {' or '.join(there)}",
        f"{parameter.flag} {there[min(1, len(there) - 1)]}",
    )
