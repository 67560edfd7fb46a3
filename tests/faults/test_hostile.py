"""Files from strangers: none takes the memory, none takes the command along when it crashes a library."""

from __future__ import annotations

import io
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from lrn_cli import normalize
from tests.conftest import Run
from tests.tensors.image_files import RGB, chunk, png_of, tiff

LRN = [sys.executable, "-m", "lrn_cli"]
_MIB = 1 << 20


def run(*words: str, folder: Path, env: dict[str, str] | None = None, stdin: int | None = None) -> tuple[int, str, int]:
    """Exit code, standard error, and the peak memory in bytes of the largest of the command's processes."""
    environment = {**os.environ, **(env or {})}
    process = subprocess.Popen([*LRN, *words], cwd=folder, env=environment, stdin=stdin, stderr=subprocess.PIPE)
    assert process.stderr is not None
    with process.stderr as stream:
        said = stream.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_maxrss * 1024


def header(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def zeros_in_a_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w") as entry:
        entry.write(header((101, 1 << 20)))
        for _ in range(101):
            entry.write(bytes(4 * _MIB))


def another_method_in_a_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.npy", header((2, 3)) + bytes(24))


def a_long_header_in_a_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 31) + bytes(_MIB))


def more_than_its_chunk(path: Path) -> None:
    """Chunks of 1 MiB that unpack to 2 GiB."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(16 * _MIB)) for _ in range(128)) + packer.flush()
    with h5py.File(path, "w") as file:
        made = file.create_dataset("x", (4, 1024, 256), "f4", chunks=(1, 1024, 256), compression="gzip")
        for at in range(4):
            made.id.write_direct_chunk((at, 0, 0), packed)


def an_enormous_chunk(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (2, 1 << 24, 8), "f4", chunks=(1, 1 << 24, 8), compression="gzip")


def never_written(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1 << 20, 1 << 20), "f4", chunks=(64, 64), compression="gzip")


def many_pixels(path: Path) -> None:
    path.write_bytes(png_of((20_000, 20_000), 8, RGB, b""))


def much_exif(path: Path) -> None:
    """A thousand pieces, each of which makes Pillow copy those before."""
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(buffer, "jpeg")
    data = buffer.getvalue()
    piece = b"\xff\xe1\xff\xffExif\0\0" + bytes(65_535 - 8)
    with path.open("wb") as file:
        file.writelines([data[:2], *[piece] * 1000, data[2:]])


def many_texts(path: Path) -> None:
    data = png_of((4, 4), 8, RGB, zlib.compress(bytes(4 * 13)))
    path.write_bytes(data[:33] + chunk(b"tEXt", b"a\0b") * 100_000 + data[33:])


def flat_pixels(path: Path) -> None:
    path.write_bytes(png_of((9000, 9000), 8, RGB, b""))


# (kind, what makes the file, suffix, what the line must say)
BOMBS: list[tuple[Callable[[Path], None], str, list[str]]] = [
    (zeros_in_a_zip, ".npz", ["times its file", "--max-bytes 423624704"]),
    (another_method_in_a_zip, ".npz", ["compressed by method 12"]),
    (a_long_header_in_a_zip, ".npz", ["declares a length of 2147483648 bytes"]),
    (more_than_its_chunk, ".h5", ["chunk is damaged"]),
    (an_enormous_chunk, ".h5", ["chunks of 536,870,912 bytes", "--max-bytes"]),
    (never_written, ".h5", ["times its file"]),
    (many_pixels, ".png", ["400,000,000 pixels", "--max-pixels"]),
    (much_exif, ".jpg", ["too much before its pixels"]),
    (many_texts, ".png", ["too much before its pixels"]),
    (flat_pixels, ".png", ["times its file", "--max-bytes"]),
]


@pytest.mark.parametrize(("make", "suffix", "fragments"), BOMBS, ids=[make.__name__ for make, _, _ in BOMBS])
def test_a_bomb_is_refused_before_it_takes_memory(
    make: Callable[[Path], None], suffix: str, fragments: list[str], tmp_path: Path
) -> None:
    make(tmp_path / f"x{suffix}")
    code, said, peak = run(
        "apply", f"x{suffix}", "-o", f"y{'.h5' if suffix == '.h5' else '.npy'}", "-q", "--axis=-1", folder=tmp_path
    )
    assert code == 2
    assert [line.partition(": ")[0] for line in said.splitlines()] == ["lrn", "hint"]
    for fragment in fragments:
        assert fragment in said
    assert peak < 1024 * _MIB
    assert [path.name for path in tmp_path.iterdir()] == [f"x{suffix}"]


def test_an_endless_header_in_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    script = "import sys\nsys.stdout.buffer.write(b'\\x93NUMPY\\x02\\0' + b'\\xff' * 4)\n"
    script += "while True: sys.stdout.buffer.write(bytes(1 << 20))"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
        assert writer.stdout is not None
        code, said, peak = run("apply", "-", "-o", "y.npy", folder=tmp_path, stdin=writer.stdout.fileno())
        writer.kill()
    assert (code, "declares a length of 4294967295 bytes" in said) == (2, True)
    # What Linux counts begins with what this process has.
    assert peak < resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + 100 * _MIB


def test_max_bytes_is_the_limit_that_was_asked_for(lrn: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((1, 2, 3, 4), "f4"))
    np.savez(tmp_path / "x.npz", a=np.zeros((1, 2, 3, 4), "f4"))
    data = (tmp_path / "x.npy").read_bytes()
    for words, sent in ((["x.npy"], b""), (["x.npz"], b""), (["-"], data)):
        lrn("apply", *words, "-o", "y.npy", "--max-bytes", "95", stdin=sent).assert_refused("96 bytes", "limit is 95")
        assert lrn("apply", *words, "-o", "y.npy", "--max-bytes", "96", "--force", "-q", stdin=sent).code == 0


def pretending(folder: Path, module: str, code: str) -> dict[str, str]:
    """An environment in which a library does something else: what damaged files make it do cannot be counted on."""
    package = folder / "pretended" / module
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(code)
    path = os.pathsep.join([str(folder / "pretended"), *filter(None, [os.environ.get("PYTHONPATH")]), str(Path.cwd())])
    return {"PYTHONPATH": path}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good file of each kind of library, and some of none."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = np.ones((1, 2, 3, 4), "f4")
    (tmp_path / "x.tiff").write_bytes(tiff(np.ones((3, 4, 1), np.uint8)))
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", np.ones((1, 2, 3, 4), "f4"))
    return tmp_path


@pytest.mark.parametrize(("module", "name"), [("h5py", "x.h5"), ("PIL", "x.tiff")])
def test_a_library_that_crashes_is_an_error_of_its_file(module: str, name: str, folder: Path) -> None:
    env = pretending(folder, module, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    code, said, _ = run("apply", name, "-o", "y.npy", "-q", folder=folder, env=env)
    assert code == 2
    assert said.startswith(f"lrn: error: {name}: reading it crashed a library (killed by SIGSEGV)")
    code, said, _ = run("info", name, "a.npy", folder=folder, env=env)
    assert code == 2
    assert said.startswith(f"lrn: error: {name}: reading it crashed a library")
    code, said, _ = run("apply", name, "a.npy", "b.npy", "-o", "out/", "-q", folder=folder, env=env)
    assert code == 2
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.npy", "b.npy"]


@pytest.mark.parametrize("words", [("x.h5::*",), ("x.h5", "a.npy", "--dataset", "*")], ids=["a name", "--dataset"])
def test_a_library_that_crashes_while_names_are_matched_is_an_error_of_its_file(
    words: tuple[str, ...], folder: Path
) -> None:
    env = pretending(folder, "h5py", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    code, said, _ = run("apply", *words, "-o", "new.h5" if len(words) == 1 else "out/", "-q", folder=folder, env=env)
    assert (code, said.count("reading it crashed a library (killed by SIGSEGV)")) == (2, 1)
    assert said.startswith("lrn: error: x.h5::*: reading it crashed a library")


def test_what_a_crash_has_left_unfinished_is_removed(folder: Path) -> None:
    code = "import os, signal, numpy\nfrom lrn_cli.tensors.replace import Replacement\nfrom pathlib import Path\n"
    code += "Replacement(Path('out/y.npy'))\nos.kill(os.getpid(), signal.SIGSEGV)"
    (folder / "out").mkdir()
    assert run("apply", "x.h5", "-o", "out/y.npy", folder=folder, env=pretending(folder, "h5py", code))[0] == 2
    assert list((folder / "out").iterdir()) == []


def test_a_library_that_never_returns_is_an_error_of_its_file(folder: Path) -> None:
    # A search that takes for ever and keeps Python's lock meanwhile, as HDF5 does.
    env = pretending(folder, "h5py", "import re; re.match('(a+)+$', 'a' * 99 + 'b')")
    code, said, _ = run("apply", "x.h5", "-o", "y.npy", "-q", folder=folder, env=env)
    assert code == 2
    assert said.startswith("lrn: error: x.h5: reading it crashed a library (a call into it never ended)")


def test_a_stream_still_gets_into_a_file_that_another_process_would_read(folder: Path, lrn: Run) -> None:
    sent = (folder / "a.npy").read_bytes()
    assert lrn("apply", "-", "-o", "x.h5::/new", "-q", stdin=sent).code == 0
    with h5py.File(folder / "x.h5") as file:
        assert sorted(file) == ["new", "x"]


def test_a_pickle_is_not_loaded(folder: Path, lrn: Run) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, ("touch sprung",)

    np.save(folder / "trap.npy", np.array([Trap()], object), allow_pickle=True)
    np.savez(folder / "trap.npz", a=np.array([Trap()], object))
    for name in ("trap.npy", "trap.npz"):
        lrn("apply", name, "-o", "y.npy").assert_refused("Python objects")
    assert not (folder / "sprung").exists()


def test_libraries_say_nothing_of_their_own(folder: Path, lrn: Run) -> None:
    bad = bytearray(tiff(np.ones((30, 40, 1), np.uint8), compression=5))
    at = bad.index(struct.pack("<HHI", 273, 4, 1))
    bad[at + 4 : at + 8] = struct.pack("<I", 9)  # nine strips instead of one: libtiff warns by itself
    (folder / "bad.tiff").write_bytes(bad)
    lrn("apply", "bad.tiff", "-o", "y.npy", "-q").assert_refused("bad.tiff: the TIFF image")


@pytest.mark.parametrize(("module", "name"), [("h5py", "x.h5"), ("PIL", "x.tiff")])
def test_a_library_that_crashes_while_files_are_compared_is_an_error_of_its_file(
    module: str, name: str, folder: Path
) -> None:
    env = pretending(folder, module, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    for words in (
        ["compare", name, "-c", "tf", "-c", "caffe"],
        ["compare", "a.npy", name],
        ["identify", name, "a.npy"],
    ):
        code, said, _ = run(*words, folder=folder, env=env)
        assert code == 2
        assert said.startswith(f"lrn: error: {name}: reading it crashed a library (killed by SIGSEGV)")
        assert "Traceback" not in said
    other = f"other{Path(name).suffix}"
    shutil.copy(folder / name, folder / other)
    code, said, _ = run("compare", name, other, folder=folder, env=env)
    assert (code, f"{name} or {other}: reading it crashed a library" in said) == (2, True)


def test_a_crash_of_the_old_file_that_a_stream_is_added_to_is_its_error(folder: Path) -> None:
    env = pretending(folder, "h5py", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    before = (folder / "x.h5").read_bytes()
    with (folder / "a.npy").open("rb") as stdin:
        code, said, _ = run("apply", "-", "-o", "x.h5::/new", "-q", folder=folder, env=env, stdin=stdin.fileno())
    assert (code, said.startswith("lrn: error: x.h5::/new: reading it crashed a library")) == (2, True)
    assert (folder / "x.h5").read_bytes() == before


def test_a_stream_is_compared_with_a_file_that_another_process_reads(folder: Path, lrn: Run) -> None:
    sent = (folder / "a.npy").read_bytes()
    for name in ("-", "/dev/stdin"):
        assert lrn("compare", name, "x.h5", stdin=sent).code == 0
        assert lrn("compare", "x.h5", name, "--json", stdin=sent).code == 0
    piped = subprocess.run(  # noqa: S602 - a pipe as a shell makes it
        f"cat a.npy | {sys.executable} -m lrn_cli compare x.h5 -q /dev/stdin", shell=True, cwd=folder, check=False
    )
    assert piped.returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "y.h5", "-c", "tf", "-c", "caffe:local_size=3", "-c", "pytorch:size=99"],
        ["compare", "y.h5::/x", "a.npy"],
        ["identify", "y.h5", "z.npy"],
        ["identify", "y.h5", "a.npy"],
    ],
)
def test_another_process_answers_as_this_one_does(words: list[str], folder: Path, lrn: Run) -> None:
    x = np.random.default_rng(0).standard_normal((2, 4, 5, 6)).astype("f4")
    with h5py.File(folder / "y.h5", "w") as file:
        file["x"] = x
    np.save(folder / "a.npy", x[::-1])
    np.save(folder / "z.npy", normalize(x, "caffe:local_size=3"))
    for more in (["--json"], []):
        here, apart = lrn(*words, *more, "--debug"), lrn(*words, *more)
        assert (apart.code, apart.out, apart.err) == (here.code, here.out, here.err)
        assert here.code in (0, 1), here.err


def test_interrupted_while_another_process_compares_it_ends_with_130(folder: Path) -> None:
    env = {**os.environ, **pretending(folder, "h5py", "import time; open('begun', 'w').close(); time.sleep(60)")}
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [*LRN, "compare", "x.h5", "a.npy"], cwd=folder, env=env, stderr=subprocess.PIPE, start_new_session=True
        )
        while not (folder / "begun").exists():
            assert process.poll() is None
            time.sleep(0.01)
        (folder / "begun").unlink()
        os.killpg(process.pid, number)
        assert (process.communicate(timeout=30)[1], process.returncode) == (b"", 128 + number)


ENDLESS: list[tuple[str, list[str], str]] = [
    ("yes a.npy", [], "goes on beyond 1,000,000 names"),
    ("cat /dev/zero", [], "has NUL bytes"),
    ("cat /dev/zero", ["-0"], "goes on beyond 1,000,000 names"),
    ("tr '\\0' x < /dev/zero", [], "268,435,456 bytes"),
]


@pytest.mark.parametrize(("writer", "more", "fragment"), ENDLESS, ids=[f"{w} {m}" for w, m, _ in ENDLESS])
def test_a_list_that_never_ends_is_refused(writer: str, more: list[str], fragment: str, folder: Path) -> None:
    with subprocess.Popen(["bash", "-c", writer], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        words = ("apply", "--files-from", "-", *more, "-o", "out/", "-q")
        code, said, peak = run(*words, folder=folder, stdin=process.stdout.fileno())
        process.kill()
    assert (code, fragment in said) == (2, True), said
    assert peak < 1024 * _MIB
    assert not (folder / "out").exists()


def test_names_from_a_file_cannot_write_to_the_terminal_what_it_obeys(folder: Path, lrn: Run) -> None:
    name = "\x1b]0;title\x07red\u202e\nx"
    with h5py.File(folder / "named.h5", "w") as file:
        file[name] = np.ones((1, 2, 3, 4), "f4")
    for words in (
        ["info", "named.h5"],
        ["apply", "named.h5", "-o", "y.npy"],
        ["apply", f"named.h5::{name}", "-o", "z/"],
    ):
        done = lrn(*words)
        assert done.code == 0, done.err
        assert not {"\x1b", "\x07", "\u202e"} & set(done.out.decode() + done.err)
    (folder / "\x1b[31m.npy").write_bytes((folder / "a.npy").read_bytes())
    assert "\\x1b[31m.npy -> y2.npy" in lrn("apply", "\x1b[31m.npy", "-o", "y2.npy").err


def test_where_no_process_or_thread_can_be_started_that_is_said_and_no_file_is_blamed(folder: Path) -> None:
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("the limit on processes is not for those who may pass it, and other users' processes count too")
    folder.chmod(0o777)
    # Another user, who may yet read the interpreter wherever it is.
    powers = ["--inh-caps=+dac_read_search,+dac_override", "--ambient-caps=+dac_read_search,+dac_override"]
    user = ["setpriv", f"--reuid={60000 + os.getpid() % 5000}", "--clear-groups", *powers]
    for most in range(1, 5):
        for words in (["apply", "x.h5", "-o", "y.npy", "-q"], ["apply", "a.npy", "b.npy", "-o", "out/", "-q"]):
            done = subprocess.run(
                [*user, "bash", "-c", f'ulimit -u {most}; exec "$@"', "lrn", *LRN, *words, "--force"],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            lines = done.stderr.splitlines()
            refused = [line for line in lines if line.startswith("lrn: error: no other process can be started")]
            assert (done.returncode, lines) == (0, []) or (done.returncode, len(refused)) == (2, 1), done.stderr
            assert len(lines) <= 2, done.stderr
