"""What help says of conventions: which there are behind `-c`, and the parameters of one."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Parameter, show
from lrn_cli.conventions.registry import DEFAULT, usual

_METAVARS = {"integer": "N", "name": "NAME", "list": "[N,...]"}


def describe_choice(otherwise: str) -> str:
    """What `-c` is for.

    Args:
        otherwise: What is taken where it is not given; `{}` in it stands for the default.
    """
    return (
        f"The framework whose parameters these are [{otherwise.format(DEFAULT)}]: "
        f"{', '.join(convention.name for convention in usual())}, or another that lrn conventions lists; with"
        " parameters, as in caffe:local_size=3."
    )


def describe(convention: Convention) -> tuple[str, list[tuple[str, str]]]:
    """A heading, and a row for each parameter with the framework's own default."""
    heading = f"{convention.name} ({convention.title}; {', '.join(convention.layouts)})"
    return heading, [_row(parameter) for parameter in convention.parameters]


def _row(parameter: Parameter) -> tuple[str, str]:
    metavar = _METAVARS.get(parameter.type_name, "X")
    wanted = "".join(f", {limit}" for limit in parameter.limits)
    default = "required" if parameter.default is None else show(parameter.default)
    return f"{parameter.flag} {metavar}", f"{parameter.meaning}{wanted} [{default}]"
