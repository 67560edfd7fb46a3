"""The part of an explanation's page that can be played with: sliders, and a script that is all in the page."""

from __future__ import annotations

import json
import math
from html import escape
from typing import TYPE_CHECKING

from lrn_cli.analysis.explanation.inhibition import inhibit
from lrn_cli.conventions.declaration import WindowRule
from lrn_cli.conventions.parameters import Role, show

if TYPE_CHECKING:
    from lrn_cli.conventions.binding import Bound

_WIDEST = 21
_CHANNELS = 25
_WEAK = 0.2


def playground(bound: Bound) -> str:
    """Sliders for a convention's numbers, with the bars, the gain and the worked example that follow them.

    Nothing for numbers that no slider has: a negative alpha, bias or beta, a window wider than all, or a list.
    It is hidden until the page's script runs, so that where scripts are off nothing stands there that does not work.
    """
    norm, listed = bound.norm, bound.convention.parameter(Role.WINDOW).by_axis
    widest = max(span.width for span in norm.window.values())
    if listed or min(norm.scale, norm.bias, norm.beta) <= 0 or widest > _WIDEST:
        return ""
    numbers = _numbers(bound)
    data = json.dumps(numbers).replace("<", "\\u003c")
    sliders = "".join(_slider(*slider) for slider in _sliders(bound, numbers))
    return f"""<section id="play" aria-label="numbers to play with" hidden>
<h2>Play with the numbers</h2>
<style>{_STYLE}</style>
<div class="sliders">{sliders}</div>
<p id="said" aria-live="polite"></p>
<div class="pictures"><figure id="bars"></figure><figure id="curve"></figure></div>
<pre id="worked" tabindex="0" role="group" aria-label="worked example"></pre>
<script>const play = {data};
{_SCRIPT}</script>
</section>"""


def _numbers(bound: Bound) -> dict[str, object]:
    """What the script needs: the numbers, and for each value of the window parameter what it covers and divides by."""
    convention, norm = bound.convention, bound.norm
    rule, limits = convention.window, convention.parameter(Role.WINDOW).limits
    windows = []
    for value in range(0 if rule is WindowRule.RADIUS else 1, _WIDEST + 1):
        span = rule.span(value)
        taken = not any(limit.refuses(value) for limit in limits) and (value % 2 or rule is not WindowRule.ODD_WIDTH)
        if span.width <= _WIDEST and taken:
            divisor = convention.divisor(dict.fromkeys(norm.window, value).values())
            windows.append([value, span.before, span.after, divisor])
    found, value = inhibit([bound]), max(bound.reach.values())
    others = [one.name for one in convention.parameters if one.role not in _ROLES]
    return {
        "name": convention.name,
        "names": {role.name.lower(): convention.parameter(role).name for role in _ROLES},
        "window": min(range(len(windows)), key=lambda at: abs(windows[at][0] - value)),
        "windows": windows,
        "alpha": bound.number(Role.ALPHA),
        "beta": norm.beta,
        "bias": norm.bias,
        "others": "".join(f",{name}={show(bound.values[name])}" for name in others),
        "fixed": bound.region.fixed_bias is not None,
        "strong": float(found.x.max()) if found else 5.0,
        "weak": _WEAK,
        "channels": _CHANNELS,
        "across": "C" in norm.window,
    }


_ROLES = (Role.WINDOW, Role.ALPHA, Role.BETA, Role.BIAS)


def _sliders(bound: Bound, numbers: dict[str, object]) -> list[tuple[str, str, float, float, str]]:
    """Name, label, ends and step of each; alpha and the strong activation go by powers of ten."""
    names = {role: bound.convention.parameter(role).name for role in _ROLES}
    windows, norm = numbers["windows"], bound.norm
    assert isinstance(windows, list)  # noqa: S101 - made above
    alpha, strong = (math.log10(value) for value in (bound.number(Role.ALPHA), float(str(numbers["strong"]))))
    return [
        ("window", names[Role.WINDOW], 0, len(windows) - 1, "1"),
        ("alpha", f"{names[Role.ALPHA]} (by powers of ten)", min(-6, alpha - 1), max(2, alpha + 1), "any"),
        ("beta", names[Role.BETA], 0, max(2, 2 * norm.beta), "any"),
        ("bias", names[Role.BIAS], min(0.05, norm.bias), max(10, 2 * norm.bias), "any"),
        ("strong", "the strong activation (by powers of ten)", min(-2, strong - 2), max(4, strong + 2), "any"),
    ]


def _slider(name: str, label: str, low: float, high: float, step: str) -> str:
    ends = f'min="{low:g}" max="{high:g}" step="{step}"'
    return (
        f'<label for="{name}">{escape(label)} <output id="{name}-is" for="{name}"></output></label>'
        f'<input type="range" id="{name}" {ends}>'
    )


_STYLE = """
.sliders{display:grid;grid-template-columns:minmax(12rem,auto) 1fr;gap:.4rem 1rem;align-items:center}
.sliders input{width:100%;accent-color:var(--first)}output{font-weight:bold}
@media(max-width:34rem){.sliders{grid-template-columns:1fr}}
"""

# Everything it draws is made of numbers, so nothing that a file is called can become markup.
_SCRIPT = r"""
(() => {
  const at = id => document.getElementById(id), slider = name => at(name);
  const short = v => Number.isFinite(v) ? String(Number(v.toPrecision(4))) : "none";
  const text = (x, y, words, anchor = "middle", more = "") =>
    `<text x="${x}" y="${y}" font-size="12" fill="var(--text)" text-anchor="${anchor}" ${more}>${words}</text>`;
  const chart = (inside, x, y, said) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 300" role="img"
    aria-label="${said}" font-family="Helvetica,Arial,sans-serif"><rect x="50" y="12" width="400" height="240"
    fill="var(--grid)" fill-opacity=".25"/>${inside}<path d="M50 12V252H450" fill="none" stroke="var(--quiet)"/>
    ${text(250, 290, x)}${text(16, 132, y, "middle", 'transform="rotate(-90 16 132)"')}</svg>`;
  const read = () => {
    const [value, before, after, divisor] = play.windows[slider("window").value];
    const alpha = 10 ** slider("alpha").value, strong = 10 ** slider("strong").value;
    const beta = +slider("beta").value, bias = +slider("bias").value;
    return {value, before, after, divisor, alpha, beta, bias, strong, scale: alpha / divisor};
  };
  const answer = n => {
    const middle = (play.channels - 1) / 2;
    const x = Array.from({length: play.channels}, (_, c) => c === middle ? n.strong : play.weak * n.strong);
    const rows = play.across ? 1 : n.before + n.after + 1;  // within a channel rows above and below are zero
    const sum = c => x.slice(Math.max(c - n.before, 0), c + n.after + 1).reduce((s, v) => s + v * v, 0);
    return {middle, rows, x, sum, y: x.map((v, c) => v / (n.bias + n.scale * sum(c)) ** n.beta)};
  };
  const bars = (n, a) => {
    const top = Math.max(...a.x, ...a.y.filter(Number.isFinite)), slot = 400 / play.channels;
    let inside = "";
    a.x.forEach((v, c) => {
      const h = 236 * v / top, k = Number.isFinite(a.y[c]) ? 236 * a.y[c] / top : 0, left = 50 + slot * c;
      const counts = c >= a.middle - n.before && c <= a.middle + n.after;
      if (counts) inside += `<rect x="${left}" y="254" width="${slot - 1}" height="5" fill="var(--fourth)"/>`;
      inside += `<rect x="${left + 1}" y="${252 - h}" width="${slot * .42}" height="${h}" fill="var(--first)"/>
        <rect x="${left + slot * .5}" y="${252 - k}" width="${slot * .42}" height="${k}" fill="var(--second)"
        fill-opacity=".35" stroke="var(--second)"/>`;
    });
    inside += text(46, 22, short(top), "end") + text(46, 254, "0", "end")
      + text(60, 26, "full: before, outlined: after", "start");
    const place = (play.across ? "channel" : "position in the channel") + "; below: what counts for the strong one";
    return chart(inside, place, "activation", "bars before and after");
  };
  const curve = (n, a) => {
    const s = a.sum(a.middle), low = Math.log10(s) - 4, gain = v => (n.bias + n.scale * v) ** -n.beta;
    const top = Math.max(gain(0), gain(10 ** (low + 6))), points = [];
    for (let i = 0; i <= 200; i++) {
      const g = gain(10 ** (low + 6 * i / 200));
      points.push(`${50 + 2 * i} ${252 - 236 * Math.min(g / top, 1)}`);
    }
    const x = 50 + 400 * 4 / 6, y = 252 - 236 * Math.min(gain(s) / top, 1);
    const inside = `<path d="M${points.join("L")}" fill="none" stroke="var(--first)" stroke-width="2"/>
      <path d="M${x} 252V${y}H50" fill="none" stroke="var(--second)" stroke-dasharray="4 3"/>
      <rect x="${x - 4}" y="${y - 4}" width="8" height="8" fill="var(--second)"/>`
      + text(46, 22, short(top), "end") + text(46, 254, "0", "end") + text(x, 268, "s = " + short(s))
      + text(50, 268, short(10 ** low)) + text(440, 268, short(10 ** (low + 6)), "end");
    return chart(inside, "s: sum of squares in the window (by powers of ten)", "gain y/x", "gain over sum of squares");
  };
  const worked = (n, a) => {
    const c = a.middle, s = a.sum(c), base = n.bias + n.scale * s, power = base ** n.beta;
    const from = Math.max(c - n.before, 0), to = Math.min(c + n.after, play.channels - 1);
    const squares = a.x.slice(from, to + 1).map(v => short(v) + "^2").join(" + ");
    return [`the strong one: s = ${squares} = ${short(s)}`,
      `scale = ${play.names.alpha} ${short(n.alpha)} / ${n.divisor} = ${short(n.scale)}`,
      `${short(n.bias)} + ${short(n.scale)} * ${short(s)} = ${short(base)}`,
      `${short(base)}^${short(n.beta)} = ${short(power)}`,
      `${short(a.x[c])} / ${short(power)} = ${short(a.y[c])}`].join("\n");
  };
  const draw = () => {
    const n = read(), a = answer(n);
    at("window-is").textContent = `${n.value} (${n.before} before, ${n.after} after)`;
    for (const name of ["alpha", "beta", "bias", "strong"]) at(name + "-is").textContent = short(n[name]);
    const word = `${play.name}:${play.names.window}=${n.value},${play.names.alpha}=${short(n.alpha)},` +
      `${play.names.beta}=${short(n.beta)}` + (play.fixed ? "" : `,${play.names.bias}=${short(n.bias)}`) + play.others;
    at("said").textContent = `-c ${word}: the strong one is multiplied by ${short(a.y[a.middle] / n.strong)}`;
    at("bars").innerHTML = bars(n, a);
    at("curve").innerHTML = curve(n, a);
    at("worked").textContent = worked(n, a);
  };
  slider("window").value = play.window;
  slider("alpha").value = Math.log10(play.alpha);
  slider("beta").value = play.beta;
  slider("bias").value = play.bias;
  slider("bias").disabled = play.fixed;
  slider("strong").value = Math.log10(play.strong);
  for (const name of ["window", "alpha", "beta", "bias", "strong"]) slider(name).addEventListener("input", draw);
  at("play").hidden = false;
  draw();
})();
"""
