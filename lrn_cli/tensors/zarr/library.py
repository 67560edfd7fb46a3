"""zarr-python itself: what to say where it is missing, and of what it complains of."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lrn_cli.errors import LrnError
from lrn_cli.tensors.zarr.files import storage
from lrn_cli.tensors.zarr.nodes import AGAIN, Node

_OLDEST = (3, 11)
"""The oldest Python that zarr-python 3.1 is for."""


def need_zarr(path: Path) -> None:
    """Refuse a store where zarr-python is missing.

    Raises:
        LrnError: It is.
    """
    try:
        import zarr  # noqa: F401
    except ImportError:
        python = "" if sys.version_info >= _OLDEST else "Python 3.11, and there "
        raise LrnError(
            f"{path}: is a Zarr store, which needs zarr-python", f"{python}pip install 'lrn-tensor[zarr]'"
        ) from None


def open_array(root: Path, node: Node, *, write: bool = False, store: Any = None) -> Any:
    """An array of a store as zarr-python has it.

    Args:
        root: The store.
        node: The array.
        write: Whether it is to be written to.
        store: The store as zarr-python has it, if it is another than that on the disk or behind the URL.

    Raises:
        LrnError: zarr-python does not open it.
    """
    import zarr

    with in_words(f"{root}::{node.member}" if node.member else root, "zarr-python does not open it", AGAIN):
        store = storage(root, write=write) if store is None else store
        # All chunks are written, also those that hold nothing but the fill value: so it shows where some are missing.
        with zarr.config.set({"array.write_empty_chunks": True}):  # an array keeps what it was opened with
            mode = "r" if store.read_only else "r+"
            return zarr.open_array(store, path=node.member.strip("/"), mode=mode, zarr_format=node.version)


@contextmanager
def in_words(subject: object, otherwise: str, hint: str) -> Iterator[None]:
    """Turn whatever zarr-python and its codecs raise into one line about `subject`, and hold warnings back.

    Raises:
        LrnError: In place of any other error.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except LrnError:
        raise
    except OSError as error:
        reason = f": {error.strerror}" if error.strerror else ""
        raise LrnError(f"{subject}: {otherwise}{reason}", "df -h" if reason else hint) from error
    except Exception as error:  # codecs raise of all kinds
        raise LrnError(f"{subject}: {otherwise}", hint) from error
