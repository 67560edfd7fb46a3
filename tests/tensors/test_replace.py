"""Outputs appear whole or not at all, and never cost what was there."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

from lrn_cli.errors import LrnError
from lrn_cli.tensors.replace import (
    OpenReplacement,
    Replacement,
    begin_unfinished,
    end_unfinished,
    part_of_run,
    remove_own_unfinished,
    remove_unfinished,
)
from lrn_cli.tensors.targets import check_target


def begun(kind: type[Replacement], target: Path, *, force: bool) -> Replacement:
    """A replacement that holds the word "new"."""
    output = kind(target, force=force)
    if isinstance(output, OpenReplacement):
        os.write(output.descriptor, b"new")
    else:
        output.path.write_bytes(b"new")
    return output


@pytest.fixture(params=[Replacement, OpenReplacement, "without nameless files"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[Replacement]:
    if request.param == "without nameless files":
        monkeypatch.setattr("lrn_cli.tensors.replace._nameless", lambda _: -1)
        return OpenReplacement
    found: type[Replacement] = request.param
    return found


@pytest.mark.parametrize("force", [False, True])
def test_a_file_appears_when_it_is_committed_and_not_before(
    kind: type[Replacement], force: bool, tmp_path: Path
) -> None:
    target = tmp_path / "y"
    output = begun(kind, target, force=force)
    assert not target.exists()
    output.commit()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"y": b"new"}


@pytest.mark.parametrize("force", [False, True])
def test_nothing_is_left_of_a_file_that_is_given_up(kind: type[Replacement], force: bool, tmp_path: Path) -> None:
    (tmp_path / "y").write_bytes(b"old")
    begun(kind, tmp_path / "y", force=force).abort()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"y": b"old"}


def test_a_file_that_appears_meanwhile_is_not_lost(kind: type[Replacement], tmp_path: Path) -> None:
    output = begun(kind, tmp_path / "y", force=False)
    (tmp_path / "y").write_bytes(b"another's")
    with pytest.raises(LrnError, match="appeared meanwhile"):
        output.commit()
    output.abort()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"y": b"another's"}


def test_of_two_writers_of_one_file_exactly_one_wins(kind: type[Replacement], tmp_path: Path) -> None:
    first, second = (begun(kind, tmp_path / "y", force=False) for _ in range(2))
    first.commit()
    with pytest.raises(LrnError, match="appeared meanwhile"):
        second.commit()
    second.abort()
    assert [path.name for path in tmp_path.iterdir()] == ["y"]


def test_a_link_stays_and_what_it_points_to_is_replaced(kind: type[Replacement], tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    begun(kind, tmp_path / "link", force=True).commit()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_file_system_without_hard_links_loses_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    begun(Replacement, tmp_path / "y", force=False).commit()
    assert (tmp_path / "y").read_bytes() == b"new"
    output = begun(Replacement, tmp_path / "y", force=False)
    with pytest.raises(LrnError, match="appeared meanwhile"):
        output.commit()
    output.abort()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"y": b"new"}


def test_what_is_in_the_way_is_refused_beforehand(tmp_path: Path) -> None:
    (tmp_path / "y").write_bytes(b"old")
    (tmp_path / "loop").symlink_to("loop")
    for target, message in (
        (tmp_path / "y", "is there already"),
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "y", "there is no folder"),
        (tmp_path / "y" / "z", "is a file, not a folder"),
        (tmp_path / "loop", "leads to itself"),
    ):
        with pytest.raises(LrnError, match=message):
            check_target(target, force=False)


def test_with_force_a_file_that_appears_meanwhile_is_replaced(kind: type[Replacement], tmp_path: Path) -> None:
    output = begun(kind, tmp_path / "y", force=True)
    (tmp_path / "y").write_bytes(b"of the same run")
    output.commit()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"y": b"new"}


def test_what_is_unfinished_of_a_run_is_removed_and_of_another_not(tmp_path: Path) -> None:
    for token in ("one", "other"):
        with part_of_run(token):
            Replacement(tmp_path / "y")
    with part_of_run("one"):
        remove_unfinished(tmp_path / "y", "*")
    assert [".other." in path.name for path in tmp_path.iterdir()] == [True]
    remove_own_unfinished()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_began_as_the_image_of_another_removes_none_of_its_files(tmp_path: Path) -> None:
    path = begin_unfinished(str(tmp_path / "x.npy"))
    path.touch()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads that others have begun
        child = os.fork()
    if not child:
        remove_own_unfinished()
        os._exit(0)
    os.waitpid(child, 0)
    assert path.exists()
    end_unfinished(path)
