"""ncnn's .param: a net in lines of text.

Tencent/ncnn: src/net.cpp, Net::load_param; src/paramdict.cpp, ParamDict::load_param.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lrn_cli.models.content import Content
from lrn_cli.models.kinds import read_number
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.ncnn import KEYS, lrn_layer

_MAGIC = "7767517"


class NcnnText(ModelFormat):
    """A net: its magic number, how many layers and blobs it has, and a line for each layer."""

    name = "ncnn"
    title = "an ncnn net"

    def matches(self, content: Content) -> bool:
        """Whether it begins with the magic number."""
        return content.is_text and content.head.lstrip(b"\xef\xbb\xbf \t\r\n").split(None, 1)[:1] == [_MAGIC.encode()]

    def layers(self, content: Content) -> Iterator[Layer]:
        """The layers of type LRN.

        Raises:
            LrnError: A line is no layer, or there are fewer layers than the second line says.
        """
        lines = map(str.split, content.lines())
        next(lines)
        counts = next(lines, [])
        if len(counts) != 2 or not all(word.isdecimal() and len(word) < 10 for word in counts):
            raise content.damaged(
                f"its second line is {' '.join(counts)[:40]!r}, not how many layers and blobs there are"
            )
        found = 0
        for found, words in enumerate(lines, 1):
            yield from _layer(content, words, found)
        if found != int(counts[0]):
            raise content.damaged(f"{counts[0]} layers are announced, there are {found}")


def _layer(content: Content, words: list[str], number: int) -> Iterator[Layer]:
    """The layer of a line, `TYPE NAME inputs outputs BLOB.. KEY=VALUE..`, if it is LRN."""
    if len(words) < 4 or not all(word.isdecimal() and len(word) < 6 for word in words[2:4]):
        raise content.damaged(
            f"layer {number} is {' '.join(words)[:40]!r}, not type, name and how many blobs go in and out"
        )
    first = 4 + int(words[2])
    behind = first + int(words[3])
    if behind > len(words):
        raise content.damaged(f"layer {number}, {words[1][:40]!r}, has fewer blobs than it says")
    if words[0] != "LRN":
        return
    written: dict[str, Written] = {}
    values: dict[int, float] = {}
    flaw = ""
    for word in words[behind:]:
        key, equals, value = word.partition("=")
        if not equals or not key.lstrip("-").isdecimal() or len(key) > 9:
            raise content.damaged(f"layer {number}, {words[1][:40]!r}: {word[:40]!r} is not key=value")
        if int(key) in KEYS:
            flaw = flaw or (f"the key {key} is given twice" if key in written else "")
            written[key] = value
            try:
                values[int(key)] = read_number(value, int if int(key) < 2 else float)
            except ValueError:
                flaw = flaw or f"{KEYS[int(key)]} is {value[:40]!r}, no number"
    source, output = words[4] if first > 4 else "", words[first] if behind > first else ""
    if flaw:
        yield Layer("LRN", written, name=words[1], output=output, flaw=flaw, input=source)
    else:
        yield replace(lrn_layer(written, values, name=words[1], output=output), input=source)


FORMATS = (NcnnText(),)
