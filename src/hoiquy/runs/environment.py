"""The environment of a run, for `environment.json`: versions, machine, engine settings."""

import hashlib
import os
import platform
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
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
    *,
    engine: str,
    threads: int,
    kernels: str,
    seed: int,
    data_source: str,
    data_options: Mapping[str, Any] | None = None,
    command: Sequence[str],
) -> dict[str, Any]:
    """Return the facts needed to reproduce a run.

    Args:
        engine: "hoiquy" or "keras".
        threads: of the process.
        kernels: "fast" or "plain", or Keras' backend.
        seed: of the training.
        data_source: a data set's name or path; "" for one in memory.
        data_options: how it was read, as `DataSource.how`.
        command: the program and its arguments as typed.
    """
    return {
        "command": shlex.join(command),
        "engine": engine,
        "seed": seed,
        "data_source": data_source,
        "data_options": dict(data_options or {}),
        "exact": exact_facts(kernels),
        "kernels": kernels,
        "threads": threads,
        "processor": processor_name(),
        "cpu_count": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": _versions(),
    }


def exact_facts(kernels: str) -> dict[str, str]:
    """The facts that decide the bits of a training besides its recipe and data.

    Neither the number of threads nor the processor's model do, only its vector instructions.
    """
    versions = _versions()
    ours = kernels in ("fast", "plain")
    decisive = ("hoiquy", "numpy", *(("numba", "llvmlite") if ours else ("keras", "jax")))
    return {
        "kernels": kernels,
        "kernel_source": _kernel_source(),
        "machine": platform.machine(),
        "vectors": _vectors(),
        **{package: versions[package] for package in decisive if package in versions},
    }


def changes_since(saved: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The facts of `exact_facts` that differ, as "numpy 2.4.6 → 2.5.0"."""
    names = [*saved, *(name for name in now if name not in saved)]
    return [
        f"{name} {saved.get(name, 'absent')} → {now.get(name, 'absent')}"
        for name in names
        if saved.get(name) != now.get(name)
    ]


def _kernel_source() -> str:
    """A hash of the kernels' source: changed kernels may round differently."""
    digest = hashlib.sha256()
    folder = Path(__file__).parents[1] / "nn" / "kernels"
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _vectors() -> str:
    """The vector instructions by which NumPy and the kernels choose their code."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    chosen = ("avx2", "fma", "avx512f", "neon")
    return " ".join(name for name in chosen if features.get(name)) or "none"


def processor_name() -> str:
    """The processor's name, or its architecture if unknown."""
    return _name_from_cpuinfo() or platform.processor() or platform.machine() or "unknown"


def _name_from_cpuinfo() -> str:
    """The name on Linux, where `platform.processor()` returns only x86_64."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    names = {key.strip(): value.strip() for key, value in values.items()}
    return names.get("model name", "")


def _versions() -> dict[str, str]:
    found = {package: _version(package) for package in _PACKAGES}
    return {package: version for package, version in found.items() if version is not None}


@cache
def _version(package: str) -> str | None:
    """Cached: parsing a package's metadata takes as long as an epoch of a small training."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
