"""The cache folder of compiled kernels, a file of object code for each.

One process compiles into a temporary folder, which is renamed when it is complete and has a
manifest of checksums (`CacheBuilder`). After that no process writes to it.

The name contains a hash of everything that determines the machine code: the source of the kernels,
the versions of Python, Numba and llvmlite, and the CPU. It does not depend on where hoiquy is
installed.
"""

import atexit
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from functools import cache
from importlib import resources
from pathlib import Path

import llvmlite
import platformdirs
from llvmlite import binding

from hoiquy.nn.kernels.fast.lanes import LANES

MANIFEST = "manifest.json"
_ABANDONED_SECONDS = 3600  # compiling takes half a minute
# Settings by which Numba compiles for another processor, or otherwise.
_NUMBA_SETTINGS = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_ENABLE_AVX", "NUMBA_OPT")
_SOURCES = (("nn", "kernels", "fast", "jit"), ("nn", "kernels", "fast"), ("nn", "kernels"))


def cache_folder() -> Path:
    """The folder of compiled kernels, below $HOIQUY_CACHE or the user's cache folder."""
    root = os.environ.get("HOIQUY_CACHE") or platformdirs.user_cache_dir("hoiquy")
    return Path(root) / "kernels" / _fingerprint()


@cache
def usable_folder() -> Path:
    """`cache_folder`, or a private one for this process where that is not writable.

    Never a shared folder with a known name: the files in it are executed.
    """
    folder = cache_folder()
    if is_complete(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".trial-"):
            return folder
    except OSError:
        private = Path(tempfile.mkdtemp(prefix="hoiquy-kernels-"))
        atexit.register(shutil.rmtree, private, ignore_errors=True)
        return private / folder.name


def is_complete(folder: Path) -> bool:
    """True if the folder holds every file of its manifest, unchanged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        return bool(manifest) and all(
            _digest((folder / name).read_bytes()) == digest for name, digest in manifest.items()
        )
    except (OSError, ValueError, AttributeError):
        return False


def read_file(folder: Path, name: str) -> bytes | None:
    """The bytes of a file if they are those of the folder's manifest."""
    try:
        expected = json.loads((folder / MANIFEST).read_bytes())[name]
        data = (folder / name).read_bytes()
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return data if _digest(data) == expected else None


class CacheBuilder:
    """A folder next to `destination` to compile into; `finish` renames it."""

    def __init__(self, destination: Path) -> None:
        self.destination = destination
        destination.parent.mkdir(parents=True, exist_ok=True)
        self._remove_abandoned()
        prefix = f"{destination.name}.filling-"
        self.folder = Path(tempfile.mkdtemp(dir=destination.parent, prefix=prefix))

    def finish(self) -> None:
        """Write the manifest and rename the folder, replacing a damaged one.

        If another process was first, its folder is kept. Raises OSError.
        """
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        manifest = {
            path.relative_to(self.folder).as_posix(): _digest(path.read_bytes()) for path in files
        }
        (self.folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
        for _ in range(10):  # another process may take the name between two calls
            if is_complete(self.destination):
                break
            try:
                self.folder.rename(self.destination)
                return
            except OSError:
                self._move_aside()
        self.abandon()

    def abandon(self) -> None:
        """Remove the incomplete folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _move_aside(self) -> None:
        """Rename a damaged folder before deleting it: no process shall see half of it."""
        aside = Path(tempfile.mkdtemp(dir=self.destination.parent, prefix=".damaged-"))
        try:
            self.destination.rename(aside / "kernels")
        except FileNotFoundError:
            pass  # another process has done so
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _remove_abandoned(self) -> None:
        """Remove the folders of processes that were killed while compiling."""
        for path in self.destination.parent.glob("*.filling-*"):
            try:
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)
            except OSError:
                pass


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@cache
def _fingerprint() -> str:
    from importlib import metadata  # `import numba` for its version would take a second

    versions = (
        sys.implementation.cache_tag, metadata.version("numba"), llvmlite.__version__, LANES,
    )  # fmt: skip
    processor = (
        binding.get_default_triple(), binding.get_host_cpu_name(),
        binding.get_host_cpu_features().flatten(),
        *(os.environ.get(name, "") for name in _NUMBA_SETTINGS),
    )  # fmt: skip
    digest = hashlib.blake2b(repr((versions, processor)).encode(), digest_size=8)
    for part in _SOURCES:
        folder = resources.files("hoiquy").joinpath(*part)
        for source in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if source.name.endswith(".py"):
                digest.update(source.read_bytes())
    return digest.hexdigest()
