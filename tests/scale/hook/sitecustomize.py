"""Makes processes of workers behave as on machines that are not at hand: Python loads this when it starts."""

import os
import signal
import sys
from importlib.abc import MetaPathFinder


def kill(event: str, words: tuple[object, ...]) -> None:
    """End the process when a file of that name is opened, as a library may that the file crashes."""
    if event == "open" and "poison" in str(words[0]):
        os.kill(os.getpid(), signal.SIGKILL)


class Missing(MetaPathFinder):
    """Hides the package as if it was not installed."""

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] == "lrn_cli":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


if "poison" in os.environ.get("LRN_TEST_WORKER", ""):
    sys.addaudithook(kill)
if "bare" in os.environ.get("LRN_TEST_WORKER", ""):
    sys.meta_path.insert(0, Missing())
