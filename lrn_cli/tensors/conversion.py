"""What to type for a tensor that is refused: a line of Python that makes one of it which is not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lrn_cli.advice import free, program, spell
from lrn_cli.dtypes import name_of, refusal, remedy
from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Reading, TensorInfo

_COPY_AGAIN = "copy or download the file again"


def refuse_unless_tensor(in_python: str, path: Path, info: TensorInfo, reading: Reading) -> None:
    """Refuse what is no tensor of numbers.

    Args:
        in_python: What the file's format says of Python that loads it.
        path: The file.
        info: What is in it.
        reading: How it is read.

    Raises:
        LrnError: Its elements are no numbers, or it is a single one; the hint makes an .npy file of it where it can.
    """
    shown = info.word(path)
    if "damaged" in info.filters:
        raise LrnError(f"{shown}: the dataset is damaged", _COPY_AGAIN)
    check_type(shown, info, reading, "" if info.is_numeric else conversion(in_python, path, info))
    if not info.shape:
        raise LrnError(
            f"{shown}: is a single number, without an axis for channels",
            _save(path, info, f"{_load(in_python, path, info)}.reshape(1, 1)"),
        )


def check_type(shown: str, info: TensorInfo, reading: Reading, advice: str) -> None:
    """Refuse elements that are no numbers; what bytes were said to be concerns bytes alone.

    Args:
        shown: What to call the tensor.
        info: What it is.
        reading: How it is read.
        advice: What to do about elements that are no numbers.

    Raises:
        LrnError: They are such.
    """
    if reading.input_dtype is not None:
        from lrn_cli.narrow import check_narrow

        check_narrow(reading.input_dtype)
    if not info.is_numeric:
        raise LrnError(f"{shown}: {refusal(info.dtype)}", _type_to_say(info) or advice)
    if info.narrow:
        from lrn_cli.narrow import check_narrow

        try:
            check_narrow(info.narrow)
        except LrnError as error:
            raise error.about(shown) from None


def _type_to_say(info: TensorInfo) -> str:
    """The flag that says what raw bytes are; empty where they are no number that lrn knows."""
    from lrn_cli.narrow import BFLOAT16, FLOAT8, could_be

    likely = next((name for name in (BFLOAT16, FLOAT8[0]) if info.dtype.kind == "V" and could_be(name, info.dtype)), "")
    return f"--input-dtype {likely} if that is what they are" if likely else ""


def conversion(in_python: str, path: Path, info: TensorInfo) -> str:
    """The command that saves as numbers what of a tensor can be made numbers."""
    if "damaged" in info.filters:
        return _COPY_AGAIN
    loaded = _load(in_python, path, info)
    about = dict(info.dtype.metadata or {})
    if "ref" in about:
        return f"lrn info {path}"
    if about.get("remedy") == "":
        return program(f"print({loaded})")
    if info.dtype.kind == "O" and loaded.startswith("np.load"):
        return f"if you trust the file: {_show_pickle(in_python, path, info)}"
    if about.get("remedy", "") is None or name_of(info.dtype) != str(info.dtype):  # of these NumPy makes no numbers
        return "save it as float32 in the program that made the file"
    command = _save(path, info, remedy(info.dtype, loaded))
    is_text = info.dtype.kind in "SU" or about.get("vlen") in {str, bytes}
    return f"if it spells numbers: {command}" if is_text else command


def any_conversion(in_python: str, path: Path, infos: Sequence[TensorInfo]) -> str:
    """The command for the first of several tensors that there is one for without an if."""
    hints = [conversion(in_python, path, info) for info in infos]
    return next((hint for hint in hints if "python3 -c" in hint and not hint.startswith("if ")), hints[0])


def _show_pickle(in_python: str, path: Path, info: TensorInfo) -> str:
    """What shows the objects of a pickle, or saves the first array of numbers among them."""
    from lrn_cli.tensors.npy.pickles import look

    inside = look(path, info.member)
    options = ", allow_pickle=True" + (', encoding="latin1"' if inside.by_python_2 else "")
    loaded = _load(in_python, path, info, options)
    if not inside.what:
        return program(f"print({loaded})")
    if inside.what == "number":
        return _save(path, info, f'{loaded}.astype("float32")')
    first = f"{loaded}.flat[0]" if info.shape else f"{loaded}.item()"
    steps = "".join(f"[{spell(key) if isinstance(key, str) else key}]" for key in inside.keys)
    return _save(path, info, first + steps, *inside.keys)


def _load(in_python: str, path: Path, info: TensorInfo, options: str = "") -> str:
    return in_python.format(file=spell(str(path)), member=spell(info.member), options=options)


def _save(path: Path, info: TensorInfo, array: str, *keys: str | int) -> str:
    parts = [path.stem, *filter(None, info.member.split("/")), *(key for key in keys if isinstance(key, str))]
    name = ".".join(part.replace("/", ".") for part in parts) + ".npy"
    return program(f"np.save({spell(free(name))}, {array})")
