"""The `lrn` command."""

from __future__ import annotations

import sys

from lrn_cli.commands import lrn
from lrn_cli.commands.exits import run


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(lambda: lrn.main(standalone_mode=False), debug="--debug" in sys.argv))


if __name__ == "__main__":
    main()
