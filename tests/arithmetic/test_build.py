"""The build: with a compiler the passes are compiled, without one the package is built all the same."""

from __future__ import annotations

import shutil
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from lrn_cli.arithmetic import native

HERE = "lrn_cli/arithmetic/native"
SOURCES = Path(native.__file__).parent

pytestmark = pytest.mark.skipif(not (SOURCES / "build.py").exists(), reason="the package is installed, not its sources")


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The hook, without hatchling, which is not there when the package is not being built."""
    base = ModuleType("hatchling.builders.hooks.plugin.interface")
    base.BuildHookInterface = {Any: object}  # type: ignore[attr-defined]  # subscripted as a generic class is
    monkeypatch.setitem(sys.modules, base.__name__, base)
    spec = spec_from_file_location("build_hook", SOURCES / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built(build: ModuleType, root: Path) -> tuple[dict[str, Any], list[str]]:
    """What the hook adds to a wheel of the sources at `root`, and what it warns of."""
    data: dict[str, Any] = {"force_include": {}}
    said: list[str] = []
    hook = build.NativeHook()
    hook.root, hook.app = str(root), SimpleNamespace(display_info=len, display_warning=said.append)
    hook.initialize("standard", data)
    return data, said


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the sources."""
    shutil.copytree(SOURCES, tmp_path / HERE, ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    return tmp_path


def test_without_a_compiler_the_wheel_is_a_pure_one_and_the_build_says_so(
    build: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LRN_NATIVE", raising=False)
    monkeypatch.setenv("CC", "/bin/false")
    data, (said,) = built(build, root)
    assert data == {"force_include": {}}
    assert said.startswith("lrn: not compiled (")
    assert said.endswith("; NumPy does the work, with the same results, slower")


def test_without_a_compiler_the_build_fails_where_the_extension_is_asked_for(
    build: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRN_NATIVE", "1")
    monkeypatch.setenv("CC", "/bin/false")
    with pytest.raises(Exception, match=r"false|setuptools"):
        built(build, root)


def test_the_extension_can_be_left_out(build: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRN_NATIVE", "0")
    assert built(build, root) == ({"force_include": {}}, [])


def test_with_a_compiler_one_binary_is_for_all_versions_of_python(
    build: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("setuptools", reason="setuptools drives the compiler")
    if native.chosen.compiled is None:
        pytest.skip(str(native.chosen))
    monkeypatch.setenv("LRN_NATIVE", "1")
    data, said = built(build, root)
    ((path, inside),) = data.pop("force_include").items()
    assert said == []
    assert Path(path).name == Path(inside).name == Path(native.chosen.compiled.__file__).name
    assert not data["pure_python"]
    assert data.get("tag", "cp310-abi3-").startswith("cp310-abi3-")


def test_the_extension_at_hand_was_made_of_these_sources(build: ModuleType) -> None:
    if native.chosen.compiled is None:
        pytest.skip(str(native.chosen))
    assert native.chosen.compiled.sources() == build.digest(SOURCES), "pip install -e . makes it of them"
