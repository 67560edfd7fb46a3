"""Where and with what the measurements were made."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from pathlib import Path

import numpy as np

import lrn_cli
from lrn_cli.arithmetic import native


def description(folder: Path) -> dict[str, str]:
    """The date, the machine, the file system of the data, and the versions that matter."""
    return {
        "date": datetime.datetime.now().astimezone().date().isoformat(),
        "lrn": f"{lrn_cli.__version__}, {native.chosen}",
        "CPU": f"{_cpu()}, {_cores()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "file system": _file_system(folder),
        "cp": _first_line("cp", "--version") or "cp",
        "Python": platform.python_version(),
        "NumPy": np.__version__,
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return _first_line("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    # Behind a hypervisor the name alone says little; family and model say which generation it is.
    name = fields.get("model name", platform.machine())
    return f"{name} (family {fields['cpu family']} model {fields['model']})" if "cpu family" in fields else name


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _file_system(folder: Path) -> str:
    return _first_line("findmnt", "-n", "-o", "FSTYPE", "-T", str(folder)) or "unknown"


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return ""
    return (done.stdout.splitlines() or [""])[0].strip() if done.returncode == 0 else ""
