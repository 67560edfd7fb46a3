"""cuda-convnet and cuda-convnet2: the layers in one .cfg, their scale and pow in another beside it.

akrizhevsky/cuda-convnet2@3238bf03:layer.py:1327-1361 (LocalResponseNormLayerParser divides scale by the window).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm, Span
from lrn_cli.models.content import Content
from lrn_cli.models.kinds import read_number
from lrn_cli.models.model import Layer, ModelFormat, Word, Written
from lrn_cli.models.sections import Section, has_sections, read_sections
from lrn_cli.models.stated import state

_KINDS = {"cmrnorm": 1, "rnorm": 2}
"""Over how many axes: across maps, and within one. cnorm is contrast normalization, another function."""
_TYPED = b"type="
_FOREIGN = (b"[net]", b"[network]")
_LEARNT = (b"epsw", b"epsb", b"momw", b"wc=", b"coeff=", b"mindiv")
"""What stands in files of parameters, without case."""
_NUMBERS: dict[str, type[int] | type[float]] = {"size": int, "scale": float, "pow": float, "minDiv": float}
_MOST_BESIDE, _LARGEST_BESIDE = 100, 1 << 20
"""How many other files are looked at, and their bytes."""


class CudaConvnet(ModelFormat):
    """The file of layers; scale, pow and minDiv are taken from the file of parameters."""

    name = "cuda-convnet"
    title = "cuda-convnet's layers"

    def matches(self, content: Content) -> bool:
        """Whether it has sections with types, and is no net of Darknet."""
        head = content.head.replace(b" ", b"")
        known = _TYPED in head and (b"inputs=" in head or b"dataIdx=" in head)
        return known and has_sections(content) and not any(word in head for word in _FOREIGN)

    def layers(self, content: Content) -> Iterator[Layer]:
        """Its layers of type cmrnorm and rnorm.

        Raises:
            LrnError: One of the files is damaged.
        """
        wanted = [section for section in read_sections(content) if section.values.get("type") in _KINDS]
        apart = [section for section in wanted if not {"scale", "pow"} <= section.values.keys()]
        parameters, beside = _find_parameters(content.path, apart) if apart else ({}, "")
        for section in wanted:
            yield _layer(section, {**section.values, **parameters.get(section.name, {})}, beside)


class Parameters(ModelFormat):
    """The file of parameters alone."""

    name = "cuda-convnet-parameters"
    title = "cuda-convnet's layer parameters"

    def matches(self, content: Content) -> bool:
        """Whether it has sections without types, with what is learnt."""
        head = content.head.replace(b" ", b"").lower()
        return has_sections(content) and _TYPED not in head and any(word in head for word in _LEARNT)

    def layers(self, content: Content) -> Iterator[Layer]:
        """None: which of its sections are LRN is not in it."""
        read_sections(content)
        yield from ()

    def remark(self, _content: Content) -> str:
        """Where the layers are."""
        return "without the layers, which are in a layers*.cfg beside it: give that one"


def _find_parameters(path: Path, wanted: list[Section]) -> tuple[Mapping[str, Mapping[str, str]], str]:
    """The sections of the file of parameters, and its name: the one that is called so, else the only one that fits."""
    usual = path.with_name(path.name.replace("layers", "layer-params", 1).replace("layer-def", "layer-params", 1))
    names = {section.name for section in wanted}
    if usual != path and usual.is_file() and (found := _parameters_in(usual)) is not None:
        return found, usual.name
    fitting = {}
    for position, other in enumerate(sorted(path.parent.glob("*.cfg"))):
        if position < _MOST_BESIDE and other != path and other.is_file():
            found = _parameters_in(other)
            if found and all("scale" in found.get(name, {}) for name in names):
                fitting[other.name] = found
    if len(fitting) == 1:
        return next(iter(fitting.values())), next(iter(fitting))
    return {}, usual.name if usual != path else "its file of parameters"


def _parameters_in(path: Path) -> Mapping[str, Mapping[str, str]] | None:
    """The sections of a file by name; None where it is no such file."""
    try:
        with path.open("rb", buffering=0) as file:
            content = Content.of_file(path, file)
            if content.size > _LARGEST_BESIDE or not has_sections(content):
                return None
            sections = read_sections(content)
    except (OSError, LrnError):
        return None
    return None if any("type" in section.values for section in sections) else {s.name: s.values for s in sections}


def _layer(section: Section, values: Mapping[str, str], beside: str) -> Layer:
    kind = section.values["type"]
    shown = ("type", "size", "sizeX", "channels", "scale", "pow", "minDiv")
    written: dict[str, Written] = {key: values[key] for key in shown if key in values}
    numbers: dict[str, Written] = {"minDiv": 1.0}
    flaw = ""
    for key, read in _NUMBERS.items():
        text = values.get(key, values.get("sizeX") if key == "size" else None)
        if text is None:
            flaw = flaw or ("" if key == "minDiv" else _missing(key, beside))
            continue
        try:
            numbers[key] = read_number(text, read)
        except ValueError:
            flaw = flaw or f"{key} is {text[:40]!r}, no number"
    if not flaw and int(str(numbers["size"])) < 1:
        flaw = f"size is {numbers['size']}, it must be at least 1"
    return Layer(
        kind,
        written,
        () if flaw else _words(kind, numbers),
        name=section.name,
        given=numbers,
        input=section.values.get("inputs", "").partition(",")[0],
        absent=() if "minDiv" in values else ("minDiv",),
        stated=None if flaw else _canonical(kind, numbers),
        flaw=flaw,
    )


def _missing(key: str, beside: str) -> str:
    return f"{key} is in {beside}, which is not there" if key != "size" else "size is not there, and required"


def _canonical(kind: str, numbers: Mapping[str, Written]) -> ResponseNorm | None:
    size = int(str(numbers["size"]))
    axes = "C" if _KINDS[kind] == 1 else "HW"
    scale, bias, beta = (float(str(numbers[key])) for key in ("scale", "minDiv", "pow"))
    window = dict.fromkeys(axes, Span(size // 2, (size - 1) // 2))
    return state(window, alpha=scale, divisor=size ** len(axes), bias=bias, beta=beta)


def _words(kind: str, numbers: dict[str, Written]) -> tuple[Word, ...]:
    """cuda-convnet's own, and others with the same numbers."""
    others = {"alpha": numbers["scale"], "beta": numbers["pow"], "k": numbers["minDiv"]}
    if kind == "cmrnorm":
        return ("cuda-convnet", numbers), ("pytorch", {"size": numbers["size"], **others})
    own: Word = ("cuda-convnet-map", numbers)
    within = {"local_size": numbers["size"], **others, "norm_region": "WITHIN_CHANNEL"}
    return (own, ("caffe", within)) if numbers["minDiv"] == 1 else (own,)


FORMATS = (CudaConvnet(), Parameters())
