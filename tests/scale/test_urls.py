"""Objects of S3 stand where files may: the same bytes, whole or not at all, never in the place of others unasked."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.remote.addresses import Url
from lrn_cli.tensors.remote.uploads import Upload
from tests.conftest import Run
from tests.scale.clusters import ROOT, Cluster, Here, until
from tests.scale.stores import Bucket

CAFFE = ("-c", "caffe:local_size=3,alpha=1,beta=1,k=1")


def maps(shape: tuple[int, ...] = (4, 8, 5, 5)) -> Array:
    return np.asarray(np.random.default_rng(0).normal(size=shape), "f4")


def normalised(x: Array) -> Array:
    """The results of CAFFE: alpha is divided by the window."""
    padded = np.pad(x.astype("f8") ** 2, ((0, 0), (1, 1), (0, 0), (0, 0)))
    return np.asarray(x / (1 + (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]) / 3), "f4")


def npy(values: Array) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def loaded(data: bytes) -> Array:
    return np.asarray(np.load(io.BytesIO(data)))


@pytest.mark.parametrize("fortran", [False, True])
def test_what_is_made_of_an_object_has_the_bytes_of_what_is_made_of_a_file(
    bucket: Bucket, call: Run, tmp_path: Path, fortran: bool
) -> None:
    values = np.asfortranarray(maps()) if fortran else maps()
    np.save(tmp_path / "x.npy", values)
    x = bucket.put("in/x.npy", npy(values))
    assert call("apply", "x.npy", "-o", "y.npy", *CAFFE).code == 0
    assert call("apply", x, "-o", "s3://maps/out/y.npy", *CAFFE).code == 0
    assert bucket.get("out/y.npy") == (tmp_path / "y.npy").read_bytes()
    np.testing.assert_allclose(loaded(bucket.get("out/y.npy")), normalised(values), rtol=1e-6)


def test_an_object_of_many_blocks_is_read_and_sent_in_parts(
    bucket: Bucket, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrn_cli.tensors.remote.blocks.BLOCK", 1_000_003)
    monkeypatch.setattr("lrn_cli.tensors.remote.uploads.BLOCK", 5 << 20)  # of which S3 takes none that are smaller
    values = maps((12, 64, 60, 60))
    x = bucket.put("x.npy", npy(values))
    assert call("apply", x, "-o", "s3://maps/y.npy", *CAFFE, "-j", "3").code == 0
    np.testing.assert_allclose(loaded(bucket.get("y.npy")), normalised(values), rtol=1e-6)
    assert bucket.unfinished() == 0


def test_verbs_that_read_take_objects(bucket: Bucket, call: Run) -> None:
    values = maps((2, 8, 6, 6))
    x, y = bucket.put("x.npy", npy(values)), bucket.put("y.npy", npy(normalised(values)))
    assert f"{x}\tnpy\t-\t2x8x6x6\tfloat32" in call("info", x, "--stats").out.decode()
    assert call("compare", x, x).code == 0
    assert call("compare", x, y).code == 1
    found = call("identify", x, y)
    assert "local_size=3,alpha=1,beta=1,k=1" in found.out.decode()
    assert found.code == 0


def test_the_result_of_an_object_goes_to_a_pipe_and_that_of_a_pipe_to_an_object(bucket: Bucket, call: Run) -> None:
    data = npy(maps())
    piped = call("apply", bucket.put("x.npy", data), "-o", "-", *CAFFE)
    assert call("apply", "-", "-o", "s3://maps/y.npy", *CAFFE, stdin=data).code == 0
    assert piped.out == bucket.get("y.npy")


def test_an_object_that_is_there_is_replaced_only_by_force(bucket: Bucket, call: Run) -> None:
    x, y = bucket.put("x.npy", npy(maps())), bucket.put("y.npy", b"old")
    call("apply", x, "-o", y, *CAFFE).assert_refused("s3://maps/y.npy: is there already", "without --force")
    call("apply", x, "-o", x, *CAFFE).assert_refused("it is the input itself")
    assert bucket.get("y.npy") == b"old"
    assert call("apply", x, "-o", y, "--force", *CAFFE).code == 0
    assert call("apply", x, "-o", x, "--force", *CAFFE).code == 0
    assert bucket.get("x.npy") == bucket.get("y.npy")


def test_of_two_that_send_one_object_one_wins_and_the_other_is_told(bucket: Bucket) -> None:
    def upload(data: bytes) -> Upload:
        one = Upload(Url("s3://maps/y.npy"), len(data), force=False, long_call=nullcontext)
        one.write(memoryview(data))
        return one

    for size in (100, 33 << 20):  # in one piece, and in parts
        bucket.empty()
        first, second = upload(b"a" * size), upload(b"b" * size)
        with second:
            pass
        with pytest.raises(LrnError, match="appeared meanwhile, and is not replaced without --force"), first:
            pass
        assert bucket.get("y.npy")[:1] == b"b"
        assert bucket.unfinished() == 0


def test_an_exception_publishes_nothing_and_neither_does_what_is_forgotten(bucket: Bucket) -> None:
    for size in (100, 33 << 20):
        upload = Upload(Url("s3://maps/y.npy"), size, force=False, long_call=nullcontext)
        with pytest.raises(RuntimeError), upload:  # noqa: PT012 - what is said behind the first line is the point
            upload.write(memoryview(bytes(size)))
            raise RuntimeError
        assert (bucket.keys(), bucket.unfinished()) == (set(), 0)
    forgotten = Upload(Url("s3://maps/y.npy"), 100, force=False, long_call=nullcontext)
    forgotten.write(memoryview(bytes(100)))
    del forgotten
    gc.collect()
    assert bucket.keys() == set()


def test_a_killed_run_publishes_nothing_and_one_that_is_interrupted_leaves_nothing(bucket: Bucket) -> None:
    data = npy(np.zeros((22, 64, 100, 100), "f4"))
    runs = [_begin(f"s3://maps/{name}.npy", data[: 50 << 20]) for name in ("killed", "interrupted")]
    until(lambda: bucket.unfinished() == 2, "a part of each was sent")
    for run, number in zip(runs, (signal.SIGKILL, signal.SIGINT), strict=True):
        run.send_signal(number)
        run.wait(30)
        assert run.stdin is not None
        run.stdin.close()
    assert bucket.keys() == set()
    assert bucket.unfinished() == 1  # which nobody sees: of the one that could not say that it gives up


def _begin(output: str, data: bytes) -> subprocess.Popen[bytes]:
    """A run to which so much of its input has been sent."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lrn_cli", "apply", "-", "-o", output, *CAFFE],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()
    return process


def test_many_objects_go_to_a_folder_of_objects(bucket: Bucket, here: Here) -> None:
    for key in ("in/a.npy", "in/deep/b.npy", "in/deep/readme.txt", "in/.hidden/c.npy"):
        bucket.put(key, npy(maps()))
    done = here("apply", "-r", "s3://maps/in", "-o", "s3://maps/out/", *CAFFE)
    assert (done.code, bucket.keys("out/")) == (0, {"out/a.npy", "out/deep/b.npy"})


def test_lists_templates_and_outputs_that_are_there(bucket: Bucket, call: Run, tmp_path: Path) -> None:
    for key in ("in/a.npy", "in/deep/b.npy", "out/a.npy"):
        bucket.put(key, npy(maps()))
    (tmp_path / "list").write_text("s3://maps/in/a.npy\ns3://maps/in/deep/b.npy\ns3://maps/in/gone.npy\n")
    there = call("apply", "--files-from", "list", "-o", "s3://maps/out/", "--skip-existing", "--debug", *CAFFE)
    assert "s3://maps/out/a.npy is there already, skipped" in there.err
    assert "s3://maps/in/gone.npy: no such object" in there.err
    assert bucket.keys("out/") == {"out/a.npy", "out/b.npy"}
    words = ("-r", "s3://maps/in", "-o", "s3://maps/t/{stem}.{convention}.npy", "--dry-run", "--debug")
    assert b"s3://maps/t/b.caffe.npy" in call("apply", *words, *CAFFE).out
    assert bucket.keys("t/") == set()
    listed = call("info", "-r", "s3://maps/in").out.decode().splitlines()
    assert [line.partition("\t")[0] for line in listed[1:]] == ["s3://maps/in/a.npy", "s3://maps/in/deep/b.npy"]


def test_other_formats_come_through_a_copy_of_which_nothing_is_left(
    bucket: Bucket, here: Here, call: Run, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("/layer/conv1", data=maps(), chunks=(1, 8, 5, 5), compression="gzip")
        file["note"] = "kept"
    Image.fromarray(np.arange(192, dtype="u1").reshape(8, 8, 3)).save(tmp_path / "x.png")
    for name in ("x.h5", "x.png"):
        bucket.put(name, (tmp_path / name).read_bytes())
    words = ("s3://maps/x.h5", "s3://maps/x.png", "-o", "s3://maps/out/")
    done = here("apply", *words, *CAFFE, env={"TMPDIR": str(copies)})
    assert (done.code, bucket.keys("out/")) == (0, {"out/x.h5", "out/x.npy"})
    assert list(copies.iterdir()) == []
    with h5py.File(io.BytesIO(bucket.get("out/x.h5"))) as made:
        np.testing.assert_allclose(made["/layer/conv1"][...], normalised(maps()), rtol=1e-6)
        assert made["note"][()] == b"kept"
    conv1 = ("s3://maps/out/x.h5::/layer/conv1", "s3://maps/x.h5::/layer/conv1")
    assert call("compare", *conv1, "--debug").code == 1


def test_errors_of_a_copy_name_the_object(bucket: Bucket, call: Run, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["conv1"] = maps()
    x = bucket.put("x.h5", (tmp_path / "x.h5").read_bytes())
    missing = call("apply", f"{x}::/nowhere", "-o", "y.npy", *CAFFE)
    assert missing.err.splitlines() == [
        "lrn: error: s3://maps/x.h5: has no /nowhere",
        "hint: did you mean s3://maps/x.h5::/conv1?",
    ]
    added = call("apply", x, "-o", f"{x}::/more", "--force", *CAFFE)
    added.assert_refused("s3://maps/x.h5: nothing is added to an object that is there")


ERRORS = [
    (("apply", "s3://maps/gone.npy", "-o", "y.npy"), "s3://maps/gone.npy: no such object", "lrn info -r s3://maps/"),
    (("info", "s3://maps/in"), "s3://maps/in: is a folder, not a tensor file", "lrn info --recursive s3://maps/in"),
    (("apply", "s3://nobody/x.npy", "-o", "y.npy"), "s3://nobody/x.npy: no such object", ""),
    (("apply", "s3://maps/in/x.npy", "-o", "s3://nobody/y.npy"), "there is no such bucket", ""),
    (("apply", "s3://maps/empty.npy", "-o", "y.npy"), "s3://maps/empty.npy: the object is empty (0 bytes)", ""),
    (("apply", "s3://maps/text.npy", "-o", "y.npy"), "s3://maps/text.npy: is none of", ""),
    (("apply", "s3://maps/cut.npy", "-o", "y.npy"), "the object is cut short", "np.save"),
    (("apply", "s3://maps/in/x.npy::a", "-o", "y.npy"), "holds one array, none is called a", "s3://maps/in/x.npy"),
    (("apply", "s3://maps/in/x.npy", "-o", "s3://maps/y.npy::a"), "none is called a", "-o s3://maps/y.npy"),
    (("apply", "s3://maps/in/x.npy", "-o", "s3://maps/y.xyz"), "the suffix '.xyz'", "-o s3://maps/y.npy"),
]


@pytest.mark.parametrize(("words", "message", "hint"), ERRORS)
def test_an_object_that_cannot_be_had_is_one_line_and_a_hint(
    bucket: Bucket, call: Run, words: tuple[str, ...], message: str, hint: str
) -> None:
    data = npy(maps())
    for key, content in (("in/x.npy", data), ("empty.npy", b""), ("text.npy", b"nothing"), ("cut.npy", data[:-8])):
        bucket.put(key, content)
    ended = call(*words, *(CAFFE if words[0] == "apply" else ()))
    ended.assert_refused(message)
    assert hint in ended.err.splitlines()[-1]


def test_who_may_not_or_cannot_reach_the_server_is_told(
    bucket: Bucket, forget: Callable[[], None], call: Run, tmp_path: Path
) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONFIG_FILE": "no", "HOME": str(tmp_path)}
    ended = call("apply", "s3://maps/x.npy", "-o", "y.npy", *CAFFE, env=nobody)
    ended.assert_refused("s3://maps/x.npy: no credentials are found", "AWS_PROFILE")
    forget()
    away = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    ended = call("apply", "s3://maps/x.npy", "-o", "y.npy", *CAFFE, env=away)
    ended.assert_refused("s3://maps/x.npy: the server cannot be reached", "AWS_ENDPOINT_URL")


def test_an_object_that_is_replaced_while_it_is_read_is_refused(
    bucket: Bucket, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lrn_cli.tensors.remote.blocks import Blocks

    read = Blocks.read

    def replaced(self: Blocks, memory: memoryview, position: int) -> None:
        read(self, memory, position)
        bucket.put("x.npy", npy(maps() + 1))

    monkeypatch.setattr(Blocks, "read", replaced)
    x = bucket.put("x.npy", npy(maps()))
    call("apply", x, "-o", "s3://maps/y.npy", *CAFFE).assert_refused("was replaced while it was being read")
    assert bucket.keys() == {"x.npy"}


def test_a_cluster_reads_and_writes_objects(bucket: Bucket, cluster: Cluster, here: Here) -> None:
    words = [bucket.put(f"in/{name}.npy", npy(maps())) for name in "ab"]
    bucket.put("out/b.npy", b"old")
    done = here("apply", *words, "-o", "s3://maps/out/", "--cluster", cluster.address, *CAFFE)
    assert "s3://maps/out/b.npy: is there already, and is not replaced without --force" in done.err
    np.testing.assert_allclose(loaded(bucket.get("out/a.npy")), normalised(maps()), rtol=1e-6)
    assert bucket.get("out/b.npy") == b"old"
    assert here("apply", words[0], "-o", "slabs.npy", "--cluster", cluster.address, *CAFFE).code == 0
    assert (here.folder / "slabs.npy").read_bytes() == bucket.get("out/a.npy")
