"""Wolfram Language: `LocalResponseNormalizationLayer`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Lookalike, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role


def number(value: float) -> str:
    """A number in the Wolfram Language, whose exponents stand behind *^.

    >>> number(2e-05), number(0.75), number(1.0)
    ('2*^-5', '0.75', '1.')
    """
    digits, _, exponent = repr(value).partition("e")
    return f"{digits}*^{int(exponent)}" if exponent else digits.removesuffix("0") if digits.endswith(".0") else digits


_PAGE = "reference.wolfram.com/language/ref/LocalResponseNormalizationLayer.html"
_PACLET = "NeuralNetworks paclet: nsize -> 2*#ChannelWindowSize+1 of MXNet's LRN, which divides alpha by nsize"

WOLFRAM = Convention(
    name="wolfram",
    aliases=("mathematica", "wolfram-language", "wl"),
    title="Wolfram Language LocalResponseNormalizationLayer",
    parameters=(
        Parameter("Alpha", Role.ALPHA, 1.0, "divided by 2c+1"),
        Parameter("Beta", Role.BETA, 0.5, "the exponent"),
        Parameter("Bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter(
            "ChannelWindowSize",
            Role.WINDOW,
            2,
            "channels on each side, c: the window is 2c+1, at most the channels there are",
            (AtLeast(1),),
        ),
    ),
    window=WindowRule.RADIUS,
    alpha_is_divided=True,
    layouts=("CHW", "NCHW"),
    notation=Notation("output", "T", "i"),
    sources=(_PAGE, _PACLET),
    traps=(
        Trap(
            'ChannelWindowSize is a radius, though its page calls it "number of channels to average over": the'
            " default 2 covers 5 channels, and alpha is divided by those 5.",
            f"{_PAGE}; {_PACLET}",
        ),
        Trap(
            "Older editions of the page print the formula without the division by 2c+1. The layer divided then too.",
            f"{_PAGE} (edition with rank-3 tensors); {_PACLET}",
        ),
        Trap(
            "The window has to fit: 2c+1 channels at least, where other frameworks count what lies outside as zero.",
            _PACLET,
        ),
        Trap("The layer computes in float32 also where it is given float64.", "NeuralNetworks paclet, newer edition"),
    ),
    calls=(
        Call(
            language="wolfram",
            statement='{y} = LocalResponseNormalizationLayer["Alpha" -> {Alpha}, "Beta" -> {Beta}, "Bias" -> {Bias},'
            ' "ChannelWindowSize" -> {ChannelWindowSize}][{x}];',
            transpose="{y} = Transpose[{x}, {{{places}}}];",
            add_batch="{y} = {{{x}}};",
            drop_batch="{y} = First[{x}];",
            comment="(* {text} *)",
            number=number,
        ),
    ),
    window_fits_channels=True,
    framework="Wolfram Language",
    engine=Engine("MXNet 1.9.1, which the layer calls with nsize = 2c+1", {"float32": 4e-7}),
    lookalikes=(
        Lookalike(
            "cntk",
            "CNTK has no such operator; the function of its examples, with k, n, alpha and beta, has Wolfram's radius n"
            " and divides alpha by 2n+1; give all numbers; read in its examples, not confirmed by a run",
        ),
    ),
    order=1,
)

CONVENTIONS = (WOLFRAM,)
