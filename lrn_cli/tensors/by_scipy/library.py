"""SciPy itself: what to say where it is missing, and of what it complains of."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lrn_cli.errors import LrnError

AGAIN = "copy or download the file again"
_DAMAGED = "is cut short or damaged"


def need_scipy(path: Path, what: str) -> None:
    """Refuse a file where SciPy is missing.

    Args:
        path: The file.
        what: What it is, with its article.

    Raises:
        LrnError: It is.
    """
    try:
        import scipy.io  # noqa: F401
    except ImportError:
        raise LrnError(
            f"{path}: is {what}, which lrn does not read without SciPy", "pip install 'lrn-tensor[mat]'"
        ) from None


@contextmanager
def in_words(subject: object) -> Iterator[None]:
    """Turn whatever goes wrong with damaged bytes into one line about `subject`, and hold warnings back.

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
        what = f"cannot be read: {error.strerror}" if error.strerror else _DAMAGED
        raise LrnError(f"{subject}: {what}", AGAIN) from error
    except Exception as error:  # SciPy checks little: what Python or NumPy raises is what it says
        raise LrnError(f"{subject}: {_DAMAGED}", AGAIN) from error
