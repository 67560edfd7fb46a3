"""Good files made hostile, the same way each time for the same number."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

from tests.campaign.seeds import Seed

_MOST_CHANGES = 6
_NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**64 - 1)
_TEXTS = (b"-1", b"0", b"999999999999", b"1" * 200, b"O", b"|O", b"V9", b"(" * 99, b"None", b"1e9", b"{}", b"'", b"\0")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"

Change = Callable[[bytearray, random.Random], None]


def mutated(all_seeds: Sequence[Seed], number: int) -> tuple[Seed, bytes]:
    """The hostile file of that number, and the seed that it is made from."""
    # Each seed in turn; what happens to it is up to the number.
    choose = random.Random(number)  # noqa: S311 - not for secrets
    seed = all_seeds[number % len(all_seeds)]
    data = seed.data
    if seed.suffix == ".npz" and choose.random() < 0.5:
        data = _with_bad_entry(data, choose)
    elif seed.suffix == ".npy" and choose.random() < 0.5:
        data = _with_bad_header(data, choose)
    elif seed.suffix == ".safetensors" and choose.random() < 0.5:
        data = _with_bad_json(data, choose)
    else:
        other = choose.choice(all_seeds).data
        data = changed(data, choose, other)
    if data.startswith(_SIGNATURE) and choose.random() < 0.7:
        data = _with_right_sums(data)
    return seed, data


def bruised(all_seeds: Sequence[Seed], number: int) -> tuple[Seed, bytes]:
    """The same with one to three bytes or numbers changed in their place, after which most files still open."""
    choose = random.Random(number)  # noqa: S311 - not for secrets
    seed = all_seeds[number % len(all_seeds)]
    work = bytearray(seed.data)
    for _ in range(choose.randint(1, 3)):
        choose.choice((_flip, _byte, _number))(work, choose)
    return seed, bytes(work[: len(seed.data)])


def changed(data: bytes, choose: random.Random, other: bytes) -> bytes:
    """Bytes changed at a few places."""
    work = bytearray(data)
    for _ in range(choose.randint(1, _MOST_CHANGES)):
        if choose.random() < 0.05:
            start = choose.randrange(len(other) + 1)
            _splice(work, choose, other[start : start + choose.randrange(1, 200)])
        elif work:
            choose.choice(_CHANGES)(work, choose)
    return bytes(work)


def _place(work: bytearray, choose: random.Random) -> int:
    """Where to change something: mostly in the beginning, where the structure is."""
    end = len(work) if choose.random() < 0.6 else min(len(work), 300)
    return choose.randrange(end)


def _flip(work: bytearray, choose: random.Random) -> None:
    work[_place(work, choose)] ^= 1 << choose.randrange(8)


def _byte(work: bytearray, choose: random.Random) -> None:
    work[_place(work, choose)] = choose.randrange(256)


def _number(work: bytearray, choose: random.Random) -> None:
    size = choose.choice((1, 2, 4, 8))
    number = choose.choice(_NUMBERS) & (1 << 8 * size) - 1
    place = _place(work, choose)
    work[place : place + size] = number.to_bytes(size, choose.choice(("little", "big")))[: len(work) - place]


def _truncate(work: bytearray, choose: random.Random) -> None:
    del work[_place(work, choose) :]


def _delete(work: bytearray, choose: random.Random) -> None:
    place = _place(work, choose)
    del work[place : place + choose.randrange(1, 64)]


def _repeat(work: bytearray, choose: random.Random) -> None:
    place = _place(work, choose)
    work[place:place] = work[place : place + choose.randrange(1, 64)] * choose.randrange(1, 4)


def _zeros(work: bytearray, choose: random.Random) -> None:
    place, size = _place(work, choose), choose.randrange(1, 64)
    work[place : place + size] = bytes(min(size, len(work) - place))


def _text(work: bytearray, choose: random.Random) -> None:
    _splice(work, choose, choose.choice(_TEXTS))


def _splice(work: bytearray, choose: random.Random, piece: bytes) -> None:
    place = choose.randrange(len(work) + 1)
    work[place : place + choose.choice((0, len(piece)))] = piece


_CHANGES: tuple[Change, ...] = (_flip, _flip, _byte, _byte, _number, _number, _number, _truncate, _delete, _repeat)
_CHANGES += (_zeros, _text)


def _with_bad_header(data: bytes, choose: random.Random) -> bytes:
    """An .npy file whose header has right lengths, so that its text is read."""
    size = 2 if data[6] == 1 else 4
    length = int.from_bytes(data[8 : 8 + size], "little")
    text = _bad_text(data[8 + size : 8 + size + length].rstrip(), choose) + b"\n"
    return data[:8] + (len(text) & (1 << 8 * size) - 1).to_bytes(size, "little") + text + data[8 + size + length :]


def _with_bad_json(data: bytes, choose: random.Random) -> bytes:
    """A safetensors file whose header has the right length, so that it is read."""
    length = int.from_bytes(data[:8], "little")
    text = _bad_text(data[8 : 8 + length], choose)
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def _bad_text(text: bytes, choose: random.Random) -> bytes:
    """A header in text, changed in its numbers more than elsewhere."""
    header = bytearray(text)
    for _ in range(choose.randint(1, 3)):
        numbers = [match.span() for match in re.finditer(rb"\d+", header)]
        if numbers and choose.random() < 0.7:
            start, stop = choose.choice(numbers)
            header[start:stop] = choose.choice((*_TEXTS, str(choose.choice(_NUMBERS)).encode()))
        elif header:
            choose.choice(_CHANGES)(header, choose)
    return bytes(header)


def _with_bad_entry(data: bytes, choose: random.Random) -> bytes:
    """An .npz archive with right checksums and a bad array in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            inner = old.read(entry)
            if entry.filename == "a.npy":
                inner = _with_bad_header(inner, choose) if choose.random() < 0.6 else changed(inner, choose, data)
            new.writestr(entry.filename, inner, entry.compress_type)
    return buffer.getvalue()


def _with_right_sums(data: bytes) -> bytes:
    """A PNG file whose chunks have right checksums, so that what is in them is read."""
    work, at = bytearray(data), len(_SIGNATURE)
    while at + 12 <= len(work):
        (length,) = struct.unpack_from(">I", work, at)
        end = at + 8 + length
        if end + 4 > len(work):
            break
        struct.pack_into(">I", work, end, zlib.crc32(work[at + 4 : end]))
        at = end + 4
    return bytes(work)
