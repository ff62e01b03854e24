"""Build the shared libraries of peers that have no Python interface."""

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from hoiquy.errors import HoiquyError

COMPILERS = ("c++", "g++", "clang++")
_SOURCES = Path(__file__).parent / "workers" / "native"
_LINKED = {
    "onednn": ("-ldnnl",),
    "libxsmm": ("-lxsmm", "-lxsmmnoblas", "-lpthread", "-lrt", "-ldl", "-lm"),
}
_DEBIAN = {"libxsmm": ("libxsmm-dev", "libxsmm.h")}  # packages that only Debian has, and a header
_SHOWN = 300  # characters of another program's message


def build_library(name: str, environment: Path) -> Path:
    """Compile native/NAME_layer.cpp with the packages of an environment, unless it is there.

    Raises HoiquyError without a compiler or the library, or if compiling fails.
    """
    source = _SOURCES / f"{name}_layer.cpp"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:10]
    library = environment / f"{name}_layer-{digest}.so"
    if library.is_file():
        return library
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise HoiquyError(f"no C++ compiler on the path ({', '.join(COMPILERS)})")
    root = environment
    if name in _DEBIAN:
        root = _debian_package(*_DEBIAN[name], environment)
    begun = library.with_suffix(".begun")
    command = [compiler, "-O2", "-std=c++17", "-shared", "-fPIC", "-fopenmp", str(source)]
    command += [f"-I{root / 'include'}", f"-L{root / 'lib'}", f"-Wl,-rpath,{root / 'lib'}"]
    _run([*command, *_LINKED[name], "-o", str(begun)], f"{source.name} cannot be compiled")
    return begun.rename(library)


def _debian_package(package: str, header: str, environment: Path) -> Path:
    """The folder with include/ and lib/ of a package: installed, or unpacked here without root."""
    installed, unpacked = Path("/usr"), environment / package
    for root in (installed, unpacked / "usr"):
        if (root / "include" / header).is_file():
            return root
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise HoiquyError(f"{header} is missing: install it (Debian's package {package})")
    unpacked.mkdir(exist_ok=True)
    failed = f"Debian's package {package} cannot be downloaded (try apt-get update, or install it)"
    _run(["apt-get", "download", package], failed, unpacked)
    archives = sorted(map(str, unpacked.glob("*.deb")))
    _run(["dpkg-deb", "-x", archives[-1], str(unpacked)], f"{package} cannot be unpacked")
    return unpacked / "usr"


def _run(command: Sequence[str], failed: str, folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        message = " ".join(done.stderr.split())[:_SHOWN]
        raise HoiquyError(f"{failed}: {message}")
