"""ncnn's .param.bin: its nets without names.

Tencent/ncnn: src/net.cpp, Net::load_param_bin; src/paramdict.cpp, ParamDict::load_param_bin.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack, unpack

from lrn_cli.models.content import Content
from lrn_cli.models.decimals import from_float32
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.ncnn import KEYS, lrn_layer

_MAGIC = pack("<i", 7767517)
_LRN, _END, _FIRST_ARRAY = 18, -233, -23300
_FLOATS = (2, 3, 4)
"""The keys of floats: the file does not tell them from integers."""


class NcnnBinary(ModelFormat):
    """A net in 32-bit numbers."""

    name = "ncnn-binary"
    title = "a binary ncnn net"

    def matches(self, content: Content) -> bool:
        """Whether it begins with the magic number."""
        return content.head.startswith(_MAGIC) and content.size >= 12

    def layers(self, content: Content) -> Iterator[Layer]:
        """Its LRN layers.

        Raises:
            LrnError: It is damaged.
        """
        numbers = _Numbers(content)
        numbers.skip(1)
        count, _ = numbers.take(), numbers.take()
        for _ in range(count):
            kind, inputs, outputs = numbers.take(), numbers.take(), numbers.take()
            numbers.skip(inputs)
            numbers.skip(outputs)
            parameters = dict(_read_parameters(numbers))
            if kind == _LRN:
                written: dict[str, Written] = {str(key): value for key, value in parameters.items()}
                yield lrn_layer(written, parameters)


def _read_parameters(numbers: _Numbers) -> Iterator[tuple[int, float]]:
    while (key := numbers.take()) != _END:
        if key <= _FIRST_ARRAY:
            numbers.skip(numbers.take())
            continue
        bits = numbers.take()
        if key in KEYS:
            yield key, from_float32(unpack("<f", pack("<i", bits))[0]) if key in _FLOATS else bits


class _Numbers:
    """The numbers of a file, one after the other."""

    def __init__(self, content: Content) -> None:
        self._content, self._data, self._at = content, content.whole, 0

    def take(self) -> int:
        """The next one."""
        begin = self._at
        self.skip(1)
        return int.from_bytes(self._data[begin : self._at], "little", signed=True)

    def skip(self, count: int) -> None:
        """Pass over so many.

        Raises:
            LrnError: There are fewer.
        """
        left = (len(self._data) - self._at) // 4
        if not 0 <= count <= left:
            raise self._content.damaged(f"{count:,} numbers are announced at byte {self._at}, {left:,} are left")
        self._at += 4 * count


FORMATS = (NcnnBinary(),)
