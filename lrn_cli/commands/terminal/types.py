"""What options are made of: kinds of values, several options as one decorator, and one record of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

import click

from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])
Record = TypeVar("Record")


class LateChoice(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions of Click
    """One of several names, whatever its case.

    Args:
        names: Gives the names.
    """

    name = "name"

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        self._names = names

    @property
    def _choice(self) -> Any:
        return click.Choice(self._names(), case_sensitive=False)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """The names, as help shows them."""
        return f"[{'|'.join(self._names())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name as it is declared."""
        if param is not None and value == param.default:
            return value  # without a look at what there is besides
        return self._choice.convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that begin like that."""
        found: list[CompletionItem] = self._choice.shell_complete(ctx, param, incomplete)
        return found


_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Size(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions of Click
    """A number of bytes: 200M, 1.5GiB, 65536."""

    name = "size"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it; K, M, G and T are powers of 1024."""
        if isinstance(value, int):
            return value
        text = value.strip().upper().removesuffix("B").removesuffix("I")
        number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS and text[-1:] else (text, "")
        try:
            size = int(float(number) * _UNITS[unit])
        except (ValueError, OverflowError):
            size = 0
        if size < 1:
            self.fail(f"{value!r} is no size, as 200M is", param, ctx)
        return size


def once(_context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> str | None:
    """The value of an option that may be given once; Click itself would take the last of several without a word."""
    if len(values) > 1:
        raise LrnError(
            f"{parameter.opts[0]} is given {len(values)} times", "one name with wildcards, or a run for each"
        )
    return values[0] if values else None


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator; help shows the last one first."""

    def add(command: Command) -> Command:
        for option in options:
            command = option(command)
        return command

    return add


def into(record: Callable[..., Record]) -> Callable[[Callable[[Record], int]], Callable[..., int]]:
    """Call a verb with one record of what Click has read, instead of a word for each option.

    Args:
        record: Its fields are the verb's own options, and records of options that several verbs have.
    """

    def call_with(verb: Callable[[Record], int]) -> Callable[..., int]:
        @wraps(verb)
        def command(**typed: Any) -> int:
            groups = {
                name: kind(**{field: typed.pop(field) for field in kind._fields})
                for name, kind in get_type_hints(record).items()
                if hasattr(kind, "_fields") and not isinstance(typed.get(name), kind)
            }
            return verb(record(**typed, **groups))

        return command

    return call_with
