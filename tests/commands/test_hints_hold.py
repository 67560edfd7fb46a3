"""Every hint of every refusal that is written in the program: what it says to type, the program takes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pytest

from lrn_cli.commands import lrn as command
from lrn_cli.commands.terminal.hints import holds
from lrn_cli.commands.terminal.usage import nearest
from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from tests.advice import follow, hint_of
from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent / "lrn_cli"
CONTEXT = click.Context(command)
VERBS = command.list_commands(CONTEXT)
COMMANDS = [found for verb in VERBS if (found := command.get_command(CONTEXT, verb))]
FLAGS = {flag for found in COMMANDS for option in found.get_params(CONTEXT) for flag in option.opts}
OTHERS = r"pip|curl|ls|find|iconv|python3|gzip|h5clear|h5repack|h4toh5|cdo|chmod|cat|mkdir|dask"


def written() -> Iterator[tuple[str, str]]:
    """Where each hint stands, and its text, with a blank for what is filled in."""
    for file in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LrnError" and len(node.args) > 1:
                for text in texts(node.args[1]):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", text


def texts(node: ast.expr) -> Iterator[str]:
    """What an expression may be, as far as it is written out."""
    if isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)


HINTS = list(written())


def test_there_are_hints_to_walk() -> None:
    assert len(HINTS) > 150


@pytest.mark.parametrize(("place", "text"), HINTS, ids=[place for place, _ in HINTS])
def test_verbs_and_flags_in_a_hint_are_those_that_there_are(place: str, text: str) -> None:
    for verb in re.findall(r"\blrn ([a-z]+)", text):
        assert verb in (*VERBS, "reads"), place
    if not re.match(rf"({OTHERS})\b", text):
        for flag in re.findall(r"(?<![\w\0-])--[a-z][a-z-]*(?![\w\0-])", text):
            assert flag in FLAGS | {"--help", "--version"}, place
    if "\0" not in text:
        assert holds(text), place


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", np.ones((1, 4, 4, 3), "f4"))
    np.save(tmp_path / "y.npy", np.ones((1, 4, 4, 3), "f4"))
    np.save(tmp_path / "im_00000.npy", np.ones(3))
    np.save(tmp_path / "im_02000.npy", np.ones(3))
    np.save(tmp_path / "video.npy", np.ones((1, 8, 3, 5, 5), "f4"))
    np.save(tmp_path / "flat.npy", np.ones((8, 5, 5), "f4"))
    return tmp_path


# (line, hint)
MEANT = [
    ("aply x.npy", "did you mean lrn apply?"),
    ("x.npy -o z.npy", "lrn info x.npy, or lrn apply x.npy -o OUTPUT"),
    ("version", "lrn --version"),
    ("x.h5::/conv1", "lrn info x.h5::/conv1, or lrn apply x.h5::/conv1 -o OUTPUT"),
    ("apply x.npy -o z.npy caffe", "lrn apply x.npy -o z.npy -c caffe"),
    ("compare x.npy tf caffe -q", "lrn compare x.npy -c tf -c caffe -q"),
    ("apply x.npy -c caffe local_size=5", "lrn apply x.npy -c caffe:local_size=5"),
    ("apply x.npy -c caffe:alpha=1 beta=.5 -o z.npy", "lrn apply x.npy -c caffe:alpha=1,beta=.5 -o z.npy"),
    ("apply -convention caffe x.npy", "lrn apply --convention caffe x.npy"),
    ("apply x.npy -output=z.npy", "lrn apply x.npy --output=z.npy"),
    ("apply x.npy -o z.npy --stretchh", "did you mean --stretch?"),
    ("apply x.npy --radius 2", "did you mean --depth-radius?"),
    ("compare x.npy y.npy --tolerance 1", "did you mean --rtol or --atol?"),
    ("compare x.npy y.npy --html", "lrn compare --help"),
    ("apply x.npy --out z.npy", "did you mean --output?"),
    ("--debug apply", "--debug stands behind the verb: lrn VERB --debug"),
    ("translate caffe tf", "lrn translate caffe --to tf"),
    ("translate caffe to tf", "lrn translate caffe --to tf"),
    ("translate caffe:local_size=5 alpha=1e-4", "lrn translate caffe:local_size=5,alpha=1e-4"),
    ("apply x.npy z.npy", "lrn apply x.npy -o z.npy"),
    ("apply x.npy z.npy -c caffe --dtype float64", "lrn apply x.npy -o z.npy -c caffe --dtype float64"),
    ("apply . -o to/ -c caffe", "lrn apply . --recursive -o to/ -c caffe"),
    ("gradient x.npy x.npy z.npy -c caffe", "lrn gradient x.npy x.npy -o z.npy -c caffe"),
    ("translate caffe tf --to onnx", "lrn translate caffe --to tf --to onnx"),
    ("apply x.npy —c tf -o z.npy", "lrn apply x.npy -c tf -o z.npy"),
    ("apply x.npy —dtype float64 -o z.npy", "lrn apply x.npy --dtype float64 -o z.npy"),
    ("apply x.npy -o=z.npy", "lrn apply x.npy -o z.npy"),
    ("apply x.npy -o z.npy -c=tf", "lrn apply x.npy -o z.npy -c tf"),
    ("apply x.npy -o z.jpg", "-o z.png"),
    ("apply im_0000.npy -o z.npy", "did you mean im_00000.npy?"),
    ("apply x.npy -o z.npy --alpha 0,0001", "--alpha 0.0001"),
    ("apply x.npy -o z.npy --alpha 1e–4", "--alpha 0.0001"),
    ("apply x.npy -o z.npy --depth-radius 2.0", "--depth-radius 2"),
    ("apply x.npy -o z.npy -c caffe --norm-region WITHIN_CHANNELS", "--norm-region WITHIN_CHANNEL"),
    ("apply x.npy -o z.npy -c caffe --norm-region 1", "--norm-region WITHIN_CHANNEL"),
    ("apply x.npy -o z.npy --dtype fp16", "did you mean float16?"),
    ("apply x.npy -o z.npy --dtype torch.float64", "did you mean float64?"),
    ("apply x.npy -o z.npy --dtype int8", "one of them"),
    ("apply x.npy -o z.npy --layout channels_first", "--layout NC..."),
    ("apply x.npy -o z.npy --layout bc01", "--layout NCHW"),
    ("apply x.npy -o z.npy --layout SSCB", "--layout HWCN"),
    ("apply x.npy -o z.npy --layout N,C,H,W", "--layout NCHW"),
    ("apply x.npy -o z.npy --layout ABCD", "one letter for each axis, C for that of the channels"),
    ("apply x.npy -o z.npy --axis 7", "--axis with one of them; -1 is the last"),
    ("apply x.npy -o z.npy --axis 1.0", "--axis 1"),
    ("apply x.npy -o z.npy --jobs 2.0", "--jobs 2"),
    ("apply x.npy -o z.npy --jobs auto", "lrn apply --help"),
    ("compare x.npy y.npy --rtol 1e-4f", "--rtol 0.0001"),
    ("compare x.npy y.npy --atol 0,01", "--atol 0.01"),
    ("compare x.npy y.npy --rtol -1", "--rtol with such a number"),
    ("apply x.npy -o z --output-format hdf", "--output-format h5"),
    ("apply x.npy -o z --output-format tfrecord", "--output-format with one of them"),
    ("apply video.npy -o z.npy -c matlab:WindowChannelSize=5", "--layout HWDCN, or another one; or --axis 3"),
    ("apply video.npy -o z.npy -c caffe", "--layout NCDHW, or another one; or --axis 1"),
    ("apply flat.npy -o z.npy -c neupy-theano", "--layout NCL, or another one; or --axis 1"),
    ("apply video.npy -o z.npy -c tf", "--layout NDHWC, or another one; or --axis -1"),
    ("apply flat.npy -o z.npy -c tf", "--layout HWC, or another one; or --axis -1"),
    ("apply flat.npy -o z.npy -c caffe:norm_region=WITHIN_CHANNEL,local_size=3 --layout NCL", "--layout CHW or HWC"),
]


@pytest.mark.parametrize(("line", "hint"), MEANT, ids=[line for line, _ in MEANT])
def test_what_was_meant_is_said(line: str, hint: str, call: Run) -> None:
    ended = call(*line.split())
    assert ended.code == 2
    assert hint_of(ended) == hint


# (word, hint or nothing that could be typed)
WORDS = [
    ("tf:depth_radius:2", "-c tf:depth_radius=2"),
    ("pytorch:5", "-c pytorch:size=5"),
    ("caffe:local_size: 5 alpha: 0.0001 beta: 0.75", "-c caffe:local_size=5,alpha=0.0001,beta=0.75"),
    ("tf:alpha=1e-4f", "--alpha 0.0001"),
    ("tf:alpha=1/5", "--alpha 0.2"),
    ("tf:beta=3/4", "--beta 0.75"),
    ("tf:depth_radius=2.5", "a whole number, as 5"),
    ("tf:alpha=many", "a number, as 0.0001 or 1e-4"),
    ("onednn:alg=dnnl_lrn_within_channel", "--alg within"),
    ("caffe:norm_region=LRNParameter.WITHIN_CHANNEL", "--norm-region WITHIN_CHANNEL"),
    ("caffe:norm_region=both", "--norm-region with one of them"),
    ("tf:delta=2", "did you mean bias?"),
    ("tf:window_size=3", "did you mean depth_radius, a radius?"),
    ("tf:colour=red", "lrn explain tf says what each is"),
    ("tf:alpha", "lrn explain tf shows its parameters"),
    ("tf:alpha=1 x", "a number, as 0.0001 or 1e-4"),
]


@pytest.mark.parametrize(("word", "hint"), WORDS)
def test_numbers_and_names_are_guessed_only_where_that_is_clear(word: str, hint: str) -> None:
    with pytest.raises(LrnError) as caught:
        bound(word)
    assert caught.value.hint == hint


def test_a_member_is_found_however_its_file_is_parted_from_it(folder: Path, call: Run) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(folder / "m.h5", "w") as file:
        file["g/c"] = np.ones((1, 2, 2, 3), "f4")
    for word in ("m.h5:/g/c", "m.h5/g/c", "m.h5:g/c"):
        refused = call("info", word)
        assert hint_of(refused) == "did you mean m.h5::/g/c?"
    assert call("info", "m.h5::/g/c").code == 0


# (what a hint says, whether the program takes it)
SAID = [
    ("lrn apply x.npy -o out.npy", True),
    ("lrn apply x.npy --nothing", False),
    ("lrn nothing", False),
    ("--axis -1, the last", True),
    ("--nothing", False),
    ("-c caffe:local_size=4", False),
    ("-c caffe:radius=5", False),
    ("-c caffe:local_size=5,alpha=1e-4, or -c tf", True),
    ("lrn translate caffe --to nothing", False),
    ("mkdir -p a/b", True),
    ("a number, as 1e-4", True),
]


@pytest.mark.parametrize(("hint", "taken"), SAID)
def test_a_hint_is_tried_before_it_is_shown(hint: str, taken: bool) -> None:
    assert holds(hint) == taken


def test_help_is_a_verb_and_the_version_a_letter(call: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for line, shown in (("help", "Commands:"), ("help apply", "INPUT..."), ("-V", "lrn ")):
        assert call(*line.split()).code == 0
        assert shown in capsys.readouterr().out


def test_the_nearest_word_begins_so_or_is_spelt_nearly_so() -> None:
    assert nearest("comp", ["compare", "apply"]) == ["compare"]
    assert nearest("idnetify", ["identify", "info"]) == ["identify"]
    assert nearest("zzz", ["identify", "info"]) == []


def test_an_image_that_is_not_read_is_made_one_that_is(folder: Path, call: Run) -> None:
    image = pytest.importorskip("PIL.Image")
    image.new("P", (5, 4)).save(folder / "a.gif")
    refused = call("apply", "a.gif", "-o", "z.npy")
    refused.assert_refused("a.gif: is a GIF image, which lrn does not read")
    follow(hint_of(refused), folder)
    assert call("info", "a.png").code == 0
