"""Names with wildcards: what they stand for, as Python's `glob` has it for files of those names."""

from __future__ import annotations

import glob
from pathlib import Path

import pytest

from lrn_cli.tensors.format import has_wildcards
from lrn_cli.tensors.wildcards import matches

NAMES = ("a", "b", "ab", "f/a", "f/b", "f/ab", "f/deep/a", "f/deep/er/b", "g/a", "g/a-1", "g/a.b", "[x]", "f/x?")
PATTERNS = (
    "f/*",
    "*/a",
    "f/?",
    "f/[a-b]",
    "f/[!a]",
    "?b",
    "**/a",
    "f/**",
    "f/**/b",
    "**/deep/**",
    "**/**/a",
    "*/*/*",
    "f*/a*",
    "g/a.*",
    "[[]x]",
    "f/x[?]",
    "none/*",
    "A",
)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_in_a_path_wildcards_are_those_of_a_shell(pattern: str, slash: str, tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = glob.glob(pattern, root_dir=tmp_path, recursive=True)  # noqa: PTH207 - a ** at the end is folders there
    expected = {name for name in found if (tmp_path / name).is_file()}
    assert {name for name in NAMES if matches(pattern, f"{slash}{name}")} == expected
    assert {name for name in NAMES if matches(f"{slash}{pattern}", name)} == expected


@pytest.mark.parametrize("name", [*NAMES, "/a", "/f/deep/er/b"])
def test_a_star_alone_stands_for_every_name(name: str) -> None:
    assert matches("*", name)


@pytest.mark.parametrize(
    ("name", "expected"), [("/f/*", True), ("a?", True), ("[", True), ("/f/a", False), ("", False)]
)
def test_wildcards_are_three_signs(name: str, expected: bool) -> None:
    assert has_wildcards(name) is expected


def test_a_deep_path_takes_no_longer_with_many_stars() -> None:
    assert not matches("/".join(["**", "a"] * 12 + ["b"]), "/a" * 1000)
    assert not matches("*a" * 30 + "b", "a" * 3000)
