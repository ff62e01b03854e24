"""Build the shared libraries of peers that have no Python interface."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from hoiquy.errors import HoiquyError

COMPILERS = ("c++", "g++", "clang++")
_SOURCES = Path(__file__).parent / "workers" / "native"
_LINKED = {"onednn": ("-ldnnl",)}
_SHOWN = 300  # characters of a compiler's message


def build_library(name: str, environment: Path) -> Path:
    """Compile native/NAME_layer.cpp with the packages of an environment, unless it is there.

    Raises HoiquyError without a compiler, or if it fails.
    """
    source = _SOURCES / f"{name}_layer.cpp"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:10]
    library = environment / f"{name}_layer-{digest}.so"
    if library.is_file():
        return library
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise HoiquyError(f"no C++ compiler on the path ({', '.join(COMPILERS)})")
    libraries = environment / "lib"
    begun = library.with_suffix(".begun")
    command = [compiler, "-O2", "-std=c++17", "-shared", "-fPIC", "-fopenmp", str(source)]
    command += [f"-I{environment / 'include'}", f"-L{libraries}", f"-Wl,-rpath,{libraries}"]
    done = subprocess.run(
        [*command, *_LINKED[name], "-o", str(begun)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = " ".join(done.stderr.split())[:_SHOWN]
        raise HoiquyError(f"{source.name} cannot be compiled: {message}")
    return begun.rename(library)
