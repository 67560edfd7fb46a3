"""Compiles the passes when the package is built; without a compiler it is built without them, and the build says so.

Run by hatchling, see pyproject.toml; not part of the wheel. `LRN_NATIVE=1` makes a failure fatal, as for wheels that
are handed on, and `LRN_NATIVE=0` leaves them out.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = "lrn_cli/arithmetic/native"

# No step may be fused with another, or results would differ from NumPy's and between machines.
_FLAGS = {"msvc": ["/O2", "/fp:precise", "/std:c11"]}
_OTHERWISE = ["-O3", "-g0", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"]


class NativeHook(BuildHookInterface[Any]):
    """Puts the extension beside its sources, where an editable installation and tests find it, and into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; on failure leave the wheel a pure one, unless the extension is asked for.

        Args:
            version: "standard", or "editable".
            build_data: What goes into the wheel and its tag, as hatchling has it.
        """
        wish = os.environ.get("LRN_NATIVE", "")
        if wish == "0":
            return
        source = Path(self.root, HERE)
        try:
            built = _compile(source)
            if os.access(source, os.W_OK):
                built = _put(built, source)
        except Exception as error:  # whatever a compiler and its driver can raise
            if wish == "1":
                raise
            self.app.display_warning(f"lrn: not compiled ({error}); NumPy does the work, with the same results, slower")
            return
        self.app.display_info(f"lrn: compiled {built.name}")
        build_data["pure_python"] = False
        if _is_limited():
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"cp310-abi3-{platform}"
        else:
            build_data["infer_tag"] = True
        if version != "editable":
            build_data["force_include"][str(built)] = f"{HERE}/{built.name}"


def _is_limited() -> bool:
    """Whether one binary serves all versions of Python from 3.10 on; without Python's lock there is no such thing."""
    return sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")


def _compile(source: Path) -> Path:
    """Compile the extension into a folder of its own."""
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    class Build(build_ext):
        def build_extensions(self) -> None:
            for extension in self.extensions:
                extension.extra_compile_args = _FLAGS.get(self.compiler.compiler_type, _OTHERWISE)
            super().build_extensions()

    macros: list[tuple[str, str | None]] = [("LRN_SOURCES", str(digest(source)))]
    if sys.platform == "win32" and sysconfig.get_config_var("Py_GIL_DISABLED"):
        macros.append(("Py_GIL_DISABLED", "1"))  # elsewhere Python's own headers say so
    extension = Extension(
        "_native",
        [str(source / "_native.c")],
        define_macros=macros,
        py_limited_api=_is_limited(),
    )
    command = Build(Distribution({"name": "_native", "ext_modules": [extension]}))
    place = tempfile.mkdtemp(prefix="lrn-")
    command.force, command.build_lib = True, place
    with tempfile.TemporaryDirectory(prefix="lrn-") as objects:
        command.build_temp = objects
        command.ensure_finalized()
        command.run()
    return Path(place, command.get_ext_filename("_native"))


def _put(built: Path, folder: Path) -> Path:
    """Move the extension into a folder in one step: programs that run one that lies there keep theirs."""
    with tempfile.TemporaryDirectory(prefix=".lrn-", dir=folder) as beside:
        moved = Path(shutil.move(built, beside))
        built.parent.rmdir()
        return moved.replace(folder / built.name)


def digest(source: Path) -> int:
    """A number that tells the sources from any others, for a test that the extension at hand was made of these."""
    files = sorted([*source.glob("*.c"), *source.glob("*.h")])
    return int(sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8], 16)
