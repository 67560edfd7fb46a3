"""The README's examples give what it shows."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def examples() -> list[tuple[str, str]]:
    """Every command of the console blocks with the output shown below it, in order."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks), re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all examples run one after another, as a reader would type them."""
    path = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "samples", path / "samples")
    # The command of the environment that runs the tests, which need not be installed on the path.
    (path / "bin").mkdir()
    (path / "bin" / "lrn").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lrn_cli "$@"\n')
    (path / "bin" / "lrn").chmod(0o755)
    return path


@pytest.mark.parametrize(("command", "shown"), examples(), ids=[command for command, _ in examples()])
def test_a_command_prints_what_the_readme_shows(command: str, shown: str, folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "LRN_CONVENTION": ""}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == shown


def test_the_python_examples_print_what_the_readme_shows() -> None:
    failed, attempted = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert attempted > 0
    assert failed == 0


def test_the_first_screen_has_the_two_commands_that_set_everything_up() -> None:
    first_screen = README[:1500]
    assert "pip install . && .venv/bin/lrn apply samples/feats.npy -o out.npy" in first_screen
    assert "pip install '.[test]' && .venv/bin/python -m pytest" in first_screen
