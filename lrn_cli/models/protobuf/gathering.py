"""What readers of protobuf text have in common: recognise a file, read it, and take numbers that may stand once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice

from lrn_cli.errors import LrnError
from lrn_cli.models.content import TEXT, Content
from lrn_cli.models.model import Written
from lrn_cli.models.protobuf.text import Field, Text

_STEPS = 20_000
"""After which a format must have shown itself."""

Readers = Mapping[str, Callable[[Field], Written]]
"""What reads a field, by its name; it raises LrnError where the field is of another type."""


@contextmanager
def reading(content: Content) -> Iterator[Text]:
    """A file's text, of whose errors it is said which file is damaged."""
    text = Text(content.text)
    try:
        yield text
    except LrnError as error:
        raise content.damaged(error.message) from None


def gather(
    fields: Iterable[Field], readers: Mapping[str, Callable[[Field], Written]]
) -> tuple[dict[str, Written], str]:
    """The values of fields that may stand once, and what is wrong with one of them: empty where nothing is.

    Args:
        fields: Of names for which there is a reader.
        readers: What reads a field, by its name; raises LrnError where it is of another type.
    """
    found: dict[str, Written] = {}
    flaw = ""
    for field in fields:
        try:
            if field.name in found:
                raise field.error("stands twice")
            found[field.name] = readers[field.name](field)
        except LrnError as error:
            found[field.name], flaw = field.shown, flaw or error.message
    return found, flaw


def outline(content: Content, most: int = 100) -> set[str]:
    """Names of the first fields of a text, up to where it is damaged: what a format is recognised by.

    Messages go by their name, other fields have `:` behind it, and what is in a message has that before it: `layer`,
    `name:`, `layer.type`.
    """
    found: set[str] = set()
    if not content.is_text or content.size > TEXT:
        return found
    with suppress(LrnError):
        for field in islice(Text(content.text, _STEPS).fields(), most):
            found.add(field.name if field.is_message else f"{field.name}:")
            found.update(f"{field.name}.{inner.name}" for inner in (field.fields() if field.is_message else ()))
    return found
