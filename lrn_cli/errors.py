"""The one exception that `lrn` raises for what a person can mend, and what is said of all others."""

from __future__ import annotations

_names: dict[str, str] = {}
"""What people call what stands in a message, as the URL of which a file is a copy."""


def show_as(text: str, name: str) -> None:
    """Have every error from now on say `name` in the place of `text`."""
    _names[text] = name


def forget_name(text: str) -> None:
    """Undo `show_as`."""
    _names.pop(text, None)


class LrnError(ValueError):
    """Something that was asked for cannot be done; the message says what, with the numbers.

    Args:
        message: One line: the thing, the numbers, the expectation.
        hint: One line: what to do or to type instead; empty where there is nothing to add.

    >>> error = LrnError("feats.npy: no such file", hint="lrn info *.npy")
    >>> error.message, error.hint
    ('feats.npy: no such file', 'lrn info *.npy')
    >>> print(error)
    feats.npy: no such file
    hint: lrn info *.npy
    """

    def __init__(self, message: str, hint: str = "") -> None:
        for text, name in _names.items():
            message, hint = message.replace(text, name), hint.replace(text, name)
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message

    def about(self, subject: str) -> LrnError:
        """The same error with the thing it is about in front: `feats.npy: ...`."""
        return LrnError(f"{subject}: {self.message}", self.hint)


def explain_error(error: BaseException, subject: str = "") -> LrnError:
    """What to say of an error that nobody has put into words, with that as its cause.

    Args:
        error: Of the system, or a defect of ours.
        subject: What it is about, unless it names a file itself.

    >>> explain_error(MemoryError(), "x.npy").message
    'x.npy: not enough memory'
    >>> explain_error(OSError(28, "No space left", "y.npy"), "x.npy").message
    'y.npy: No space left'
    """
    match error:
        case LrnError():
            return error
        case MemoryError():
            said = LrnError("not enough memory", "a machine with more of it, or a smaller tensor")
        case OSError():
            subject = str(error.filename or subject)
            said = LrnError(str(error.strerror or error), "--debug shows where")
        case _:
            said = LrnError(f"{type(error).__name__}: {error}", "this is a defect; --debug shows where")
    said = said.about(subject) if subject else said
    said.__cause__ = error
    return said


def one_line(text: str) -> str:
    """The text without line ends and other control characters, which a file's name or contents may hold.

    >>> one_line("a\\nb\\x1b[31m.npy")
    'a\\\\nb\\\\x1b[31m.npy'
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
