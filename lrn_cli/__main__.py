"""The `lrn` command."""

from __future__ import annotations

import os
import sys

# NumPy's linear algebra is not used; its threads would cost memory and time to start, and stand in the way of `fork`.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from lrn_cli.commands import lrn
from lrn_cli.commands.terminal.exits import run

_COMPLETE = "_LRN_COMPLETE"
"""The variable by which a shell asks for its completion script, and later for what may follow its line."""


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(_complete if _COMPLETE in os.environ else _invoke, debug="--debug" in sys.argv))


def _complete() -> object:
    from lrn_cli.commands.terminal.shells import answer

    return answer(os.environ[_COMPLETE])


def _invoke() -> object:
    # Not `lrn.main`: it exits with 1 for a broken pipe, which here means "the answer is no".
    with lrn.make_context("lrn", sys.argv[1:]) as context:
        return lrn.invoke(context)


if __name__ == "__main__":
    main()
