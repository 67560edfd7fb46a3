"""What a convention declares can be read back, in whatever language, and a new one needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrn_cli.analysis.calls import program
from lrn_cli.analysis.translation import translate
from lrn_cli.conventions import registry
from lrn_cli.conventions.binding import Bound, bind, bound
from lrn_cli.conventions.declaration import Call, Convention, WindowRule
from lrn_cli.conventions.frameworks.pytorch import PYTORCH
from lrn_cli.conventions.frameworks.wolfram import number
from lrn_cli.conventions.parameters import Parameter, Role
from lrn_cli.errors import LrnError
from lrn_cli.models.pasted import patterns, statements
from lrn_cli.models.pasted.expressions import Opaque
from lrn_cli.models.pasted.foreign import read_foreign
from lrn_cli.models.pasted.read import read_pasted

CALLED = [convention for convention in registry.conventions() if convention.calls]
COEFFICIENTS = st.floats(1e-7, 100).map(lambda value: float(f"{value:.6g}"))


def _differences(source: Convention, target: Convention, given_numbers: dict[str, object]) -> list[str]:
    """The programs of a translation that say something else when they are read back."""
    try:
        answer = translate(bind(source, given_numbers), target).bound
    except LrnError:
        return []  # the convention refuses these numbers
    if answer is None:
        return []
    texts = [program(answer, call.language, target.layouts[0]) for call in target.calls]
    return [text for text in texts if read_pasted(text).bind().norm != bound(answer.word).norm]


@pytest.mark.parametrize("target", CALLED, ids=lambda convention: convention.name)
def test_what_a_translation_from_any_convention_writes_says_the_same_when_it_is_read_back(target: Convention) -> None:
    numbers = {source.name: _given(source, 3, (3e-4, 0.6, 1.0), 0) for source in registry.conventions()}
    assert [text for name, own in numbers.items() for text in _differences(registry.find(name), target, own)] == []


@settings(deadline=None, max_examples=300)
@given(
    pair=st.tuples(st.sampled_from(registry.conventions()), st.sampled_from(CALLED)),
    window=st.integers(1, 11),
    numbers=st.tuples(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS),
    choice=st.integers(0, 3),
)
def test_any_numbers_come_back(
    pair: tuple[Convention, Convention], window: int, numbers: tuple[float, float, float], choice: int
) -> None:
    assert _differences(*pair, _given(pair[0], window, numbers, choice)) == []


def _given(convention: Convention, window: int, numbers: tuple[float, float, float], choice: int) -> dict[str, object]:
    found: dict[Role, object] = dict(zip((Role.ALPHA, Role.BETA, Role.BIAS), numbers, strict=True))
    found[Role.WINDOW] = window
    return {
        parameter.name: parameter.choices[choice % len(parameter.choices)]
        if parameter.choices
        else found[parameter.role]
        for parameter in convention.parameters
        if parameter.choices or parameter.role in found
    }


def _made_up(name: str, call: Call) -> Convention:
    parameters = (
        Parameter("width", Role.WINDOW, 5, "the window"),
        Parameter("bias", Role.BIAS, 2.0, "the bias"),
        Parameter("scale", Role.ALPHA, 1e-4, "undivided"),
        Parameter("power", Role.BETA, 0.75, "the exponent"),
    )
    return PYTORCH._replace(
        name=name,
        aliases=(),
        parameters=parameters,
        window=WindowRule.EXTRA_BEFORE,
        alpha_is_divided=False,
        calls=(call,),
    )


def _call(statement: str, **more: object) -> Call:
    return Call("made-up", statement, "", "", "", **more)  # type: ignore[arg-type]


# (a call as a framework's file would declare it, pasted forms of it with width 3 and scale 0.5 and defaults otherwise)
MADE_UP = [
    (
        _call("{y} = crossNorm({x}, {width}, 'Scale', {scale}, 'Bias', {bias}, 'Power', {power});"),
        "crossNorm(a,3,'Scale',1/2)",
    ),
    (_call("{y} = normalise({x}, [{width} {bias} {scale} {power}]);"), "z = normalise(a, [3 2 1/2 0.75])"),
    (_call("{y} = normalise({x}, [{width} {bias} {scale} {power}]);"), "[3, 2, .5, 0.75]"),
    (_call("{y} = normalise({x}, [{width} {bias} {scale} {power}]);"), "s = struct('param', [3 2 0.5 .75]);"),
    (_call("local {y} = nn.Norm({width}, {scale}, {power}, {bias}):forward({x})"), "net:add(nn.Norm(3, 0.5)) -- norm"),
    (
        _call("var {y} = new Norm.Builder().width({width}).bias({bias}).scale({scale}).build();"),
        "new Norm.Builder().scale(5e-1f).width(3).build()",
    ),
    (_call("let {y} = NormConfig::new({width}).with_scale({scale}).init();"), "NormConfig::new(3).with_scale(0.5)"),
    (
        _call("{y} = net->addNorm(*{x}, {width}, {scale}f, {power}f, {bias}f);", setup="// of a net"),
        "auto l = n->addNorm(*t, 3, 0.5f);",
    ),
    (
        _call('{y} = Norm["Width" -> {width}, "Scale" -> {scale}][{x}];', number=number),
        'Norm["Scale" -> 5*^-1, "Width" -> 3]',
    ),
    (_call("norm {{ width: {width} scale: {scale} }}"), "outer { norm { scale: 0.5 width: 3 } }"),
    (_call("m.norm({x}, width={width}, scale={scale})", also=("m.other({x})",)), "other(a, 3, 2, 0.5)"),
    (_call("norm({x}, {width})", also=("{x}.addNorm({x})",)), "network->addNorm(*tensor, 3, 2, 0.5f)"),
    (_call("LRN {y} {x} 0={width} 1={scale} 2={power} 3={bias}"), "LRN norm conv 0=3 1=0.5 2=0.75 3=2"),
    (_call("[{y}]\ninputs={x}\nwidth={width}\n# scale={scale}"), "[n1]\ninputs=data\nwidth=3\n# scale=0.5\n"),
]


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    """What has been made of declared calls is made again, for a test may declare others."""
    yield
    for cached in (patterns.patterns, statements.declared):
        cached.cache_clear()


def _only(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a convention with that call the only one there is."""
    invented = _made_up("invented", call)
    for module in (patterns, statements):
        monkeypatch.setattr(module, "conventions", lambda: (invented,))
    for cached in (patterns.patterns, statements.declared):
        cached.cache_clear()


@pytest.mark.parametrize(("call", "text"), MADE_UP)
def test_a_convention_that_declares_a_call_needs_nothing_else_to_be_pasted(
    call: Call, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(call, monkeypatch)
    found = read_pasted(text).bind()
    assert isinstance(found, Bound)
    assert dict(found.values) == {"width": 3, "bias": 2, "scale": 0.5, "power": 0.75}


def test_a_method_that_sounds_like_a_parameter_and_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    call = _call("NormConfig::new({width}).scale({scale}).init()")
    _only(call, monkeypatch)
    with pytest.raises(LrnError, match="has no parameter with_scale"):
        read_pasted("NormConfig::new(3).with_scale(0.5).cuda(0)")


# (text, the value of its only argument)
FOREIGN = [
    ("f(1*^-4)", Fraction(1, 10000)),
    ("f(2.)", 2),
    ("f([5 -1])", [5, -1]),
    ("f([5 - 1])", [4]),
    ("f(1 /* two */ + 2 // three\n)", 3),
    ("f((* a *) 7)", 7),
    ("f(1.5e-3f)", Fraction(3, 2000)),
    ("f(1e5*^-4)", Opaque("an expression")),
    ("f(1.2.3)", Opaque("1.2.3")),
    ("f(" + "9" * 9000 + "x)", Opaque("9" * 9000 + "x")),
]


@pytest.mark.parametrize(("text", "value"), FOREIGN)
def test_numbers_are_written_differently_elsewhere(text: str, value: object) -> None:
    (call,) = read_foreign(text)
    assert [argument.value for argument in call.arguments] == [value]
