"""`--cluster`: whether the work is done elsewhere, and where."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrn_cli.commands.terminal.console import Console
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.cluster.engine import Cluster

_VARIABLE = "LRN_CLUSTER"


def find_cluster(address: str | None, words: Sequence[str], console: Console, *, debug: bool) -> Cluster | None:
    """The cluster that is to do it; None where it is done here.

    Args:
        address: As typed; None where LRN_CLUSTER counts, if it is set.
        words: What is read and written, as typed.
        console: Takes what may surprise.
        debug: Let Dask say what it has to say.

    Raises:
        LrnError: One of them is a stream, and the cluster was asked for.
    """
    place = os.environ.get(_VARIABLE) if address is None else address
    if place is None or (address is None and (not place or "-" in words)):
        return None
    if "-" in words:
        raise LrnError("- is a stream of this machine, of which a cluster sees nothing", "leave --cluster out")
    from lrn_cli.cluster.engine import Cluster

    return Cluster(place, note=console.note, debug=debug)
