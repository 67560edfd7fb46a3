"""Values of parameters: read from text or from Python numbers, checked against the framework's limits, and shown."""

from __future__ import annotations

import math
import numbers

from lrn_cli.conventions.parameters import Parameter, Role, Value
from lrn_cli.errors import LrnError

_GREATEST = 2**63 - 1
"""The largest integer that any of the frameworks counts to."""


def read(parameter: Parameter, value: object) -> Value:
    """One parameter's value from text or from a Python number, checked against the framework's limits.

    Raises:
        LrnError: It is of another type, not finite, or beyond a limit.
    """
    if parameter.role is Role.REGION:
        return _choice(parameter, value)
    number = _integer(parameter, value) if parameter.role is Role.WINDOW else _finite(parameter, value)
    if any(limit.refuses(number) for limit in parameter.limits):
        wanted = " and ".join(str(limit) for limit in parameter.limits)
        message = f"{parameter.name} is {show(number)}, it must be {wanted}"
        raise LrnError(message, f"{parameter.flag} {show(_near(parameter, number))}")
    return number


def _integer(parameter: Parameter, value: object) -> int:
    hint = f"{parameter.flag} {parameter.default or 5}"
    try:
        # Python would read 1_0 as 10, which no framework's own file format does.
        if not isinstance(value, (str, numbers.Integral)) or isinstance(value, bool):
            raise ValueError
        if isinstance(value, str) and "_" in value:
            raise ValueError
        number = int(value)
    except ValueError:
        raise LrnError(f"{parameter.name} is {value!r}, it must be an integer", hint) from None
    if abs(number) > _GREATEST:
        raise LrnError(f"{parameter.name} is beyond {_GREATEST}, which no framework's integers are", hint)
    return number


def _finite(parameter: Parameter, value: object) -> float:
    hint = f"{parameter.flag} {show(parameter.default or 1)}"
    try:
        if not isinstance(value, (str, numbers.Real)) or isinstance(value, bool) or "_" in str(value):
            raise ValueError
        number = float(value)
    except ValueError:
        raise LrnError(f"{parameter.name} is {value!r}, it must be a number", hint) from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise LrnError(f"{parameter.name} is {value}, it must be a finite number", hint)
    return number


def _choice(parameter: Parameter, value: object) -> str:
    match = next((choice for choice in parameter.choices if choice.lower() == str(value).lower()), None)
    if match is None:
        raise LrnError(
            f"{parameter.name} is {value!r}, it must be {' or '.join(parameter.choices)}",
            f"{parameter.flag} {parameter.default}",
        )
    return match


def _near(parameter: Parameter, refused: int | float) -> int | float:
    """A value near the refused one that every limit allows."""
    for limit in parameter.limits:
        refused = limit.allowed_near(refused)
    return refused


def show(value: Value) -> str:
    """A parameter's value as people write it: the shortest decimal, and no `.0`.

    >>> show(1.0), show(1e-05), show(5), show("WITHIN_CHANNEL")
    ('1', '1e-05', '5', 'WITHIN_CHANNEL')
    """
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
