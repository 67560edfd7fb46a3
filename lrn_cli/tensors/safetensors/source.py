"""Tensors of a safetensors file, read at any place."""

from __future__ import annotations

from io import FileIO
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.files import FlatSource
from lrn_cli.tensors.npy.header import is_possible
from lrn_cli.tensors.safetensors.header import Header, Tensor


class SafetensorsSource(FlatSource):
    """A tensor of an open safetensors file.

    Args:
        path: The file's name.
        file: The file; closed with the source.
        header: The file's header, which an output keeps.
        tensor: Which of its tensors.

    Raises:
        LrnError: NumPy has no such array.
    """

    def __init__(self, path: Path, file: FileIO, header: Header, tensor: Tensor) -> None:
        if not is_possible(tensor.shape):
            raise LrnError(
                f"{path}::{tensor.name}: has the impossible shape {tensor.shape}", "save it with fewer or shorter axes"
            )
        super().__init__(path, tensor.describe(), file, header.offset + tensor.begin)
        self.header = header
