"""Names as they hold on another machine, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrn_cli.cluster.home import Home
from lrn_cli.errors import LrnError
from lrn_cli.pipeline.request import Outcome

HOME = Home("//data/me/")

NAMES = ["in/x.npy", "x.h5::/conv1", "../x.npy", "out/", "./x.npy", "/data/me/x.npy", "/x.npy"]


@pytest.mark.parametrize("word", NAMES)
def test_a_name_holds_everywhere_and_is_shown_as_it_was_typed(word: str) -> None:
    away = HOME.away(word)
    assert away.startswith("/")
    assert HOME.typed(f"{away}: no such file") == f"{word}: no such file"


def test_two_slashes_lead_where_one_does_and_stay(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("here")
    away = Path(Home(f"/{tmp_path}/").away("x"))
    assert away.read_text() == "here"
    assert str(away) == f"/{tmp_path}/x"


def test_an_error_names_its_file_and_folder_as_typed() -> None:
    error = LrnError("//data/me/x.npy: the folder //data/me cannot be written to", "ls -ld //data/me")
    outcome = HOME.outcome(Outcome("//data/me/x.npy", "//data/me/y.npy", error=error))
    assert outcome.error is not None
    assert (outcome.input, outcome.output) == ("x.npy", "y.npy")
    assert (outcome.error.message, outcome.error.hint) == ("x.npy: the folder . cannot be written to", "ls -ld .")
