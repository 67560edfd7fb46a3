"""Commands that a hint tells to type: lines of Python for the shell, and names that are free for what they make."""

from __future__ import annotations

import os
from itertools import chain, count

_LONGEST = 120
"""Letters of a new name, whose bytes a file system has to take."""

_NOT_OURS = ("ml_dtypes", "safetensors", "zarr")
"""Modules that such lines use, and that are installed nowhere because of us."""


def program(code: str) -> str:
    """A shell's command that runs a line of Python, with the modules that it names.

    >>> program('print(np.pi)')
    "python3 -c 'import numpy as np; print(np.pi)'"
    """
    from importlib.util import find_spec
    from shlex import quote

    modules = [module for module in ("h5py", "scipy.io", *_NOT_OURS) if f"{module}." in code]
    missing = [module for module in modules if module in _NOT_OURS and find_spec(module) is None]
    imported = ", ".join([*modules, *(["numpy as np"] if "np." in code else [])])
    install = f"pip install {' '.join(missing)} && " if missing else ""
    return f"{install}python3 -c {quote(f'import {imported}; {code}' if imported else code)}"


def spell(text: str) -> str:
    """A name as Python spells it in double quotes, which need no escape inside a shell's single ones.

    >>> spell('my "file".npy')
    '"my \\\\"file\\\\".npy"'
    """
    inner = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text.replace("\\", "\\\\"))
    return '"' + inner.replace('"', '\\"') + '"'


def free(name: str) -> str:
    """That name for a new file in the folder in which a command is typed, or one like it where it is taken.

    >>> free("none.npy"), free("README.md")
    ('none.npy', 'README.1.md')
    """
    stem, suffix = os.path.splitext(name)
    stem = stem[:_LONGEST]
    numbered = (f"{stem}.{number}{suffix}" for number in count(1))
    return next(found for found in chain([stem + suffix], numbered) if not os.path.exists(found))
