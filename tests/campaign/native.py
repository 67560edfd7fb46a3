"""The compiled passes: against NumPy's on random blocks, and with an extension that watches its own memory accesses."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np

from lrn_cli.arithmetic import native
from tests.arithmetic import random_blocks, random_gradients
from tests.arithmetic.random_blocks import Made, normalized
from tests.benchmarks.tables import Table
from tests.campaign.settings import Settings, say

KINDS = ("ordinary", "wild", "ordinary gradients", "wild gradients")
_WATCHED = 10
"""An access that is watched takes about so many times as long."""
_FLAGS = ("-O1", "-g", "-shared", "-fPIC", "-ffp-contract=off", "-fsanitize=address,undefined", "-fno-sanitize-recover")


def campaign(settings: Settings, folder: Path) -> Iterator[Table]:
    """Compute blocks with NumPy and with each variant of the compiled passes: all bytes and counts must be the same."""
    variants = [variant for variant in native.chosen.variants if variant]
    if not variants:
        settings.failures.append(f"native: nothing to compare; {native.chosen}")
    table = Table("Random blocks, NumPy against compiled", ("blocks", "variant", "tensors", "done compiled", "differ"))
    for kind, share in zip(KINDS, (1, 2, 2, 4), strict=True):
        for variant in variants:
            tensors = settings.blocks // share
            done, differing = compare(kind, variant, tensors)
            table.add(kind, variant, tensors, f"{done:.0%}", len(differing))
            settings.failures += [f"native: {kind} block {seed} differs under {variant}" for seed in differing]
    yield table


def compare(kind: str, variant: str, tensors: int) -> tuple[float, list[int]]:
    """Which share of blocks the compiled passes have done, and the seeds of the tensors whose results differ."""
    differing, done, blocks = [], 0, 0
    for seed in range(tensors):
        if seed % 2000 == 0:
            say(f"{kind}, {variant}: {seed} of {tensors}")
        expected, made = (_make(kind, seed, by) for by in (None, variant))
        done, blocks = done + made.done[0], blocks + made.done[1]
        if (made.results, made.broken) != (expected.results, expected.broken):
            differing.append(seed)
    return done / max(blocks, 1), differing


def _make(kind: str, seed: int, variant: str | None) -> Made:
    """What comes of one random tensor."""
    numbers, _, gradients = kind.partition(" ")
    if gradients:
        return random_gradients.derive(random_gradients.ask(numbers, seed), variant)
    return normalized(getattr(random_blocks, numbers)(np.random.default_rng([KINDS.index(kind), seed])), variant)


def watched(settings: Settings, folder: Path) -> Iterator[Table]:
    """The same, and senseless calls, with an extension that ends the process at the first access outside of memory."""
    table = Table("With the sanitizers for addresses and undefined behaviour", ("what", "calls", "result"))
    extension = Path(folder, "_native.so")
    source = Path(native.__file__).with_name("_native.c")
    compiler = os.environ.get("CC", "gcc")
    include = f"-I{sysconfig.get_path('include')}"
    subprocess.run([compiler, *_FLAGS, include, str(source), "-o", str(extension)], check=True)
    libraries = [_library(compiler, name) for name in ("libasan.so", "libubsan.so")]
    environment = os.environ | {
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "PYTHONMALLOC": "malloc",  # or arrays would lie in larger pieces of memory, whose borders are not watched
    }
    tensors = settings.blocks // _WATCHED
    kinds = [(kind, tensors // (index + 1)) for index, kind in enumerate(KINDS)]
    for what, calls in (*kinds, ("senseless", 10 * tensors)):
        say(f"watched: {what}, {calls}")
        program = f"from tests.campaign.native import watch; watch({str(extension)!r}, {what!r}, {calls})"
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
        )
        table.add(what, calls, done.stdout.strip() or "failed")
        if done.returncode:
            settings.failures.append(f"watched: {what}: {done.stderr.strip()[-2000:]}")
    yield table


def _library(compiler: str, name: str) -> str:
    """Where the compiler has one of its libraries."""
    asked = [compiler, f"-print-file-name={name}"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def watch(extension: str, what: str, calls: int) -> None:
    """What the watched process does, with the extension in that file."""
    spec = spec_from_file_location("_native", extension)
    assert spec is not None
    assert spec.loader is not None
    compiled = module_from_spec(spec)
    spec.loader.exec_module(compiled)
    native.chosen = native.Choice(compiled.variants()[0], compiled=compiled)
    if what == "senseless":
        print(f"{_call_without_sense(calls)} refused")
        return
    for variant in compiled.variants():
        done, differing = compare(what, variant, calls)
        assert differing == [], (variant, differing)
    print(f"the bytes of NumPy; {done:.0%} of the blocks done")


def _call_without_sense(calls: int) -> int:
    """Call the extension with numbers near those that mean something; how many of the calls it has refused."""
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(calls):
        memory = [rng.random(rng.integers(100, 400)) for _ in range(rng.integers(2, 4))]
        arrays = []
        for room in memory:
            at = room.ctypes.data + 8 * int(rng.choice([0, room.size // 2, room.size - 1, room.size]))
            strides = (*_near(rng, -30, 60, 1), *_near(rng, -9, 12, 1), *_near(rng, -1, 4, 1))
            arrays.append((at, room.ctypes.data, room.nbytes, *strides, int(rng.integers(4))))
        lengths = _near(rng, 1, 6, 3)
        core = (0, lengths[1], 0, lengths[2]) if rng.random() < 0.7 else _near(rng, 0, 4, 4)
        window = (*_near(rng, 0, 6, 4), 1) if rng.random() < 0.5 else (*_near(rng, 0, 6, 2), 0, 0, *_near(rng, 0, 4, 1))
        how = (int(rng.random() < 0.2), int(rng.integers(2)), int(rng.integers(4)))
        numbers = (1.0, 1.0, 0.75, 1e-19, 1e25, 1e-19, 1e18, 1e38)
        variant = str(rng.choice(native.chosen.compiled.variants()))
        scratch = (int(rng.choice([0, 512, 1 << 16])), int(rng.choice([1, 8, 256])))
        try:
            native.chosen.compiled.normalize(
                variant, *arrays[:2], lengths, core, window, *how, numbers, scratch, *arrays[2:]
            )
        except ValueError:
            refused += 1
    return refused


def _near(rng: np.random.Generator, least: int, most: int, count: int) -> tuple[int, ...]:
    return tuple(rng.integers(least, most, count).tolist())
