"""Safetensors: which files are taken, what is listed of them, and how the others are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.errors import LrnError
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading
from tests.conftest import Run
from tests.tensors.safetensors_files import WORDS, framed, safetensors

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
A = '"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
DATA = np.arange(2, dtype="<f4").tobytes()
OF_A = '{"a":{"dtype":"F32","shape":%s,"data_offsets":%s}}'

# What the reference library (0.8) reads.
VALID = {
    "plain": framed("{" + A + "}", DATA),
    "spaces behind": framed("{" + A + "}   ", DATA),
    "space before": framed("\n {" + A + "}", DATA),
    "a field that means nothing": framed('{"a":{"dtype":"F32","x":[{}],"shape":[2],"data_offsets":[0,8]}}', DATA),
    "no texts": framed('{"__metadata__":null,' + A + "}", DATA),
    "no bytes of their own": framed(
        "{" + A + ',"b":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},'
        '"c":{"dtype":"F32","shape":[3,0],"data_offsets":[8,8]}}',
        DATA,
    ),
    "in another order": framed('{"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},' + A + "}", DATA * 2),
    "long axes of nothing": framed(OF_A % ("[0,18446744073709551615,2]", "[0,0]")),
    "half bytes": framed('{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}', DATA[:2]),
}
# And what it does not read, but for the first two, of which its format says that they must not be.
INVALID = {
    "a name twice": (framed("{" + A + "," + A + "}", DATA), "'a' stands in it twice"),
    "a text twice": (framed('{"__metadata__":{"k":"1","k":"2"}}'), "'k' stands in it twice"),
    "a field twice": (framed("{" + A.replace('"dtype"', '"shape":[2],"dtype"') + "}", DATA), "'shape' stands in it"),
    "no offsets": (framed('{"a":{"dtype":"F32","shape":[2]}}'), "'a' is no type, shape and place"),
    "a number as text": (framed('{"__metadata__":{"a":1},' + A + "}", DATA), "__metadata__ is not one of texts"),
    "a list of texts": (framed('{"__metadata__":["a"],' + A + "}", DATA), "__metadata__ is not one of texts"),
    "more bytes": (framed("{" + A + "}", DATA + b"x"), "declares 8 bytes, 9 follow"),
    "fewer bytes": (framed("{" + A + "}", DATA[:7]), "is cut short: its header declares 8 bytes, 7 follow"),
    "a float": (framed(OF_A % ("[2.0]", "[0,8]"), DATA), "'a' is no type"),
    "a negative": (framed(OF_A % ("[-2]", "[0,8]"), DATA), "'a' is no type"),
    "a boolean": (framed(OF_A % ("[true,2]", "[0,8]"), DATA), "'a' is no type"),
    "beyond 64 bits": (framed(OF_A % ("[18446744073709551616,0]", "[0,0]")), "'a' is no type"),
    "too many elements": (framed(OF_A % ("[18446744073709551615,2,0]", "[0,0]")), "more elements than there can be"),
    "three offsets": (framed(OF_A % ("[2]", "[0,8,8]"), DATA), "'a' is no type"),
    "backwards": (framed(OF_A % ("[2]", "[8,0]"), DATA), "'a' lies at bytes 8 to 0, where 0 comes next"),
    "a hole": (framed(OF_A % ("[2]", "[8,16]"), DATA * 2), "'a' lies at bytes 8 to 16, where 0 comes next"),
    "in the same place": (framed("{" + A + "," + A.replace("a", "b", 1) + "}", DATA), "where 8 comes next"),
    "another size": (framed(OF_A % ("[3]", "[0,8]"), DATA), "'a' has 8 bytes, and its shape takes 12"),
    "an unknown type": (framed("{" + A.replace("F32", "F33") + "}", DATA), "'F33', the type of 'a', is none of BOOL"),
    "no number": (framed('{"x":NaN,' + A + "}", DATA), "NaN is no JSON"),
    "half a letter": (framed('{"__metadata__":{"a":"\\ud800"}}'), "surrogates not allowed"),
    "no text": (framed(b'{"__metadata__":{"a":"\xff"}}'), "can't decode byte 0xff"),
    "text behind": (framed("{" + A + "}x", DATA), "Extra data"),
    "too deep": (framed('{"a":' + "[" * 200_000 + "]" * 200_000 + "}"), "it is nested too deeply"),
    "too much": (framed('{"a":[' + "[]," * 1_000_001 + "1]}"), "it holds more than 2,000,000 values"),
    "digits": (framed('{"a":' + "1" * 5000 + "}"), "Exceeds the limit (4300"),
    "a header longer than the file": ((1 << 16).to_bytes(8, "little") + b'{"a":', "a header of 65,536 bytes, 5 follow"),
    "a header longer than any": ((10**8 + 1).to_bytes(8, "little") + b'{"a":', "has more than 100,000,000"),
}


@pytest.mark.parametrize("name", VALID)
def test_what_the_reference_library_reads_is_read(name: str, call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(VALID[name])
    ended = call("info", "x.safetensors::a")
    if name in ("half bytes", "long axes of nothing"):  # NumPy has no such array
        ended.assert_refused("x.safetensors::a: ")
        ended = call("info", "x.safetensors")
    assert ended.code == 0, ended.err


@pytest.mark.parametrize("name", INVALID)
def test_what_it_does_not_read_is_refused_in_one_line(name: str, call: Run, tmp_path: Path) -> None:
    data, reason = INVALID[name]
    (tmp_path / "x.safetensors").write_bytes(data)
    call("info", "x.safetensors").assert_refused("x.safetensors: ", reason)


def test_tensors_are_listed_in_the_headers_order_as_what_they_are(call: Run, tmp_path: Path) -> None:
    values = {word: np.zeros((2, 4), dtype) for dtype, word in WORDS.items()}
    header = json.loads(safetensors(values)[8:].partition(b"}}")[0] + b"}}")
    at = sum(array.nbytes for array in values.values())
    sizes = {"BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F4": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8}
    sizes |= {"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6}
    for word, bits in sizes.items():
        header[word] = {"dtype": word, "shape": [2, 4], "data_offsets": [at, at + bits]}
        at += bits
    (tmp_path / "x.safetensors").write_bytes(framed(json.dumps(header), bytes(at)))
    ended = call("info", "x.safetensors", "--json")
    listed = {about["path"]: (about["dtype"], about["bytes"]) for about in json.loads(ended.out)[0]["tensors"]}
    assert listed == {
        **{word: (array.dtype.name, array.nbytes) for word, array in values.items()},
        "BF16": ("bfloat16", 16),
        "F8_E4M3": ("float8_e4m3fn", 8),
        "F8_E5M2": ("float8_e5m2", 8),
        "F8_E8M0": ("float8_e8m0fnu", 8),
        "F8_E4M3FNUZ": ("float8_e4m3fnuz", 8),
        "F8_E5M2FNUZ": ("float8_e5m2fnuz", 8),
        "F4": ("float4_e2m1fn", 4),
        "F6_E2M3": ("float6_e2m3fn", 6),
        "F6_E3M2": ("float6_e3m2fn", 6),
    }
    assert list(listed) == list(header)
    call("apply", "x.safetensors::F6_E2M3", "-o", "y.npy").assert_refused(
        "x.safetensors::F6_E2M3: dtype float6_e2m3fn is no type of NumPy's own"
    )


def test_the_only_tensor_needs_no_name_and_several_are_named(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(safetensors({"a": X, "step": np.array(3.0)}))
    assert call("apply", "x.safetensors", "-o", "y.npy", "-c", "caffe").code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), normalize(X, "caffe"))
    (tmp_path / "two.safetensors").write_bytes(safetensors({"a": X, "b": X}))
    ended = call("apply", "two.safetensors", "-o", "y.npy")
    ended.assert_refused("two.safetensors: 2 numeric tensors, none named: a, b", "hint: two.safetensors::a")
    call("info", "two.safetensors::c").assert_refused("two.safetensors: has no c; it has a, b")


def test_the_other_verbs_take_its_tensors_as_they_take_any(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(safetensors({"in": X, "out": normalize(X, "caffe")}))
    np.save(tmp_path / "y.npy", normalize(X, "caffe"))
    for output in ("x.safetensors::out", "y.npy"):
        ended = call("compare", "x.safetensors::in", "-c", "caffe", "--against", output, "-q")
        assert ended.code == 0, ended.err
        ended = call("identify", "x.safetensors::in", output, "--layout", "NCHW")
        assert ended.code == 0, ended.err
        assert b"caffe:local_size=5,alpha=1,beta=0.75" in ended.out


def test_a_file_without_tensors_says_so(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(framed('{"__metadata__":{"a":"b"}}'))
    call("apply", "x.safetensors", "-o", "y.npy").assert_refused("x.safetensors: holds no tensor")


def test_a_long_header_is_read_when_it_is_asked_for(call: Run, tmp_path: Path) -> None:
    data = safetensors({"a": X}, {"long": "x" * (33 << 20)})
    (tmp_path / "x.safetensors").write_bytes(data)
    ended = call("info", "x.safetensors")
    ended.assert_refused("has a header of 34,603,", "the limit is 33,554,432", f"hint: --max-bytes {len(data)}")
    assert call("info", "x.safetensors", "--max-bytes", str(len(data))).code == 0


@pytest.mark.parametrize("how", ["written to", "cut"])
def test_a_file_that_changes_while_it_is_read_is_noticed(how: str, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors({"a": X}))
    whole, out = tuple(slice(0, length) for length in X.shape), np.empty_like(X)

    def use() -> None:
        with open_tensor(str(path), Reading()) as source:
            if how == "cut":
                os.truncate(path, 200)
            else:
                path.write_bytes(path.read_bytes() + b"x")
            source.read(whole, out)
            source.finish()

    with pytest.raises(LrnError, match=r"was cut while being read|was changed while it was being read"):
        use()
