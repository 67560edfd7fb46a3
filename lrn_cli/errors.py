"""The one exception that `lrn` raises for what a person can mend."""

from __future__ import annotations


class LrnError(ValueError):
    """Something that was asked for cannot be done; the message says what, with the numbers.

    Args:
        message: One line: the thing, the numbers, the expectation.
        hint: One line: what to do or to type instead; empty where there is nothing to add.

    >>> error = LrnError("feats.npy: no such file", hint="lrn info *.npy")
    >>> str(error), error.hint
    ('feats.npy: no such file', 'lrn info *.npy')
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def about(self, subject: str) -> LrnError:
        """The same error with the thing it is about in front: `feats.npy: ...`."""
        return LrnError(f"{subject}: {self.message}", self.hint)
