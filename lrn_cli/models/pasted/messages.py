"""Messages in protobuf text, as calls: the message's name, and its fields as arguments."""

from __future__ import annotations

from collections.abc import Iterable

from lrn_cli.errors import LrnError
from lrn_cli.models.pasted.expressions import Argument, Opaque, Seen, Value, exact
from lrn_cli.models.protobuf.text import Field, Text


def read_messages(text: str) -> list[Seen]:
    """The messages in a text, those in others too, and its own fields as one without a name; none where it is no text.

    >>> read_messages("lrn_param { local_size: 5 }")
    [Seen(name='lrn_param', arguments=(Argument(key='local_size', value=5, chained=False),), whole='', cut=False)]
    """
    try:
        return _read("", Text(text).fields())
    except LrnError:
        return []


def _read(name: str, fields: Iterable[Field]) -> list[Seen]:
    own: list[Argument] = []
    inner: list[Seen] = []
    for field in fields:
        if field.is_message:
            inner += _read(field.name, field.fields())
        else:
            own.append(Argument(field.name, _value(field)))
    return [*([Seen(name, tuple(own))] if name or own else []), *inner]


def _value(field: Field) -> Value:
    if field.quoted is not None:
        return field.quoted
    for read in (lambda: field.integer, lambda: exact(field.number)):
        try:
            return read()
        except LrnError:
            continue
    return Opaque(field.shown)
