"""What a run was made with: versions, machine, engine settings. Kept in `environment.json`."""

import os
import platform
import shlex
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

_PACKAGES = (
    "hoiquy",
    "numpy",
    "numba",
    "llvmlite",
    "scipy",
    "pyarrow",
    "pydantic",
    "safetensors",
    "matplotlib",
    "keras",
    "jax",
)


def describe_environment(
    *, threads: int, kernels: str, seed: int, data_fingerprint: str, command: Sequence[str]
) -> dict[str, Any]:
    """Return the facts that someone needs to make the same run again.

    `kernels` is "fast" or "plain"; `command` is the program and its arguments as typed. Packages
    that are not installed are left out.
    """
    return {
        "command": shlex.join(command),
        "seed": seed,
        "data_fingerprint": data_fingerprint,
        "kernels": kernels,
        "threads": threads,
        "processor": processor_name(),
        "cpu_count": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": _versions(),
    }


def processor_name() -> str:
    """The processor's name as people know it, or its architecture where no name is to be had."""
    return _name_from_cpuinfo() or platform.processor() or platform.machine() or "unknown"


def _name_from_cpuinfo() -> str:
    """Linux keeps the name in a file; `platform.processor()` says only x86_64 there."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    names = {key.strip(): value.strip() for key, value in values.items()}
    return names.get("model name", "")


def _versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
