"""What tests share: the command as a real process or in this one, and its errors."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from lrn_cli.arithmetic import native
from lrn_cli.commands import lrn as command
from lrn_cli.commands.terminal.console import Streams
from lrn_cli.commands.terminal.exits import report_end
from tests.warm import serving


@dataclass(frozen=True)
class Ended:
    """A finished run of the command."""

    code: int
    out: bytes
    err: str

    def assert_refused(self, *fragments: str) -> None:
        """Check that it failed with one line that holds all fragments, and one hint, and said nothing else."""
        lines = self.err.splitlines()
        assert self.code == 2, self.err
        assert [line.partition(": ")[0] for line in lines] == ["lrn", "hint"], self.err
        assert lines[0].startswith("lrn: error: ")
        for fragment in fragments:
            assert fragment in self.err
        assert self.out == b""


Run = Callable[..., Ended]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--cases`."""
    parser.addoption("--cases", type=int, help="run at most so many cases of each test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that start processes, also to follow hints, so that `-m "not processes"` leaves the quick ones."""
    if most := config.getoption("--cases"):
        cases: dict[str, list[pytest.Item]] = {}
        for item in items:
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
        kept = {item for alike in cases.values() for item in alike[:: -(-len(alike) // most)]}
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = [item for item in items if item in kept]
    for item in items:
        at_hand = vars(item.module) if isinstance(item, pytest.Function) else {}
        used = set(getattr(item, "fixturenames", ()))
        if used & {"lrn", "here", "cluster"} or not {"subprocess", "follow"}.isdisjoint(at_hand):
            item.add_marker("processes")


@pytest.fixture
def lrn(tmp_path: Path) -> Run:
    """Run `lrn` in the test's own folder, as a process, with bytes on standard input."""

    def run(*words: object, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Ended:
        # What is read at the start, a server has read before.
        start = (
            serving.REAL if any(name.startswith(("PYTHON", "LRN_NATIVE")) for name in env or ()) else serving.command()
        )
        done = subprocess.run(
            [*start, *map(str, words)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "LRN_CONVENTION": "", **(env or {})},
            check=False,
            timeout=120,
        )
        return Ended(done.returncode, done.stdout, done.stderr.decode())

    return run


class StreamsInMemory(Streams):
    """What is sent to a command and what it says, without a process."""

    def __init__(self, sent: bytes) -> None:
        self._input, self._output, self._errors = (
            TextIOWrapper(BytesIO(data), encoding="utf-8", write_through=True) for data in (sent, b"", b"")
        )

    @property
    def stdin(self) -> TextIOWrapper:
        """What is sent."""
        return self._input

    @property
    def stdout(self) -> TextIOWrapper:
        """What is answered."""
        return self._output

    @property
    def stderr(self) -> TextIOWrapper:
        """What is said besides."""
        return self._errors

    def said(self) -> tuple[bytes, str]:
        """What has been answered, and what said besides."""
        out, err = (stream.buffer for stream in (self._output, self._errors))
        assert isinstance(out, BytesIO)
        assert isinstance(err, BytesIO)
        return out.getvalue(), err.getvalue().decode()


@pytest.fixture
def without_tifffile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `lrn` find that the extra for TIFF is not installed, in the test's own process."""
    monkeypatch.setattr("lrn_cli.tensors.images.tiff.codecs.find_spec", lambda _: None)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call `lrn` in the test's own folder and in this process: quicker, where how a process ends is not the point.

    What a process that is kept apart from this one says by itself is lost: `compare` and `identify` of HDF5 and images
    say their notes there, and `apply` writes there to standard output.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LRN_CONVENTION", "")

    def run(*words: object, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Ended:
        streams = StreamsInMemory(stdin)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            try:
                with command.make_context("lrn", [str(word) for word in words], obj=streams) as context:
                    code = command.invoke(context)
            except Exception as error:
                code = report_end(error, streams.stderr)
        return Ended(code, *streams.said())

    return run


@pytest.fixture(scope="module", params=native.chosen.variants, ids=lambda variant: variant or "NumPy")
def variant(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """NumPy's passes, and each variant of the compiled ones: a module that uses this is run with all of them."""
    kept = native.chosen
    native.chosen = kept._replace(variant=request.param)
    yield request.param
    native.chosen = kept
