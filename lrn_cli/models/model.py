"""What a reader of models owes, and the layers that it finds.

A format is a file of `formats/` with a class and `FORMATS = (Name(),)`; nothing else lists it:

    class Mxnet(ModelFormat):
        name = "mxnet"
        title = "an MXNet symbol"

        def matches(self, content: Content) -> bool:
            return content.head.lstrip().startswith(b"{") and b'"nodes"' in content.head

        def layers(self, content: Content) -> Iterator[Layer]:
            for node in ...:
                attrs = node["attrs"]  # {"nsize": "5"}, as written
                yield Layer("LRN", attrs, words=(("mxnet", attrs), ("caffe", {...})), name=node["name"])

The words of a layer are the framework's own convention first, then others with the same numbers; the first that binds
is its word, and gives its canonical form and, unless the reader says otherwise, its parameters with defaults filled
in. Where none can say it, the reader states the canonical form (`stated`) with a reason. A layer that is malformed is
given as well, with the reason and without words; a damaged file is an error, `content.damaged(...)`, so that no list
looks complete that is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from lrn_cli.conventions.binding import Asked, Bound
from lrn_cli.conventions.registry import find
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm
from lrn_cli.models.content import Content

Written = int | float | str | Sequence[int | float]
"""A parameter as a file has it: text as it was typed, a float32 as its shortest decimal."""

Word = tuple[str, Mapping[str, Any]]
"""A convention's name, and what is given for its parameters; the rest are its defaults."""


@dataclass(frozen=True)
class Layer:
    """One LRN layer of a model.

    Attributes:
        op: What the file calls it: `LRN`, `cmrnorm`, `local_response_norm`.
        written: Its parameters by the names in the file, as written, without what is left out there.
        words: What computes the same, the framework's own convention first.
        name: Its own name; empty where it has none.
        output: The name of its first output; empty where that has none.
        place: Where it is besides: `function f`, `phase TRAIN`; empty for the graph itself.
        given: All its parameters with the defaults filled in; None where its word says them.
        stated: Its canonical form, where no convention can say it.
        flaw: Why it has no word, where the reader knows.
        notes: What else is to be known of it.
        index: Where it stands among the LRN layers of the file, from 0; `read_model` counts.
        input: The name of its input; empty where that has none.
        absent: Which of all its parameters are defaults; None where those are that are not written.
    """

    op: str
    written: Mapping[str, Written]
    words: tuple[Word, ...] = ()
    name: str = ""
    output: str = ""
    place: str = ""
    given: Mapping[str, Written] | None = None
    stated: ResponseNorm | None = None
    flaw: str = ""
    notes: tuple[str, ...] = ()
    index: int = 0
    input: str = ""
    absent: tuple[str, ...] | None = None

    @property
    def filled(self) -> Mapping[str, Written] | None:
        """All its parameters, with the framework's defaults where the file has none; None where that is not known."""
        if self.given is not None or self.bound is None:
            return self.given
        # What a convention does not listen to is in the file all the same.
        numbers = {name: value for name, value in self.written.items() if not isinstance(value, str)}
        return {name: numbers.get(name, value) for name, value in self.bound.values.items()}

    @property
    def defaults(self) -> tuple[str, ...]:
        """The names of the parameters that are filled in."""
        if self.absent is not None:
            return self.absent
        return tuple(name for name in self.filled or () if name not in self.written)

    @property
    def bound(self) -> Bound | None:
        """The convention with its numbers; None where none says the same."""
        return self._resolved[0][1] if self._resolved[0] else None

    @property
    def asked(self) -> Asked | None:
        """The convention with what the file gives for its parameters; None as of `bound`."""
        return self._resolved[0][0] if self._resolved[0] else None

    @property
    def canonical(self) -> ResponseNorm | None:
        """Its canonical form; None where that cannot be told."""
        return self.bound.norm if self.bound else self.stated

    @property
    def reason(self) -> str:
        """Why it has no convention; empty where it has one."""
        return self._resolved[1]

    @cached_property
    def _resolved(self) -> tuple[tuple[Asked, Bound] | None, str]:
        """The first word that binds, or why there is none: the refusal of the first convention that exists."""
        refusals = [self.flaw] if self.flaw else []
        for name, given in () if self.flaw else self.words:
            try:
                asked = Asked(find(name), given, name)
                return (asked, asked.bind()), ""
            except LrnError as error:
                if not error.message.startswith("unknown convention"):
                    refusals.append(error.message)
        return None, refusals[0] if refusals else f"no convention has the parameters of {self.op}"


class Model(NamedTuple):
    """A model file that was read.

    Attributes:
        path: As it was given.
        form: What it is.
        layers: Its LRN layers, in the file's order.
        remark: What is to be said where it has none, such as the net that a solver names.
    """

    path: str
    form: ModelFormat
    layers: tuple[Layer, ...]
    remark: str = ""


class ModelFormat:
    """A format of model files: a class with defaults.

    Attributes:
        name: In the answers: `caffe-prototxt`.
        title: With its article, for messages: `a Caffe prototxt`.
        members: Names of the file that is read where a folder of this format is given.
    """

    name = ""
    title = ""
    members: tuple[str, ...] = ()

    def matches(self, content: Content) -> bool:
        """Whether it is of this format, by what is in it and not by its name; whatever bytes it has, without error."""
        raise NotImplementedError

    def layers(self, content: Content) -> Iterable[Layer]:
        """Its LRN layers, in order.

        Raises:
            LrnError: It is damaged, or beyond a limit.
        """
        raise NotImplementedError

    def remark(self, _content: Content) -> str:
        """What is to be said of a file without LRN layers, as a clause behind `is TITLE`."""
        return "without an LRN layer"
