"""Messages of protocol buffers as bytes, made by hand from the encoding's documentation."""

from __future__ import annotations

import struct

Part = bytes


def varint(number: int) -> bytes:
    """A number in sevens of bits, the least first."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def integer(field: int, number: int) -> Part:
    """A field of kind 0."""
    return varint(field << 3) + varint(number)


def real(field: int, number: float) -> Part:
    """A field of kind 5: a float."""
    return varint(field << 3 | 5) + struct.pack("<f", number)


def inner(field: int, *parts: bytes | str) -> Part:
    """A field of kind 2: a string, bytes, or a message of those parts."""
    data = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return varint(field << 3 | 2) + varint(len(data)) + data
