"""Files of other programs that may stand where tensors do: known by their first bytes, and how to get tensors out."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lrn_cli.advice import free, program, spell
from lrn_cli.errors import LrnError


class Foreign(NamedTuple):
    """A format that is not read.

    Attributes:
        name: With its article.
        starts: What files of it begin with, any of these.
        python: Python that makes a file of it that is read, with fields for the names of both, `file` and `made`; empty
            where a command does it.
        command: A shell's command that does it, with the same fields.
        makes: The suffix of what is made, in place of the file's own.
        at: Where in the file those bytes stand.
        runs_code: Whether who reads it runs what its author wants.
    """

    name: str
    starts: tuple[bytes, ...]
    python: str = ""
    command: str = ""
    makes: str = ".npz"
    at: int = 0
    runs_code: bool = False


_TORCH = (
    'import torch; x = torch.load({file}, map_location="cpu"); x = x if isinstance(x, dict) else {{"x": x}}; '
    'np.savez({made}, **{{k: v.detach().float().numpy() for k, v in x.get("state_dict", x).items()'
    ' if hasattr(v, "detach")}})'
)
PYTORCH = Foreign("a PyTorch file", (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.",), _TORCH, runs_code=True)

FOREIGN = (
    PYTORCH,
    Foreign(
        "a NetCDF-3 file of 64-bit data",
        (b"CDF\5",),
        'import xarray; xarray.open_dataset({file}, decode_cf=False).to_netcdf({made}, format="NETCDF4")',
        makes=".nc4",
    ),
    Foreign("an HDF4 file", (b"\x0e\x03\x13\x01",), command="h4toh5 {file} {made}", makes=".h5"),
    Foreign("a GRIB file", (b"GRIB",), command="cdo -f nc4 copy {file} {made}", makes=".nc"),
    Foreign(
        "a FITS file",
        (b"SIMPLE  =",),
        "from astropy.io import fits; np.save({made}, fits.getdata({file}))",
        makes=".npy",
    ),
    Foreign(
        "a GIF image",
        (b"GIF87a", b"GIF89a"),
        'from PIL import Image; Image.open({file}).convert("RGB").save({made})',
        makes=".png",
    ),
    Foreign("an image of HEIF", (b"ftyphei", b"ftypmif1"), command="heif-convert {file} {made}", makes=".png", at=4),
    Foreign("an image of AVIF", (b"ftypavif",), command="avifdec {file} {made}", makes=".png", at=4),
    Foreign(
        "an ONNX model",
        tuple(bytes((8, version, 0x12)) for version in range(1, 16)),
        "import onnx; from onnx.numpy_helper import to_array; np.savez({made},"
        " **{{t.name: to_array(t) for t in onnx.load({file}).graph.initializer}})",
    ),
    Foreign(
        "a Python pickle",
        tuple(bytes((0x80, version)) for version in range(2, 6)),
        'import pickle; print(pickle.load(open({file}, "rb")))',
        runs_code=True,
    ),
    Foreign("a file that gzip has compressed", (b"\x1f\x8b",), command="gzip -dc {file} > {made}", makes=""),
    Foreign("a file that bzip2 has compressed", (b"BZh",), command="bzip2 -dc {file} > {made}", makes=""),
    Foreign("a file that xz has compressed", (b"\xfd7zXZ\0",), command="xz -dc {file} > {made}", makes=""),
    Foreign("a file that zstd has compressed", (b"\x28\xb5\x2f\xfd",), command="zstd -dc {file} > {made}", makes=""),
)


def recognise(head: bytes) -> Foreign | None:
    """The format of a file that is not read, by its first bytes; None where that is not known either.

    >>> recognise(b"GRIB" + bytes(28)).name
    'a GRIB file'
    """
    return next((form for form in FOREIGN if head[form.at :].startswith(form.starts)), None)


def refusal(path: Path, form: Foreign) -> LrnError:
    """The error for a file of that format; the hint makes a file of it that is read."""
    return LrnError(f"{path}: is {form.name}, which lrn does not read", hint(path, form))


def unpacker(form: Foreign) -> str:
    """The command through which a pipe of that format is led to be unpacked; empty where it is not just compressed."""
    return form.command.partition(" {")[0] if form.command and not form.makes else ""


def hint(path: Path, form: Foreign) -> str:
    """The command that makes a file that is read, in the folder in which it is typed."""
    from shlex import quote

    made = free(path.with_suffix(form.makes).name)
    if form.command:
        command = form.command.format(file=quote(str(path)), made=quote(made))
        return f"{command} && lrn apply {quote(made)} -o {free('out.npy')}" if made.endswith(".npy") else command
    command = program(form.python.format(file=spell(str(path)), made=spell(made)))
    return f"if you trust the file: {command}" if form.runs_code else command
