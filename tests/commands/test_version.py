"""`lrn --version`, and what it says of the arithmetic."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from lrn_cli import __version__
from lrn_cli.arithmetic import native
from lrn_cli.commands import lrn as command
from tests.conftest import Run

NONE = "none was built when lrn was installed"

# (what does the arithmetic, what is said of it)
SAID = [
    (native.Choice("AVX2"), "arithmetic: compiled, AVX2"),
    (native.Choice("baseline"), "arithmetic: compiled, baseline"),
    (native.Choice(None, NONE), f"arithmetic: NumPy (no compiled part: {NONE})"),
]


@pytest.mark.parametrize(("choice", "line"), SAID)
def test_the_version_is_one_line_and_with_v_another_says_what_does_the_arithmetic(
    choice: native.Choice, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrn_cli.arithmetic.native.chosen", choice)
    for words, lines in ((["--version"], []), (["--version", "-v"], [line]), (["-v", "--version"], [line])):
        done = CliRunner().invoke(command, words)
        assert done.exit_code == 0
        assert done.output.splitlines() == [f"lrn {__version__}", *lines]


def test_the_environment_switches_the_compiled_part_off(lrn: Run) -> None:
    done = lrn("--version", "-v", env={"LRN_NATIVE": "0"})
    assert done.out.decode().splitlines()[1] == "arithmetic: NumPy (no compiled part: LRN_NATIVE=0)"


def test_v_alone_is_no_option() -> None:
    done = CliRunner().invoke(command, ["-v"])
    assert done.exit_code == 2
    assert "No such option" in done.output
