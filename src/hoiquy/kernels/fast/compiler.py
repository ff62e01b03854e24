"""How the fast kernels are compiled, and where the compiled code is kept.

The folder's name holds a hash of the kernels' own source: Numba notices a change in the file of
a function, but not in the file of a function that it calls.
"""

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import numba
import platformdirs
from numba import njit


def _cache_folder() -> Path:
    root = os.environ.get("HOIQUY_CACHE") or platformdirs.user_cache_dir("hoiquy")
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    folder = resources.files("hoiquy").joinpath("kernels", "fast")
    for source in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return Path(root) / "kernels" / digest.hexdigest()


def _usable(folder: Path) -> Path:
    """`folder`, or one for this process alone where it cannot be made (a read-only home).

    Never a shared place with a known name: what lies in this folder is executed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    private = tempfile.mkdtemp(prefix="hoiquy-kernels-")
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    return Path(private)


CACHE_FOLDER = _usable(_cache_folder())
setattr(numba.config, "CACHE_DIR", str(CACHE_FOLDER))  # noqa: B010 - set at run time only


def compiled_before() -> bool:
    """True if compiled kernels lie in the cache already, so that starting is fast."""
    return any(CACHE_FOLDER.rglob("*.nbc"))


# error_model="numpy": a division that may raise ruins vectorisation. Of fast-math only what keeps
# NaN and infinity as they are: training must notice them.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel; it releases the interpreter lock, and its code is kept on disk."""
    return njit(cache=True, **_OPTIONS)(function)  # type: ignore[no-any-return]


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function into each of its callers."""
    return njit(inline="always", **_OPTIONS)(function)  # type: ignore[no-any-return]
