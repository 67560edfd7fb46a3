"""What the command line does, from Python: the answers are data, as `--json` prints them, with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from lrn_cli import answers
from lrn_cli.conventions import registry
from lrn_cli.conventions.summary import summary

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from lrn_cli.passes.gradient import gradient, parameter_gradient
    from lrn_cli.passes.normalize import normalize


__all__ = [
    "compare",
    "conventions",
    "explain",
    "gradient",
    "identify",
    "layers",
    "normalize",
    "parameter_gradient",
    "translate",
]
_OF_ARRAYS = {"normalize": "normalize", "gradient": "gradient", "parameter_gradient": "gradient"}


def __getattr__(name: str) -> Any:
    """What makes arrays of arrays, and brings NumPy along."""
    from importlib import import_module

    if name not in _OF_ARRAYS:
        raise AttributeError(f"module 'lrn_cli.api' has no attribute {name!r}")
    return getattr(import_module(f"lrn_cli.passes.{_OF_ARRAYS[name]}"), name)


def conventions() -> list[answers.Convention]:
    """What every convention declares, the default convention first.

    >>> [declared["convention"] for declared in conventions()][:2]
    ['tf', 'alexnet']
    """
    return [answers.Convention.of(summary(convention)) for convention in registry.conventions()]


@overload
def translate(convention: str, to: str, **parameters: int | float | str) -> answers.Translation: ...


@overload
def translate(convention: str, to: None = None, **parameters: int | float | str) -> list[answers.Translation]: ...


def translate(
    convention: str, to: str | None = None, **parameters: int | float | str
) -> answers.Translation | list[answers.Translation]:
    """The parameters under which another convention computes the same.

    Args:
        convention: A name ("caffe") or one word ("caffe:local_size=5,alpha=1e-4").
        to: The other convention; by default every other one, those that are used most first.
        **parameters: Under the framework's own names.

    Returns:
        A `Translation` with `convention`, `parameters` (None where it cannot compute the same), `word` (all in one),
        `warnings`, `refusal` and `nearest`; without `to` a list of them.

    Raises:
        LrnError: There is no such convention, or it does not take the numbers.

    >>> translate("caffe:local_size=5,alpha=1e-4", to="tf")["word"]
    'tf:depth_radius=2,bias=1,alpha=2e-05,beta=0.75'
    >>> translate("caffe", "neupy", local_size=5)["refusal"]
    'neupy: depth_radius is 2, it must be 1 or more and odd'
    """
    from lrn_cli.analysis import translation
    from lrn_cli.models.words import bound

    given = bound(convention, parameters)
    if to is not None:
        return answers.Translation.of(translation.translate(given, registry.find(to)).as_data())
    return [answers.Translation.of(answer.as_data()) for answer in translation.everywhere(given)]


def layers(path: str | Path) -> answers.Model:
    """The LRN layers of a model file: Caffe, ONNX, TensorFlow, OpenVINO, Core ML and others.

    Args:
        path: The file, or the folder of a SavedModel or an mlpackage.

    Returns:
        A `Model` with `file`, `format` and `layers`: of each its `address`, `name`, `output`, what is `written`,
        what is `filled` in, its `canonical` form, and the `convention` that computes the same, or None with a `reason`.
        `"deploy.prototxt::norm1"` stands for a layer wherever a convention's word does.

    Raises:
        LrnError: It is missing, damaged, or no model of a format that is read.
    """
    from pathlib import Path

    from lrn_cli.analysis.layers import as_data
    from lrn_cli.models.registry import read_model

    return answers.Model.of(as_data(read_model(Path(path))))


@overload
def explain(convention: str, **parameters: int | float | str) -> answers.Explanation: ...


@overload
def explain(convention: None = None, **parameters: int | float | str) -> list[answers.Explanation]: ...


def explain(
    convention: str | None = None, **parameters: int | float | str
) -> answers.Explanation | list[answers.Explanation]:
    """What a convention means: formula, parameters, canonical form, worked example, traps, other conventions, calls.

    Args:
        convention: A name or one word; by default all of them with their defaults.
        **parameters: Under the framework's own names.

    Returns:
        An `Explanation`, for all of them a list.

    Raises:
        LrnError: There is no such convention, or it does not take the numbers.

    >>> explain("caffe", local_size=3, alpha=0.3)["scale"]
    0.1
    """
    from lrn_cli.analysis.explanation import explain as explanation

    if convention is None:
        return [answers.Explanation.of(one.as_data()) for one in explanation.overview()]
    return answers.Explanation.of(explanation.explain(convention, parameters).as_data())


def compare(
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    conventions: str | Sequence[str] | None = None,
    typed: str | Mapping[str, object] | None = None,
    reference: bool = False,
    layout: str | None = None,
    axis: int | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    any_dtype: bool = False,
    threads: int | None = None,
) -> answers.Comparison:
    """How far apart two arrays are, or what conventions make of one, and why, by |a-b| <= atol + rtol*|b|.

    Args:
        x: Booleans, integers or real floating-point numbers, of any rank.
        y: Another such array; with conventions, what each makes of x is compared with it.
        conventions: As names ("caffe") or words ("caffe:local_size=5"); for one array by default tf, caffe, wolfram
            and neupy.
        typed: The same numbers for all conventions, as "window=5,alpha=1e-4,beta=0.75,bias=1" or by those names.
        reference: Compare all conventions with the first only.
        layout, axis: Which axis is which; by default the first convention's own for this rank.
        rtol, atol: The tolerance; by default that of the convention's engine where it is compared with y, else that of
            the pair's narrower dtype.
        any_dtype: Whether arrays of two dtypes may be equal.
        threads: How many to use; by default one for each core this process may use.

    Returns:
        A `Comparison` with `equal`, `pairs` (their statistics, `cause` and `advice`), `sides`, `rule` and `layout`.

    Raises:
        LrnError: A convention, the layout, the tolerance or an array is not what it must be.

    >>> found = compare([[1.0, 2.0]], conventions=["tf:depth_radius=2", "caffe:beta=0.5"])
    >>> found.equal, found.pairs[0].advice
    (False, '-c caffe:local_size=5,alpha=5,beta=0.5,k=1,norm_region=ACROSS_CHANNELS')
    >>> found
    <Comparison: DIFFERENT, caffe against tf, 2 of 2 elements differ>
    """
    from lrn_cli.analysis.comparison.compare import Question
    from lrn_cli.analysis.comparison.compare import compare as compared

    question = Question(conventions, typed, reference, layout, axis, rtol, atol, any_dtype)
    return answers.Comparison.of(compared(x, y, question, threads).as_data())


def identify(
    x: ArrayLike | str | Path,
    y: ArrayLike | str | Path,
    *,
    layout: str | None = None,
    axis: int | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> answers.Identification:
    """Which normalization made y from x: y = x / (bias + scale * sum of x^2 over a window) ^ beta.

    Args:
        x: The input: an array, or a file's name as on the command line.
        y: The output, of the same shape or with its axes in another order; axes of one position may come or go.
        layout, axis: Which axis of x is which; by default every axis is tried for the channels.
        rtol, atol: The tolerance, |formula - y| <= atol + rtol * |y|; by default that of y's type, or of the grid that
            its numbers are on.

    Returns:
        An `Identification` with `found`, `axis`, `window`, `scale`, `bias`, `beta`, `determined` (which of them the
        data fixes), `max_ulp`, `conventions` (name to parameters) and `notes`.

    Raises:
        LrnError: A tensor is not numeric or empty, or no order of the axes makes the shapes the same.

    >>> import numpy as np
    >>> from lrn_cli import normalize
    >>> x = np.random.default_rng(0).normal(size=(4, 16, 8, 8)) * 9
    >>> found = identify(x, normalize(x, "caffe", alpha=0.01))
    >>> found["window"], found["conventions"]["pytorch"]
    ({'C': [2, 2]}, {'size': 5, 'alpha': 0.01, 'beta': 0.75, 'k': 1.0})
    """
    from lrn_cli.analysis.identification.identify import identify as identified

    return answers.Identification.of(identified(x, y, layout=layout, axis=axis, rtol=rtol, atol=atol).as_data())
