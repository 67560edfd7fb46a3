"""Where a cluster is: an address, a scheduler's file, or what Dask itself is configured for."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from distributed import Client

DASK = "dask"
_PATIENCE = 8.0
"""Seconds in which a scheduler has to answer."""
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
    if not debug:
        # What matters of it is said in our own words, and each word of a lost scheduler's in every thread is not.
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", module="distributed")
    try:
        return Client(place, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError, ImportError, RuntimeError, TypeError) as error:
        reason = "" if isinstance(error, (OSError, TimeoutError)) else f": {error}"
        raise LrnError(
            f"{place}: no scheduler answers there{reason}", f"dask scheduler --port {_port(place)}"
        ) from None


def resolve(address: str) -> str:
    """The address itself, that in a scheduler's file, or that in Dask's configuration.

    Raises:
        LrnError: It is none of these.
    """
    if address == DASK:
        return _configured()
    if "://" in address:
        return address
    if not Path(address).exists():
        wanted = "tcp://HOST:8786, tls://HOST:8786, a scheduler's file, or dask"
        raise LrnError(f"--cluster {address}: is neither an address nor a file", wanted)
    return _from_file(address)


def _from_file(path: str) -> str:
    import json

    try:
        found: Any = json.loads(Path(path).read_text(encoding="utf-8"))
        return str(found["address"])
    except (OSError, ValueError, KeyError, TypeError):
        raise LrnError(f"{path}: is no scheduler's file", f"dask scheduler --scheduler-file {path}") from None


def _configured() -> str:
    import dask

    found = dask.config.get("scheduler-address", None)
    if not found:
        raise LrnError(
            "--cluster dask: Dask's configuration names no scheduler", "export DASK_SCHEDULER_ADDRESS=tcp://HOST:8786"
        )
    return str(found)


def _port(place: str) -> str:
    tail = place.rpartition(":")[2]
    return tail if tail.isdigit() else "8786"
