"""Calls in Python text, by Python's own grammar: the text is parsed, and never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import partial
from textwrap import dedent

from lrn_cli.errors import LrnError
from lrn_cli.models.content import DEPTH
from lrn_cli.models.pasted.expressions import DICTIONARY, Argument, Opaque, Seen, Value, combine, exact

_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Pow: "**",
}


def read_python(text: str) -> list[Seen] | None:
    """The calls in a text, in order; None where it is no Python.

    >>> [(call.name, call.arguments[1].value) for call in read_python("y = tf.nn.lrn(x, alpha=0.001 / 9.0)") or []]
    [('tf.nn.lrn', Fraction(1, 9000))]
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what is pasted, which is none of ours
            tree = ast.parse(dedent(text).strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names: dict[str, str] = {}
    found: list[Seen] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(_imported(node))
    results: set[ast.Call] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node not in results:
            results.update(owners := _owners(node))
            found += _call(owners, names)
    return found


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """What names stand for: `import torch.nn as nn` makes `nn` `torch.nn`."""
    if isinstance(node, ast.Import):
        return {name.asname: name.name for name in node.names if name.asname}
    return {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names if node.module}


def _owners(node: ast.expr) -> list[ast.Call]:
    """A call and those on whose results it is called, from the last: of `f(1).g(2)` the call of g and that of f."""
    found: list[ast.Call] = []
    while isinstance(node, ast.Call):
        found.append(node)
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return found


def _call(owners: list[ast.Call], names: dict[str, str]) -> Iterator[Seen]:
    """The first of them with the methods that are called on its result; nothing where what is called has no name."""
    *methods, node = owners
    if not (name := _dotted(node.func)):
        return
    arguments = [Argument("", _value(value)) for value in node.args]
    arguments += [Argument(keyword.arg or "**", _value(keyword.value)) for keyword in node.keywords]
    for method in reversed(methods):
        if isinstance(method.func, ast.Attribute):
            arguments += [Argument(method.func.attr, _value(value), chained=True) for value in method.args[:1]]
    first, dot, rest = name.partition(".")
    yield Seen(name, tuple(arguments), names.get(first, first) + dot + rest)


def _dotted(node: ast.expr) -> str:
    """The name of `a.b.c`; empty where it is no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


def _value(node: ast.expr, depth: int = 0) -> Value:
    if depth > DEPTH:
        raise LrnError(f"expressions lie more than {DEPTH} deep in each other")
    deeper = partial(_value, depth=depth + 1)
    value: Value = Opaque(ast.unparse(node)[:40] if isinstance(node, (ast.Name, ast.Attribute)) else "an expression")
    match node:
        case ast.Constant():
            value = _constant(node.value)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign):
            value = combine("-" if isinstance(sign, ast.USub) else "+", 0, deeper(node.operand))
        case ast.BinOp() if type(node.op) in _SIGNS:
            value = combine(_SIGNS[type(node.op)], deeper(node.left), deeper(node.right))
        case ast.List() | ast.Tuple():
            value = [deeper(item) for item in node.elts]
        case ast.Call(func=ast.Name(id="dict")):
            value = Seen(DICTIONARY, tuple(Argument(item.arg or "**", deeper(item.value)) for item in node.keywords))
        case ast.Dict():
            names = [str(key.value) if isinstance(key, ast.Constant) else "**" for key in node.keys]
            pairs = zip(names, node.values, strict=True)
            value = Seen(DICTIONARY, tuple(Argument(name, deeper(item)) for name, item in pairs))
    return value


def _constant(value: object) -> Value:
    if isinstance(value, float):
        return exact(value)
    return value if isinstance(value, (int, str)) and not isinstance(value, bool) else Opaque(repr(value)[:40])
