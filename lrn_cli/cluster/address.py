"""Where a cluster is: an address, a scheduler's file, or what Dask itself is configured for."""

from __future__ import annotations

import logging
import re
import socket
import warnings
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, cast

from lrn_cli.errors import LrnError, one_line

if TYPE_CHECKING:
    from distributed import Client

DASK = "dask"
_PATIENCE = 6.0
"""Seconds in which a scheduler has to answer."""
_SCHEMES, _LAST_PORT = ("tcp", "tls"), 65535
_HEAD, _LONGEST = 8, 1 << 20
"""Bytes with which its first word says how long that is, and the longest that is one of a scheduler's."""
_LOGGERS = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado", "asyncio")


def connect(address: str, *, debug: bool = False) -> Client:
    """A client of the scheduler.

    Args:
        address: `tcp://host:8786`, `tls://...`, the file that `dask scheduler --scheduler-file` writes, or `dask`.
        debug: Let Dask say what it has to say.

    Raises:
        LrnError: Dask is not installed, that is no address, or nothing answers there.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise LrnError("--cluster needs distributed", "pip install 'lrn-tensor[cluster]'") from None
    place = resolve(address)
    _check_answers(place)
    if not debug:
        # What matters of it is said in our own words, and each word of a lost scheduler's in every thread is not.
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", module="distributed")
    # One that has not come about would wait, when Python ends, for its own end.
    kind: Any = type("Client", (Client,), {"__del__": lambda _: None})
    try:
        return cast("Client", kind(place, timeout=_PATIENCE, set_as_default=False))
    except OSError as error:
        raise _nobody(place, str(error)) from None
    except (ValueError, ImportError, RuntimeError, TypeError) as error:
        raise LrnError(f"{place}: {one_line(str(error))}", "dask config get distributed.comm") from None


def _check_answers(place: str) -> None:
    """Refuse an address where nothing answers, or something else does: Dask would wait for its first word for ever."""
    scheme, _, rest = place.partition("://")
    if scheme not in _SCHEMES:
        raise LrnError(f"--cluster {place}: {scheme}:// is no address of a scheduler", _likely(place))
    host, _, port = rest.rpartition(":")
    if not (host and port.isdecimal() and 0 < int(port) <= _LAST_PORT):
        raise LrnError(f"--cluster {place}: has no port from 1 to {_LAST_PORT:,}", _likely(place))
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE) as connection:
            if scheme == "tcp":
                head = connection.recv(_HEAD)  # a scheduler speaks first; through TLS it cannot
                if len(head) < _HEAD or int.from_bytes(head, "little") > _LONGEST:
                    raise _nobody(place, "what is there is no scheduler")
    except OSError as error:
        raise _nobody(place, error.strerror or str(error)) from None


def _likely(typed: str) -> str:
    """The address that was meant: at the host that was typed, and at its port, if that may be a scheduler's.

    >>> _likely("127.0.0.1:9000"), _likely("http://HOST:8787/status"), _likely("tls://[::1]"), _likely("tcp://h:99999")
    ('tcp://127.0.0.1:9000', 'tcp://HOST:8786', 'tls://[::1]:8786', 'tcp://h:8786')
    """
    scheme, _, rest = typed.rpartition("://")
    found = re.match(r"(\[.*\]|[^:/]*)(?::(\d+))?", rest)
    host, port = found.groups() if found else ("", None)
    usable = port is not None and int(port) <= _LAST_PORT and not scheme.startswith("http")
    return f"{scheme if scheme in _SCHEMES else 'tcp'}://{host or 'HOST'}:{port if usable else 8786}"


def _nobody(place: str, why: str) -> LrnError:
    port = place.rpartition(":")[2]
    return LrnError(f"{place}: no scheduler answers there: {why}", f"dask scheduler --port {port}")


def resolve(address: str) -> str:
    """The address itself, that in a scheduler's file, or that in Dask's configuration.

    Raises:
        LrnError: It is none of these.
    """
    if address == DASK:
        return _configured()
    if "://" in address:
        return address
    if not address or not Path(address).exists():
        wanted = "tcp://HOST:8786, tls://HOST:8786, a scheduler's file, or dask"
        hint = _likely(address) if re.fullmatch(r".+:\d+", address) else wanted
        raise LrnError(f"--cluster {address or quote(address)}: is neither an address nor a file", hint)
    return _from_file(address)


def _from_file(path: str) -> str:
    import json

    try:
        found: Any = json.loads(Path(path).read_text(encoding="utf-8"))
        return str(found["address"])
    except (OSError, ValueError, KeyError, TypeError):
        hint = "a file that dask scheduler --scheduler-file writes, or tcp://HOST:8786"
        raise LrnError(f"{path}: is no scheduler's file", hint) from None


def _configured() -> str:
    import dask

    found = dask.config.get("scheduler-address", None)
    if not found:
        raise LrnError(
            "--cluster dask: Dask's configuration names no scheduler", "export DASK_SCHEDULER_ADDRESS=tcp://HOST:8786"
        )
    return str(found)
