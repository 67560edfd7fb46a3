"""What the functions of Python answer: data with named fields, a line to read, and a table in a notebook."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar, TypeVar

Kind = TypeVar("Kind", bound="Answer")


class Answer(dict[str, Any]):
    """A dictionary, as `--json` prints it, whose entries are attributes, too.

    >>> answer = Answer(equal=True, rule="|a-b| <= atol + rtol*|b|")
    >>> answer.equal, answer["equal"], answer.as_dict()
    (True, True, {'equal': True, 'rule': '|a-b| <= atol + rtol*|b|'})
    """

    nested: ClassVar[dict[str, type[Answer]]] = {}
    """Entries that are lists of answers of their own."""

    @classmethod
    def of(cls: type[Kind], data: dict[str, Any]) -> Kind:
        """The answer that holds this data."""
        inner = {name: [kind.of(one) for one in data[name]] for name, kind in cls.nested.items() if data.get(name)}
        return cls({**data, **inner})

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no {name!r}, only {', '.join(self)}") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists."""
        return {name: _plain(value) for name, value in self.items()}

    @property
    def summary(self) -> str:
        """The answer in a few words."""
        return ", ".join(f"{name} {value}" for name, value in self.items() if isinstance(value, (str, int, float)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {_shorten(self.summary, 160)}>"

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        rows = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{escape(name)}</th>"
            f"<td style='text-align:left'>{_html(value)}</td></tr>"
            for name, value in self.items()
            if value not in (None, [], {}, "")
        )
        return f"<p><b>{escape(self.summary)}</b></p><table>{rows}</table>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def _plain(value: Any) -> Any:
    if isinstance(value, Answer):
        return value.as_dict()
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _html(value: Any) -> str:
    """A cell: short texts of what is nested in it."""
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        said = [one.summary if isinstance(one, Answer) else _shorten(str(one), 200) for one in value[:20]]
        return "<br>".join(map(escape, said)) + (f"<br>and {len(value) - 20} more" if len(value) > 20 else "")
    return escape(_shorten(str(value), 400))


class Pair(Answer):
    """What was found of one pair of tensors."""

    a: str
    b: str
    verdict: str
    rtol: float
    atol: float
    elements: int | None
    differing: int | None
    percent: float | None
    largest: dict[str, Any] | None
    largest_relative: float | None
    rms: float | None
    mean: float | None
    median: float | None
    p99: float | None
    mean_signed: float | None
    rtol_needed: float | None
    only_in: str | None
    cause: str
    advice: str | None
    suggestion: str | None
    notes: list[str]

    @property
    def summary(self) -> str:
        """Verdict, names, and how many elements differ."""
        count = f", {self.differing:,} of {self.elements:,} elements differ" if self.elements is not None else ""
        only = f", only in {self.only_in}" if self.only_in else count
        return f"{self.verdict.upper()}, {self.a} against {self.b}{only}"


class Comparison(Answer):
    """How far apart tensors are, or what conventions make of one."""

    nested: ClassVar[dict[str, type[Answer]]] = {"pairs": Pair}
    equal: bool
    rule: str
    tensors: list[str]
    layout: str | None
    sides: list[dict[str, Any]]
    pairs: list[Pair]

    @property
    def summary(self) -> str:
        """The verdict."""
        if len(self.pairs) == 1:
            return self.pairs[0].summary
        differing = sum(pair.verdict != "equal" for pair in self.pairs)
        return f"{'EQUAL' if self.equal else 'DIFFERENT'}, {differing} of {len(self.pairs)} pairs differ"


class Identification(Answer):
    """Which normalization made one tensor of another."""

    found: bool
    axis: int | None
    layout: str
    window: dict[str, list[int]]
    scale: float | None
    bias: float | None
    beta: float | None
    determined: list[str]
    max_ulp: float | None
    max_relative: float | None
    elements: int
    conventions: dict[str, dict[str, Any]]
    notes: list[str]

    @property
    def summary(self) -> str:
        """Whether it was found, and its numbers."""
        numbers = f"window {self.window}, scale {self.scale}, bias {self.bias}, beta {self.beta}"
        return f"{'found' if self.found else 'not found, the best attempt is'} {numbers}"


class Translation(Answer):
    """The same numbers in another convention."""

    convention: str
    parameters: dict[str, Any] | None
    word: str | None
    warnings: list[str]
    refusal: str | None
    nearest: str | None

    @property
    def summary(self) -> str:
        """The word to paste, or why there is none."""
        return self.word or f"{self.convention}, refused: {self.refusal}"


class Convention(Answer):
    """What a convention declares."""

    convention: str
    title: str

    @property
    def summary(self) -> str:
        """Its name, and what it is of."""
        return f"{self.convention}, {self.get('title', '')}".rstrip(", ")


class Layer(Answer):
    """An LRN layer of a model file."""

    address: str
    index: int
    name: str | None
    output: str | None
    type: str
    place: str | None
    written: dict[str, Any]
    filled: dict[str, Any] | None
    defaults: list[str]
    canonical: dict[str, Any] | None
    convention: str | None
    reason: str | None
    notes: list[str]

    @property
    def summary(self) -> str:
        """Its address, and the convention's word or why there is none."""
        return f"{self.address}, {self.convention or self.reason}"


class Model(Answer):
    """The LRN layers of a model file."""

    nested: ClassVar[dict[str, type[Answer]]] = {"layers": Layer}
    file: str
    format: str
    layers: list[Layer]
    remark: str | None

    @property
    def summary(self) -> str:
        """Its name, and how many layers it has."""
        count = len(self.layers)
        return f"{self.file}, {self.format} with {count} LRN layer{'' if count == 1 else 's'}"


class Explanation(Convention):
    """What a convention means with its numbers."""

    parameters: dict[str, Any]
    formula: dict[str, str]
    window: dict[str, list[int]]
    scale: float
    bias: float
    beta: float
    example: dict[str, Any] | None
    backward: dict[str, Any]
    traps: list[dict[str, str]]
    translations: list[Translation]
    calls: dict[str, str]

    nested: ClassVar[dict[str, type[Answer]]] = {"translations": Translation}

    @property
    def summary(self) -> str:
        """Its name and its numbers."""
        return f"{self.convention} {' '.join(f'{name}={value}' for name, value in self.parameters.items())}"
