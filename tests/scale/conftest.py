"""What the tests of this folder share: one cluster for most of them, as its start takes longer than they do."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.scale.clusters import Cluster, Here


@pytest.fixture(scope="session")
def dask() -> None:
    """Skip what needs it where it is missing."""
    if find_spec("distributed") is None:
        pytest.skip("Dask is not installed; the extra cluster has it")


@pytest.fixture(scope="session")
def cluster(dask: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread each, whom files called poison kill."""
    one = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        for _ in range(2):
            one.start_worker(env={"LRN_TEST_WORKER": "poison"})
        one.wait_for(2)
        yield one
    finally:
        one.close()


@pytest.fixture
def another(dask: None, tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers, for one test."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    one = Cluster(folder)
    yield one
    one.close()


@pytest.fixture
def here(tmp_path: Path) -> Here:
    """Runs of the command in the test's own folder."""
    return Here(tmp_path)
