"""Tensors of a safetensors file, read at any place."""

from __future__ import annotations

from io import FileIO
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.files import FlatSource
from lrn_cli.tensors.npy.header import is_possible
from lrn_cli.tensors.safetensors.header import Header
from lrn_cli.tensors.tensor import TensorInfo


class SafetensorsSource(FlatSource):
    """A tensor of an open safetensors file.

    Args:
        path: The file's name.
        file: The file; closed with the source.
        header: The file's header, which an output keeps.
        info: The description of one of its tensors.

    Raises:
        LrnError: NumPy has no such array.
    """

    def __init__(self, path: Path, file: FileIO, header: Header, info: TensorInfo) -> None:
        tensor = next(tensor for tensor in header.tensors if tensor.name == info.member)
        if not is_possible(tensor.shape):
            raise LrnError(
                f"{path}::{tensor.name}: has the impossible shape {tensor.shape}", "save it with fewer or shorter axes"
            )
        super().__init__(path, info, file, header.offset + tensor.begin)
        self.header = header
