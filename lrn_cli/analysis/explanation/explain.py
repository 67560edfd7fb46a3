"""Explanation: what a convention means, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lrn_cli.analysis.calls import programs
from lrn_cli.analysis.explanation.backward import Backward, backward
from lrn_cli.analysis.explanation.example import Example, work_example
from lrn_cli.analysis.explanation.typesetting import Formula, numeric, symbolic
from lrn_cli.analysis.translation import Translation, everywhere
from lrn_cli.conventions.binding import Asked, Bound
from lrn_cli.conventions.declaration import BackEnd, Lookalike, Trap
from lrn_cli.conventions.everywhere import EVERYWHERE
from lrn_cli.conventions.parameters import key
from lrn_cli.conventions.registry import conventions, usual
from lrn_cli.conventions.summary import summary
from lrn_cli.models.words import ask


class Explanation(NamedTuple):
    """What a convention means.

    Attributes:
        bound: The convention with its numbers.
        assumed: The parameters that the framework requires and nobody gave, with what the examples take.
        formula, numbers: The formula in the framework's symbols, and with the numbers filled in.
        example: Worked out by `normalize`; None where the window is too wide for a small one.
        backward: The gradient.
        traps: What people get wrong, in this convention and everywhere.
        translations: The same numbers in every other convention.
        programs: How it is called, by language.
        lookalike: What was asked for, where that is another framework that computes the same.
    """

    bound: Bound
    assumed: tuple[str, ...]
    formula: Formula
    numbers: Formula
    example: Example | None
    backward: Backward
    traps: tuple[Trap, ...]
    translations: tuple[Translation, ...]
    programs: dict[str, str]
    lookalike: Lookalike | None = None

    @property
    def is_usual(self) -> bool:
        """Whether it is shown where all would be too many."""
        return self.bound.convention in usual()

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            **summary(self.bound.convention),
            "parameters": self.bound.parameters,
            "assumed": list(self.assumed),
            "formula": self.formula._asdict(),
            "numbers": self.numbers._asdict(),
            **self.bound.norm.as_data(),
            "example": self.example.as_data() if self.example else None,
            "backward": self.backward.as_data(),
            "traps": [trap._asdict() for trap in self.traps],
            "translations": [translation.as_data() for translation in self.translations],
            "back_ends": [_back_end(self.bound, back_end) for back_end in self.bound.convention.back_ends],
            "calls": self.programs,
            "asked_for": self.lookalike._asdict() if self.lookalike else None,
        }


def _back_end(bound: Bound, back_end: BackEnd) -> dict[str, Any]:
    limits = {
        parameter.name: [str(limit) for limit in wanted]
        for role, wanted in back_end.limits.items()
        if (parameter := bound.convention.playing(role))
    }
    return {"name": back_end.name, "limits": limits, "source": back_end.source}


def explain(word: str | Asked, given: Mapping[str, object] | None = None) -> Explanation:
    """Explain a convention, with the numbers given and its defaults for the rest.

    Args:
        word: A name ("caffe"), one word ("caffe:local_size=3"), or what was asked.
        given: More parameters, under the framework's own names.

    Raises:
        LrnError: There is no such convention, or it does not take the numbers.

    >>> explain("pytorch").assumed
    ('size',)
    """
    asked = ask(word, given)
    known, convention = set(map(key, asked.given)), asked.convention
    assumed = {p.name: p.example for p in convention.parameters if p.default is None and p.key not in known}
    choice = asked.add(assumed).bind()
    return Explanation(
        bound=choice,
        assumed=tuple(assumed),
        formula=symbolic(choice),
        numbers=numeric(choice),
        example=work_example(choice),
        backward=backward(choice),
        traps=(*convention.traps, *EVERYWHERE),
        translations=tuple(everywhere(choice)),
        programs=programs(choice),
        lookalike=asked.lookalike,
    )


def overview() -> list[Explanation]:
    """All conventions with their defaults, in the order in which they are listed."""
    return [explain(convention.name) for convention in conventions()]
