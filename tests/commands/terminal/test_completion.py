"""Completion in shells: what is offered, and what a press of TAB makes of a line in bash, zsh and fish themselves."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli import dtypes, layouts
from lrn_cli.commands.terminal import completion
from lrn_cli.tensors import selection
from tests.commands.test_start import loaded_by
from tests.conftest import Run
from tests.warm import serving

ROOT = Path(__file__).parents[3]
X = np.ones((1, 2, 3), "f4")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path)
    return tmp_path


def fill(folder: Path) -> None:
    """Files to complete."""
    np.save(folder / "plain.npy", X)
    np.savez(folder / "x.npz", name=X, other=X, text=np.array(["x"]))
    with h5py.File(folder / "x.h5", "w") as file:
        for name in ("features/conv1", "features/conv2", "deep/er/one", "a b", "$(touch hacked)", "col:on", "*"):
            file[name] = X
        file["new\nline"] = X
        file["scalar"] = 1.0
        file["outside"] = h5py.ExternalLink("other.h5", "/")
    with h5py.File(folder / "other.h5", "w") as file:
        file["secret"] = X
    with h5py.File(folder / "c.h5", "w") as file:
        file["g/d::one"], file["g/d::two"] = X, X
    colons: dict[str, Any] = {"c::one": X, "c::two": X}
    np.savez(folder / "c.npz", **colons)
    (folder / "damaged.h5").write_bytes((folder / "x.h5").read_bytes()[:900])
    (folder / "text.npy").write_text("1 2 3\n")
    os.mkfifo(folder / "pipe")


def offered(line: str, lrn: Run, **variables: str) -> list[str]:
    """The words that may stand at the end of the line, as fish is told them."""
    ended = lrn(env={"_LRN_COMPLETE": "fish_complete", "COMP_LINE": line, **variables})
    assert (ended.code, ended.err) == (0, "")
    answers = [answer.partition("\t")[0] for answer in ended.out.decode().splitlines() if answer]
    return [word if kind == "plain" else f"<{kind}>" for kind, _, word in (answer.partition(",") for answer in answers)]


# (line, the words that may stand at its end)
OFFERED = [
    ("lrn explain caffe tra", "tract tract: traps"),
    ("lrn explain -c caffe sou", "sources"),
    ("lrn explain caffe rema", ""),
    ("lrn explain caffe wind", "window WindowChannelSize"),
    ("lrn explain sou", ""),
    ("lrn explain wind", "window WindowChannelSize"),
    ("lrn explain local_s", "local_size"),
    ("lrn explain cuda-convnet-", "cuda-convnet cuda-convnet-map"),
    ("lrn explain caffe:local", "caffe:local_size="),
    ("lrn translate caffe sou", ""),
    ("lrn ap", "apply"),
    ("lrn --ver", "--version"),
    ("lrn apply --local", "--local-size"),
    ("lrn apply -c t", "tf tf:"),
    ("lrn apply -c neu", "neupy neupy-theano"),
    ("lrn apply -c CAF", "caffe caffe:"),
    ("lrn apply -c tensorf", "tensorflow tensorflow:"),
    ("lrn apply -c caffe:", "caffe:local_size= caffe:alpha= caffe:beta= caffe:k= caffe:norm_region="),
    ("lrn apply -c caffe:lo", "caffe:local_size="),
    ("lrn apply -c Wolfram:channel-w", "Wolfram:ChannelWindowSize="),
    ("lrn apply -c torch:size=5,Beta=1,", "torch:size=5,Beta=1,alpha= torch:size=5,Beta=1,k="),
    ("lrn apply --convention=tf:bias=1,al", "--convention=tf:bias=1,alpha="),
    ("lrn apply -c caffe:norm_region=w", "caffe:norm_region=WITHIN_CHANNEL"),
    ("lrn apply -c caffe:local_size=", ""),
    ("lrn apply --norm-region acr", "ACROSS_CHANNELS"),
    ("lrn apply --layout nh", "NHWC"),
    ("lrn apply --dtype float1", "float16"),
    ("lrn apply --compute ", "float32 float64"),
    ("lrn apply --format=j", "--format=json"),
    ("lrn apply --pixels r", "raw"),
    ("lrn apply --cf u", "unpack"),
    ("lrn apply --output-format t", "tiff"),
    ("lrn apply ", "<file>"),
    ("lrn apply plain.npy pl", "<file>"),
    ("lrn apply plain.npy -o ou", "<file>"),
    ("lrn apply --files-from ", "<file>"),
    ("A=1 lrn info x.h5::/feat", "x.h5::/features/conv1 x.h5::/features/conv2"),
    ("lrn info x.h5::feat", "x.h5::/features/conv1 x.h5::/features/conv2"),
    ("lrn info x.h5::/d", "x.h5::/deep/er/one"),
    ("lrn apply plain.npy -o x.h5::/features/conv2", "x.h5::/features/conv2"),
    ("lrn apply --output=x.h5::/c", "--output=x.h5::/col:on"),
    ("lrn apply x.npz::", "x.npz::name x.npz::other"),
    ("lrn apply $HERE/x.npz::n", "$HERE/x.npz::name"),
    ("lrn info c.npz::c", "c.npz::c::one c.npz::c::two"),
    ("lrn info $HERE/c.npz::c::t", "$HERE/c.npz::c::two"),
    ("lrn info c.h5::/g/d::", "c.h5::/g/d::one c.h5::/g/d::two"),
    ("lrn info c.h5::/g/d::o", "c.h5::/g/d::one"),
    ("lrn info c.h5::g/d::o", ""),
]


@pytest.mark.parametrize(("line", "words"), OFFERED)
def test_what_may_follow_is_offered(line: str, words: str, lrn: Run, folder: Path) -> None:
    assert offered(line, lrn, HERE=str(folder)) == words.split()


def test_groups_are_offered_before_what_is_in_them_and_what_is_no_tensor_or_in_another_file_never(
    lrn: Run, folder: Path
) -> None:
    names = ["$(touch hacked)", "*", "a b", "col:on", "deep/", "features/"]
    assert sorted(offered("lrn info x.h5::/", lrn)) == [f"x.h5::/{name}" for name in names]


# (what was given before, parameters' flags that are offered, some that are not)
FLAGS = [
    ("", "--alpha --local-size --depth-radius --channel-window-size", "--localsize --channelwindowsize"),
    ("-c caffe", "--alpha --beta --k --local-size --norm-region", "--depth-radius --bias --size --n"),
    ("-c caffe:local_size=5 --alpha 1", "--beta --k --norm-region", "--local-size --alpha"),
]


@pytest.mark.parametrize(("given", "wanted", "unwanted"), FLAGS)
def test_flags_are_those_of_the_convention_given_in_one_spelling(
    given: str, wanted: str, unwanted: str, lrn: Run
) -> None:
    flags = set(offered(f"lrn apply {given} --", lrn, LRN_CONVENTION=""))
    assert {"--convention", "--output", "--force", *wanted.split()} <= flags
    assert not flags & set(unwanted.split())


def test_where_no_convention_is_given_the_environments_decides_on_the_flags(lrn: Run) -> None:
    flags = offered("lrn apply --", lrn, LRN_CONVENTION="pytorch:size=5")
    assert "--alpha" in flags
    assert not {"--size", "--local-size"} & set(flags)


SILENT = [
    "lrn apply -c nothing:",
    "lrn apply -c caffe:nothing=",
    "lrn apply -c caffe:loc:al",
    "lrn nothing x",
    "lrn apply --nothing",
    "lrn apply 'x.h5::/nothing",
    "lrn info missing.h5::/",
    "lrn info damaged.h5::/",
    "lrn info text.npy::/",
    "lrn info plain.npy::",
    "lrn info pipe::/",
    "lrn info .::/",
    f"lrn info {'x' * 300}::/",
    "lrn info x.h5::/outside/",
]


@pytest.mark.parametrize("line", SILENT)
def test_where_nothing_can_be_offered_nothing_is_said(line: str, lrn: Run, folder: Path) -> None:
    assert offered(line, lrn) == []


@pytest.mark.parametrize("instruction", ["tcsh_source", "bash", "bash_", "", "bash_spell"])
def test_a_shell_that_is_not_known_is_an_error(instruction: str, lrn: Run) -> None:
    lrn(env={"_LRN_COMPLETE": instruction}).assert_refused(f"_LRN_COMPLETE is {instruction!r}", "zsh_source")


@pytest.mark.parametrize("line", ["lrn ", "lrn apply --", "lrn apply -c caffe:lo", "lrn apply x", "lrn apply --dtype "])
def test_what_is_in_no_file_is_completed_without_anything_heavy(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_LRN_COMPLETE", "fish_complete")
    monkeypatch.setenv("COMP_LINE", line)
    assert loaded_by(folder=tmp_path) == set()


def test_commands_start_without_what_the_shells_are_answered_with() -> None:
    program = "import sys, lrn_cli.commands.apply; print('lrn_cli.commands.terminal.shells' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True) == "False\n"


def test_names_kept_here_to_start_fast_are_those_of_the_rooms_they_come_from() -> None:
    assert completion.MEMBER == selection.SEPARATOR
    assert completion.FLOATS == dtypes.FLOATS
    assert set(completion.COMPUTED_IN) < set(completion.FLOATS)
    assert all(layouts.parse(layout) == layout for layout in completion.LAYOUTS)


# A shell's flags, and what makes it write its line to $SEEN when Ctrl-X p is typed.
START = {
    "bash": (
        ["--norc", "--noprofile", "-i"],
        """show() { printf '%s\\n' "$READLINE_LINE" >>$SEEN; }; bind -x '"\\C-xp": show'""",
    ),
    "zsh": (
        ["-f", "-i"],
        """autoload -U compinit; compinit -u -D; show() { print -r -- "$BUFFER" >>$SEEN; }; """
        """zle -N show; bindkey -e '^Xp' show""",
    ),
}


class Shell:
    """An interactive shell on a terminal of its own, in which lines are typed."""

    def __init__(self, name: str, folder: Path) -> None:
        self._seen, (words, setup) = folder / "seen", START[name]
        self._seen.touch()
        self._leader, follower = pty.openpty()
        variables = {**environment(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8", "SEEN": str(self._seen)}
        self._process = subprocess.Popen(
            [name, *words],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            cwd=folder,
            env=variables,
            start_new_session=True,
        )
        os.close(follower)
        self._typed(f'{setup}; eval "$(_LRN_COMPLETE={name}_source lrn)"; echo ready >>$SEEN\n')

    def completed(self, line: str) -> str:
        """What the line is after TAB; then it is emptied."""
        seen = self._typed(f"{line}\t\x18p")
        os.write(self._leader, b"\x15")
        return seen

    def _typed(self, text: str) -> str:
        """Type, and wait for one more line in $SEEN."""
        before, deadline = self._seen.read_text().count("\n"), time.monotonic() + 60
        os.write(self._leader, text.encode())
        while self._seen.read_text().count("\n") == before:
            assert time.monotonic() < deadline, f"nothing came of {text!r}"
            if select.select([self._leader], [], [], 0.02)[0]:
                os.read(self._leader, 1 << 16)  # what the shell shows; it would wait if nobody read it
        return self._seen.read_text().splitlines()[-1]

    def close(self) -> None:
        """End the shell."""
        self._process.kill()
        self._process.wait()
        os.close(self._leader)


def environment(folder: Path) -> dict[str, str]:
    """Variables under which a shell finds the command that is under test."""
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "lrn").write_text(f'#!/bin/sh\nexec {shlex.join(serving.command())} "$@"\n')
    (folder / "bin" / "lrn").chmod(0o755)
    path = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return {**os.environ, **path, "LRN_CONVENTION": ""}


def present(name: str) -> str:
    """The shell's name; the test is skipped where it is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(scope="module", params=["bash", "zsh"])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("shell")
    fill(folder)
    shell = Shell(present(request.param), folder)
    yield shell
    shell.close()


# (what is typed before TAB, what is there after it)
TYPED = [
    ("lrn ap", "lrn apply "),
    ("lrn apply -c ca", "lrn apply -c caffe"),
    ("lrn apply -c caffe:lo", "lrn apply -c caffe:local_size="),
    ("lrn apply -c caffe:local_size=5,al", "lrn apply -c caffe:local_size=5,alpha="),
    ("lrn apply --convention=caffe:k=1,al", "lrn apply --convention=caffe:k=1,alpha="),
    ("lrn apply -c caffe:norm_region=W", "lrn apply -c caffe:norm_region=WITHIN_CHANNEL "),
    ("lrn apply --local-s", "lrn apply --local-size "),
    ("lrn apply --format=js", "lrn apply --format=json "),
    ("lrn info pl", "lrn info plain.npy "),
    ("lrn apply --files-from=pl", "lrn apply --files-from=plain.npy "),
    ("lrn info x.h5::/fe", "lrn info x.h5::/features/conv"),
    ("lrn info x.h5::/features/conv1", "lrn info x.h5::/features/conv1 "),
    ("lrn info ~/x.h5::/deep", "lrn info ~/x.h5::/deep/er/one "),
    ("lrn info x.h5::/col:o", "lrn info x.h5::/col:on "),
    ("lrn info x.npz::na", "lrn info x.npz::name "),
    ("lrn info c.npz::c::o", "lrn info c.npz::c::one "),
    ("lrn info c.h5::/g/d::t", "lrn info c.h5::/g/d::two "),
    ("true; A=1 ./bin/lrn info x.npz::na", "true; A=1 ./bin/lrn info x.npz::name "),
    ("lrn apply -c caffe:nothing", "lrn apply -c caffe:nothing"),
]


@pytest.mark.parametrize(("line", "after"), TYPED)
def test_tab_completes_the_line(line: str, after: str, shell: Shell) -> None:
    assert shell.completed(line) == after


# (what is typed before TAB, the words that the shell then takes it for)
UNSAFE = [
    ("lrn info x.h5::/a", ["lrn", "info", "x.h5::/a b"]),
    ('lrn info "x.h5::/a', ["lrn", "info", "x.h5::/a b"]),
    ("lrn info x.h5::/\\$", ["lrn", "info", "x.h5::/$(touch hacked)"]),
    ("lrn info x.h5::/\\*", ["lrn", "info", "x.h5::/*"]),
]


@pytest.mark.parametrize(("line", "words"), UNSAFE)
def test_a_name_with_letters_that_a_shell_acts_on_is_quoted(line: str, words: list[str], shell: Shell) -> None:
    after = shell.completed(line)
    assert shlex.split(after) == words
    assert not any(letter in after.replace(f"\\{letter}", "") for letter in "$(*")


@pytest.mark.parametrize("line", [line for line, _ in TYPED[:-2] if "pl" not in line])
def test_fish_offers_the_same(line: str, folder: Path) -> None:
    source = "_LRN_COMPLETE=fish_source lrn | source"
    done = subprocess.run(
        [present("fish"), "--no-config", "-c", f"{source}; complete -C {shlex.quote(line)}"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    after = dict(TYPED)[line].split()[-1]
    words = [shown.partition("\t")[0] for shown in done.stdout.splitlines()]
    assert os.path.commonprefix(words) == after  # noqa: RUF071 - they are words, which may begin alike
