"""Help in two lengths, pages for `man` made of the same words, and the completion script as a verb."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from lrn_cli.commands import lrn as group
from lrn_cli.commands.terminal.help import GROUPS, grouped
from lrn_cli.commands.terminal.manual import write_pages
from tests.conftest import Run

VERBS = group.list_commands(click.Context(group))
EVERY = pytest.mark.parametrize("verb", VERBS)
MANUAL = Path(__file__).parents[2] / "lrn_cli" / "manual"


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of the usual width."""
    monkeypatch.setenv("COLUMNS", "80")


def shown(capsys: pytest.CaptureFixture[str], call: Run, *words: str) -> list[str]:
    assert call(*words).code == 0
    return capsys.readouterr().out.splitlines()


@EVERY
def test_short_help_fits_a_screen_of_24_by_80(verb: str, call: Run, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, call, verb, "-h")
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(f"Usage: lrn {verb} ")
    assert lines[-1].startswith(f"All options: lrn {verb} --help.")


def test_short_help_of_a_convention_has_its_parameters(call: Run, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, call, "apply", "-c", "caffe:alpha=2", "-h")
    flags = [line.split()[0] for line in lines if line.startswith("  --")]
    assert flags == ["--local-size", "--alpha", "--beta", "--k", "--norm-region"]
    assert len(lines) <= 24


@EVERY
def test_long_help_has_every_option_once_and_in_a_group(
    verb: str, call: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join(shown(capsys, call, verb, "--help"))
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    with click.Context(command, info_name=verb) as ctx:
        groups = grouped(command, ctx)
        options = [option for some in groups.values() for option in some]
        declared = {option for option in command.params if isinstance(option, click.Option) and not option.hidden}
    assert list(groups) == [heading for heading in GROUPS if heading in groups]
    assert declared <= set(options)
    for option in options:
        assert any(f"  {flag}" in text or f", {flag}" in text for flag in option.opts)
    for heading in groups:
        assert f"\n{heading}:\n" in text


def test_the_manual_is_of_the_same_words_as_the_help(call: Run) -> None:
    call("apply", "-c", "caffe", "--help")  # what was read before makes no difference
    written = {path.name: path.read_text() for path in MANUAL.glob("*.1")}
    assert written == write_pages(), "python -m lrn_cli.commands.terminal.manual lrn_cli/manual"


def test_there_is_a_page_for_each_verb() -> None:
    assert {path.name for path in MANUAL.iterdir()} == {"lrn.1", *(f"lrn-{verb}.1" for verb in VERBS)}


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
@pytest.mark.parametrize("page", sorted(MANUAL.glob("*.1")), ids=lambda path: path.name)
def test_groff_sets_a_page_without_a_warning(page: Path) -> None:
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", str(page)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    for heading in ("NAME", "SYNOPSIS", "EXIT STATUS"):
        assert heading in re.sub(".\b", "", done.stdout)  # struck twice for bold


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_what_the_shell_reads(shell: str, call: Run, capsys: pytest.CaptureFixture[str]) -> None:
    script = "\n".join(shown(capsys, call, "completion", shell))
    assert re.search(rf"_LRN_COMPLETE[= ]{shell}_complete", script)
    assert shown(capsys, call, "completion", shell.upper()) == script.splitlines()


def test_the_shell_at_hand_is_taken_where_none_is_named(call: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("completion", env={"SHELL": "/usr/bin/fish"}).code == 0
    assert "fish_complete" in capsys.readouterr().out
    call("completion", env={"SHELL": "/bin/sh"}).assert_refused("SHELL is not set to bash", "lrn completion bash")
