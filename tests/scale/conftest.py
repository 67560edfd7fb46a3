"""What the tests of this folder share: one cluster for most of them, as its start takes longer than they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.scale.clusters import Cluster, Here
from tests.scale.stores import Bucket, Web


@pytest.fixture(scope="session")
def dask() -> None:
    """Skip what needs it where it is missing."""
    if find_spec("distributed") is None:
        pytest.skip("Dask is not installed; the extra cluster has it")


@pytest.fixture(scope="session")
def objects() -> Iterator[Bucket | None]:
    """A server as S3 is one, with a bucket; None where there can be none."""
    if any(find_spec(library) is None for library in ("s3fs", "moto", "boto3")):
        yield None
        return
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield Bucket(server.get_host_and_port()[1])
    server.stop()


@pytest.fixture(scope="session")
def cluster(dask: None, objects: Bucket | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread each, whom files called poison kill; they find objects at s3://maps."""
    one = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        for _ in range(2):
            one.start_worker(env={"LRN_TEST_WORKER": "poison", **(objects.env if objects else {})})
        one.wait_for(2)
        yield one
    finally:
        one.close()


@pytest.fixture
def bucket(objects: Bucket | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket that this process, and those that it starts, find at s3://maps."""
    if objects is None:
        pytest.skip("s3fs or moto is not installed: pip install -e '.[test-cluster]'")
    for name, value in objects.env.items():
        monkeypatch.setenv(name, value)
    import fsspec

    monkeypatch.setitem(fsspec.config.conf, "s3", {"config_kwargs": {"read_timeout": 5}})
    objects.empty()
    yield objects
    forget_file_systems()


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server without files."""
    for library in ("fsspec", "aiohttp"):
        if find_spec(library) is None:
            pytest.skip(f"{library} is not installed: pip install -e '.[test-cluster]'")
    server = Web()
    yield server
    server.close()
    forget_file_systems()


@pytest.fixture
def forget() -> Callable[[], None]:
    """Has what is asked of servers next begin with credentials and connections of its own."""
    return forget_file_systems


def forget_file_systems() -> None:
    """Have the next test begin with its own credentials and connections."""
    import fsspec

    for protocol in ("http", *(["s3"] if find_spec("s3fs") else [])):
        fsspec.get_filesystem_class(protocol).clear_instance_cache()


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
