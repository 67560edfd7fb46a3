"""Protobuf text is read as the library reads it, and what is unknown is skipped without being understood."""

from __future__ import annotations

import pytest

from lrn_cli.errors import LrnError
from lrn_cli.models.protobuf.scanner import unescape
from lrn_cli.models.protobuf.text import Field, Text


def flat(text: str, *wanted: str) -> list[tuple[str, str]]:
    """Names and values of all fields, those in messages behind their message."""

    def walk(fields: list[Field]) -> list[tuple[str, str]]:
        return [pair for field in fields for pair in one(field)]

    def one(field: Field) -> list[tuple[str, str]]:
        inner = [pair for each in field.fields() for pair in one(each)] if field.is_message else []
        return [(field.name, "{}" if field.is_message else field.shown), *inner]

    return [pair for field in Text(text).fields(*wanted) for pair in one(field)]


# What protobuf's text_format 7.36.2 reads from each.
FORMS = [
    ("a: 1", [("a", "1")]),
    ("a { b: 1 }", [("a", "{}"), ("b", "1")]),
    ("a: { b: 1 }", [("a", "{}"), ("b", "1")]),
    ("a < b: 1 >", [("a", "{}"), ("b", "1")]),
    ("a [ { b: 1 }, < b: 2 > ]", [("a", "{}"), ("b", "1"), ("a", "{}"), ("b", "2")]),
    ("a: [1, 2]", [("a", "1"), ("a", "2")]),
    ("a: [] b: 1", [("b", "1")]),
    ("a: 1, b: 2; c: 3", [("a", "1"), ("b", "2"), ("c", "3")]),
    ("a: 1 # b: 2\nc: 3", [("a", "1"), ("c", "3")]),
    ("a: 'x' \"y\"\n'z'", [("a", "xyz")]),
    (r"a: 'it\'s \"}\"'", [("a", 'it\'s "}"')]),
    ("a: 'b#c{' d: 1", [("a", "b#c{"), ("d", "1")]),
    ("[my.extension]: 1", [("[my.extension]", "1")]),
    ("a: - 5", [("a", "- 5")]),
    ("\n# nothing\n", []),
]


@pytest.mark.parametrize(("text", "fields"), FORMS)
def test_every_form_of_a_field_is_read(text: str, fields: list[tuple[str, str]]) -> None:
    assert flat(text) == fields


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1e-4f", 1e-4), (".75", 0.75), ("1.", 1.0), ("0x5", 5.0), ("-inf", float("-inf")), ("2F", 2.0)],
)
def test_numbers_have_the_forms_of_c(typed: str, number: float) -> None:
    (field,) = Text(f"a: {typed}").fields()
    assert field.number == number


def test_a_number_that_is_none_is_refused_with_its_line() -> None:
    (field,) = Text("\n\na: five").fields()
    with pytest.raises(LrnError, match="line 3: a is five, a number is wanted"):
        _ = field.number
    with pytest.raises(LrnError, match="line 3: a is five, an integer is wanted"):
        _ = field.integer


def test_escapes_are_bytes_of_utf_8() -> None:
    assert unescape(r"\342\202\254\x41\n\"\7").decode() == '€A\n"\x07'


def test_what_is_not_wanted_is_skipped_with_all_that_is_in_it() -> None:
    text = 'a { b: "}" c < d: [1, 2] # }\n e { } > } f: 1 a { f: 2 }'
    assert flat(text, "f") == [("f", "1")]


def test_a_message_that_is_left_early_is_skipped_to_its_end() -> None:
    text = Text("a { b: 1 b: 2 c { d: 3 } } e: 4")
    found = [
        (field.name, next(iter(field.fields())).shown if field.is_message else field.shown) for field in text.fields()
    ]
    assert found == [("a", "1"), ("e", "4")]


# (text, what is said of it)
DAMAGED = [
    ("a {", "line 1: the text ends where } is to come"),
    ("a { b: 1", "the text ends where } is to come"),
    ("\na: 'x\ny'", "line 2: a string without an end on its line"),
    ("a < b: 1 }", "the name of a field is wanted"),
    ("a }", "a has no value"),
    ("}", "the name of a field is wanted"),
    ("a:", "a value of a is wanted, there is the end"),
    ("// a", "the name of a field is wanted"),
    ("x { a < } }", "the name of a field is wanted"),
    ("x { " * 65, "more than 64 deep"),
    (f"a: '{'x' * 70_000}'", "longer than 65,536"),
    (f"a: {'x' * 70_000}", "more than 65,536"),
]


@pytest.mark.parametrize(("text", "said"), DAMAGED)
def test_damage_is_an_error_that_says_where(text: str, said: str) -> None:
    with pytest.raises(LrnError, match=said.replace("{", r"\{")):
        flat(text)


@pytest.mark.parametrize("text", ["w { " + "{ " * 70 + "}" * 71, "w { a > }"])
def test_brackets_that_do_not_fit_are_damage_also_where_they_are_skipped(text: str) -> None:
    with pytest.raises(LrnError):
        flat(text, "other")


def test_a_text_of_very_many_fields_is_refused() -> None:
    with pytest.raises(LrnError, match="too many fields"):
        flat("a:1 " * 700_000, "b")
