"""What every file format is held to: each joins with examples that the library which owns it makes and reads."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrn_cli.boxes import Box, blocks, size
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span
from lrn_cli.tensors.format import WrittenFormat
from lrn_cli.tensors.output import destination
from lrn_cli.tensors.registry import find_format, sniff
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading, Sink, Source, Writing
from lrn_cli.work.isolation import each

_AS_USUAL = Reading()
_CUTS = 24
"""How many files are cut off, and how many damaged in one byte."""


@dataclass(frozen=True)
class Example:
    """A file of a format.

    Attributes:
        name: What is special about it.
        format: The format's name.
        suffix: Of the file.
        values: What its tensor holds, as `reading` gives it.
        make: Writes the file, without any help from `lrn_cli`.
        load: The tensor of a file of the format, read without any help from `lrn_cli`; None where none is written.
        member: The tensor's name in the file.
        tell: What the file says besides, which an output has to keep; read without help too.
        reading: How to read it.
    """

    name: str
    format: str
    suffix: str
    values: Array
    make: Callable[[Path], object]
    load: Callable[[Path], Array] | None = None
    member: str = ""
    tell: Callable[[Path], object] = lambda _: None
    reading: Reading = _AS_USUAL

    def word(self, path: Path) -> str:
        """What a user types for the tensor."""
        return f"{path}::{self.member}" if self.member else str(path)


def cut(source: Source) -> Iterator[Box]:
    """Uneven blocks of a tensor in storage order, at least two; the last of each axis is shorter than the others."""
    shape = source.storage_shape
    # A sequential source gives its elements in their order: whole runs along the first axis.
    lengths = [max(1, n // 2 + n % 2) if axis == 0 or not source.sequential else n for axis, n in enumerate(shape)]
    return (block.core for block in blocks(shape, (Span(0, 0),) * len(shape), lengths))


def read(source: Source, box: Box) -> Array:
    """One block."""
    block = np.empty(size(box), source.info.dtype)
    source.read(box, block)
    return block


def begin(source: Source, word: str, output: str, notice: Callable[[str], None] = print) -> Sink:
    """An output for a source's own values, over what is there."""
    place = destination(output, None, word, source)
    assert place.path is not None
    info = source.info
    return place.format.create(
        Writing(place.path, place.member, info.shape, info.dtype, source, force=True, notice=notice)
    )


def carry(source: Source, word: str, output: str) -> list[str]:
    """Write a source's own values block by block, in reverse where that may be; what the user was told."""
    told: list[str] = []
    with begin(source, word, output, told.append) as sink:
        boxes = list(cut(source))
        for box in boxes if sink.sequential or source.sequential else reversed(boxes):
            sink.write(box, read(source, box))
    return told


class Battery:
    """The tests; a format's file of tests has a class of them with its `EXAMPLES`."""

    EXAMPLES: tuple[Example, ...]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test with each example that it can be run with."""
        written_only = "output" in metafunc.fixturenames
        examples = [item for item in metafunc.cls.EXAMPLES if item.load or not written_only]
        metafunc.parametrize("example", examples, ids=[item.name for item in examples])

    @pytest.fixture
    def file(self, example: Example, tmp_path: Path) -> Path:
        """The example's file."""
        path = tmp_path / f"in{example.suffix}"
        example.make(path)
        return path

    @pytest.fixture
    def output(self, example: Example, tmp_path: Path) -> Path:
        """Another file, of the same format."""
        (tmp_path / "out").mkdir()
        return tmp_path / "out" / f"out{example.suffix}"

    def test_its_first_bytes_tell_the_format(self, example: Example, file: Path) -> None:
        assert sniff(file).name == example.format

    def test_its_library_and_it_agree_on_the_values_in_whatever_blocks(self, example: Example, file: Path) -> None:
        with open_tensor(example.word(file), example.reading) as source:
            assert (source.info.shape, source.info.dtype) == (example.values.shape, example.values.dtype)
            stored = example.values.T if source.info.fortran_order else example.values
            boxes = list(cut(source))
            for box in boxes if source.sequential else (*reversed(boxes), *boxes):
                np.testing.assert_array_equal(read(source, box), stored[box])
            source.finish()

    def test_what_is_written_its_library_reads_with_all_that_was_there(
        self, example: Example, file: Path, output: Path
    ) -> None:
        assert example.load is not None
        with open_tensor(example.word(file), example.reading) as source:
            carry(source, example.word(file), str(output))
        np.testing.assert_array_equal(example.load(output), example.values)
        assert example.tell(output) == example.tell(file)
        assert sniff(output).name == example.format

    def test_a_file_may_be_its_own_output(self, example: Example, file: Path, output: Path) -> None:
        assert example.load is not None
        said = example.tell(file)
        with open_tensor(example.word(file), example.reading) as source:
            carry(source, example.word(file), str(file))
        np.testing.assert_array_equal(example.load(file), example.values)
        assert example.tell(file) == said
        assert [path for path in file.parent.iterdir() if path != output.parent] == [file]

    @pytest.mark.parametrize("there", [False, True])
    def test_what_fails_leaves_nothing_and_costs_nothing(
        self, example: Example, file: Path, output: Path, there: bool
    ) -> None:
        if there:
            example.make(output)
        before = {path.name: contents(path) for path in output.parent.iterdir()}
        with pytest.raises(ZeroDivisionError):
            _write_one_block(example.word(file), output, example.reading, _fail)
        assert {path.name: contents(path) for path in output.parent.iterdir()} == before

    def test_a_kill_costs_nothing_and_the_next_run_does_not_mind(
        self, example: Example, file: Path, output: Path
    ) -> None:
        assert example.load is not None
        example.make(output)
        before = contents(output)
        (ended,) = each(lambda word: _write_one_block(word, output, example.reading, _die), [example.word(file)])
        assert isinstance(ended, LrnError)
        assert "SIGKILL" in ended.message
        assert contents(output) == before
        with open_tensor(example.word(file), example.reading) as source:
            carry(source, example.word(file), str(output))
        np.testing.assert_array_equal(example.load(output), example.values)

    @pytest.mark.parametrize("whole", [True, False])
    def test_what_is_written_together_appears_together_or_not_at_all(
        self, example: Example, file: Path, output: Path, whole: bool
    ) -> None:
        assert example.load is not None
        with open_tensor(example.word(file), example.reading) as source:
            info = source.info
            writing = Writing(output, "", info.shape, info.dtype, source, narrow=info.narrow)
            form = find_format(example.format)
            if not form.holds_several:
                with pytest.raises(LrnError, match="holds one"), form.create_several([writing]):
                    raise AssertionError
            elif whole:
                _write_together(form, writing, lambda: None)
                np.testing.assert_array_equal(example.load(output), example.values)
            else:
                with pytest.raises(ZeroDivisionError):
                    _write_together(form, writing, _fail)
        assert [path.name for path in output.parent.iterdir()] == [output.name] * (whole and form.holds_several)

    def test_a_file_that_is_cut_off_or_damaged_gives_values_or_one_line(
        self, example: Example, file: Path, tmp_path: Path
    ) -> None:
        generator = np.random.default_rng(0)
        (tmp_path / "bad").mkdir()
        words = []
        for number in range(2 * _CUTS):
            path = tmp_path / "bad" / f"{number}{example.suffix}"
            _damage(file, path, generator, cut_off=bool(number % 2))
            words.append(example.word(path))
        # In another process: a library may crash, and that too has to be one line.
        ended = list(each(lambda word: _try(word, example.reading), words))
        assert len(ended) == len(words)
        for word, result in zip(words, ended, strict=True):
            if isinstance(result, LrnError):
                assert str(tmp_path) in result.message
                assert "\n" not in result.message
                assert result.hint
            else:
                assert result == word


def _damage(file: Path, to: Path, generator: np.random.Generator, *, cut_off: bool) -> None:
    """A copy of a file, or of a folder with one of its files, that is cut off or has one byte changed."""
    if file.is_dir():
        shutil.copytree(file, to)
        inside = sorted(path for path in to.rglob("*") if path.is_file())
        to = inside[int(generator.integers(len(inside)))]
        file = to
    damaged = bytearray(file.read_bytes())
    place = int(generator.integers(1, len(damaged)))
    if cut_off:
        del damaged[place:]
    else:
        damaged[place] ^= int(generator.integers(1, 256))
    to.write_bytes(damaged)


def contents(path: Path) -> object:
    """All bytes of a file, or of the files of a folder."""
    if not path.is_dir():
        return path.read_bytes()
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def _try(word: str, reading: Reading) -> str:
    """Read all of a tensor; its word."""
    with open_tensor(word, reading) as source:
        for box in cut(source):
            read(source, box)
        source.finish()
    return word


def _write_together(form: WrittenFormat, writing: Writing, then: Callable[[], None]) -> None:
    with form.create_several([writing]) as (sink,):
        for box in cut(writing.source):
            sink.write(box, read(writing.source, box))
        then()


def _write_one_block(word: str, output: Path, reading: Reading, then: Callable[[], None]) -> None:
    with open_tensor(word, reading) as source, begin(source, word, str(output)) as sink:
        box = next(cut(source))
        sink.write(box, read(source, box))
        then()


def _fail() -> None:
    raise ZeroDivisionError


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def random(shape: tuple[int, ...], dtype: Any = "f4", order: str = "C") -> Array:
    """Values of any kind of number, the same each time."""
    numbers = np.random.default_rng(0).standard_normal(shape) * 50
    return np.asarray(numbers.astype(dtype), order=order)  # type: ignore[call-overload,no-any-return]
