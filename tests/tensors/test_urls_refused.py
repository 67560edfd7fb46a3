"""URLs without what reads them, and those that nobody reads: one line and a hint, and nothing is imported before."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lrn_cli.errors import LrnError
from lrn_cli.tensors.folders import Search
from lrn_cli.tensors.registry import is_known
from lrn_cli.tensors.remote.addresses import Url, split
from lrn_cli.tensors.remote.listing import Below
from tests.conftest import Run

# (URL, what is missing, its extra)
EXTRAS = [
    ("s3://maps/x.npy", "s3fs", "s3"),
    ("gs://maps/x.npy", "gcsfs", "gs"),
    ("https://example.org/x.npy", "fsspec and aiohttp", "http"),
    ("http://example.org/x.npy", "fsspec and aiohttp", "http"),
]


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `lrn` find that none of the extras is installed."""
    monkeypatch.setattr("lrn_cli.tensors.remote.library.find_spec", lambda _: None)


@pytest.mark.usefixtures("without_extras")
@pytest.mark.parametrize(("url", "library", "extra"), EXTRAS)
@pytest.mark.parametrize("verb", ["apply", "info", "compare"])
def test_each_scheme_names_its_own_extra(call: Run, verb: str, url: str, library: str, extra: str) -> None:
    words = {"apply": (url, "-o", "y.npy", "-c", "tf"), "info": (url,), "compare": (url, url)}[verb]
    ended = call(verb, *words)
    assert ended.err.splitlines()[-2:] == [
        f"lrn: error: {url}: needs {library}",
        f"hint: pip install 'lrn-tensor[{extra}]'",
    ]
    assert ended.code == 2


@pytest.mark.usefixtures("without_extras")
@pytest.mark.parametrize(("url", "library", "extra"), EXTRAS[:2])
def test_an_output_names_its_extra_before_anything_is_done(
    call: Run, tmp_path: Path, url: str, library: str, extra: str
) -> None:
    np.save(tmp_path / "x.npy", np.ones((2, 3), "f4"))
    ended = call("apply", "x.npy", "-o", url, "-c", "tf")
    ended.assert_refused(f"{url}: needs {library}", f"pip install 'lrn-tensor[{extra}]'")


# (word, the error, the hint)
REFUSED = [
    ("s3a://maps/x.npy", "s3a://maps/x.npy: is none of the URLs that are taken", "s3://maps/x.npy"),
    ("gcs://maps/x.npy", "is none of the URLs that are taken", "gs://maps/x.npy"),
    ("s3:///x.npy", "s3:///x.npy: names no bucket", "s3://NAME/x.npy"),
    ("https:///x.npy", "names no host", "https://NAME/x.npy"),
    ("s3://key:hidden@maps/x.npy", "s3://maps/x.npy: holds a name or a password", "AWS_ACCESS_KEY_ID"),
    ("https://me:hidden@a.org/x.npy", "https://a.org/x.npy: holds a name or a password", "curl --user NAME"),
    ("s3a://key:hidden@maps/x.npy", "s3a://maps/x.npy: is none of the URLs", "one of these"),
    ("https://a.org/x\x1b.npy", "has control characters", "without them"),
    (
        "memory://maps/x.npy",
        "memory://maps/x.npy: no such file; lrn reads no memory:// URL",
        "s3://, gs:// or https://",
    ),
    ("local://etc/passwd", "lrn reads no local:// URL", "s3://"),
    ("file://HERE/secret.npy", "file://HERE/secret.npy: no such file", "did you mean HERE/secret.npy?"),
    ("simplecache::file://HERE/secret.npy", "no such file", ""),
    ("filecache::s3://maps/x", "no such file", ""),
]


@pytest.mark.parametrize(("word", "message", "hint"), REFUSED)
def test_other_schemes_and_layers_of_them_lead_nowhere(
    call: Run, tmp_path: Path, word: str, message: str, hint: str
) -> None:
    np.save(tmp_path / "secret.npy", np.ones((2, 3), "f4"))
    word, message, hint = (text.replace("HERE", str(tmp_path)) for text in (word, message, hint))
    for words in ((word, "-o", "y.npy"), (word, "-o", "-")):
        ended = call("apply", *words, "-c", "tf")
        ended.assert_refused(message)
        assert hint in ended.err.splitlines()[1]
        assert "hidden" not in ended.err


# (word, URL, member)
WORDS = [
    ("s3://maps/x.npy", "s3://maps/x.npy", ""),
    ("s3://maps/x.zarr::/a/b", "s3://maps/x.zarr", "/a/b"),
    ("s3://maps/x.h5::/a::b", "s3://maps/x.h5", "/a::b"),
    ("s3://maps/odd::name.npy", "s3://maps/odd::name.npy", ""),
    ("https://a.org/x.h5?sig=a::b", "https://a.org/x.h5?sig=a", "b"),
    ("https://a.org/x.npy?sig=1", "https://a.org/x.npy?sig=1", ""),
    ("http://[::1]:80/x.h5::/a", "http://[::1]:80/x.h5", "/a"),
]


@pytest.mark.parametrize(("word", "url", "member"), WORDS)
def test_a_member_stands_behind_a_url_as_behind_a_file(word: str, url: str, member: str) -> None:
    assert split(word, is_known) == (url, member)


def test_a_url_is_the_same_when_it_was_sent_to_another_process() -> None:
    url = Url("https://a.org/maps//x.npy?sig=a/b")
    sent = pickle.loads(pickle.dumps(url))  # noqa: S301 - of this line
    assert (sent.text, str(sent), sent.name) == (url.text, "https://a.org/maps//x.npy", "x.npy")


def test_a_url_keeps_what_paths_would_fold_and_gives_other_urls() -> None:
    url = Url("s3://maps/a//b?#.npy")
    assert (url.text, str(url / "c"), str(url.parent)) == (
        "s3://maps/a//b?#.npy",
        "s3://maps/a//b?#.npy/c",
        "s3://maps/a/",
    )
    assert str(Url("s3://maps/a/b.npy").with_suffix(".h5")) == "s3://maps/a/b.h5"
    assert str(Url("s3://maps").parent) == "s3://maps"
    with pytest.raises(LrnError):
        Url("file:///etc/passwd")


def test_nothing_is_imported_until_a_url_is_typed(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((2, 3), "f4"))
    program = (
        "import sys; sys.argv = ['lrn', 'apply', 'x.npy', '-o', 'y.npy', '-q']\n"
        "from lrn_cli.__main__ import main\n"
        "try: main()\n"
        "finally: print([name for name in sys.modules if name.startswith(('fsspec', 'aio', 'lrn_cli.tensors.rem'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# (key below the folder that is searched, folder in which its result comes to lie; None where it is passed over)
KEYS = [
    ("a/b.npy", "a"),
    ("b.npy", "."),
    ("../../up.npy", None),
    ("a/../../up.npy", None),
    ("/etc/root.npy", "etc"),
    ("/a//b.npy", "a"),
    ("line\n\xa0.npy", "."),
    (".hidden/b.npy", None),
    ("x.zarr/c/0/b.npy", None),
    ("deep/x.zarr/zarr.json", "deep"),
]


@pytest.mark.parametrize(("key", "folder"), KEYS)
def test_no_key_leads_out_of_the_folder_of_the_outputs(
    monkeypatch: pytest.MonkeyPatch, key: str, folder: str | None
) -> None:
    store = [Below("x.zarr/zarr.json", 1)] if key.startswith("x.zarr") else []
    monkeypatch.setattr("lrn_cli.tensors.remote.listing.walk", lambda _: iter([Below(key, 9), *store]))
    found = Search()._below("s3://maps/in", None)
    assert [str(one.folder) for one in found if not one.word.endswith("/x.zarr") or folder == "deep"] == [
        *([] if folder is None else [folder])
    ]
