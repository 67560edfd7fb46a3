"""The `lrn` command."""

from __future__ import annotations

import gc
import os
import signal
import sys

# Until `run` has its own way to end, Ctrl-C ends the process without a word rather than with a traceback of imports.
_is_the_command = __name__ == "__main__" or sys.argv[0].endswith("/lrn")
if _is_the_command and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

if _is_the_command:
    # What a start makes lives to the end; looking for garbage among it is a twentieth of the time to start.
    gc.set_threshold(100_000, 50, 50)

# NumPy's linear algebra is not used; its threads would cost memory and time to start, and stand in the way of `fork`.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from lrn_cli.commands import lrn  # noqa: E402 - only now, see above
from lrn_cli.commands.terminal.exits import run  # noqa: E402

_COMPLETE = "_LRN_COMPLETE"
"""The variable by which a shell asks for its completion script, and later for what may follow its line."""


def main() -> None:
    """Run the command line and exit with its code."""
    code = run(_complete if _COMPLETE in os.environ else _invoke, debug="--debug" in sys.argv)
    gc.freeze()  # or Python looks at all of it once more before it ends, which is a tenth of a short run
    sys.exit(code)


def _complete() -> object:
    from lrn_cli.commands.terminal.shells import answer

    return answer(os.environ[_COMPLETE])


def _invoke() -> object:
    # Not `lrn.main`: it exits with 1 for a broken pipe, which here means "the answer is no".
    with lrn.make_context("lrn", sys.argv[1:]) as context:
        return lrn.invoke(context)


if __name__ == "__main__":
    main()
