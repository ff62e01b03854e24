"""A virtual environment for each peer, in the user's cache, made once.

The folder's name holds a hash of the requirements: other versions get another folder. A marker
file is written last, so that an environment whose making was interrupted is made again.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hoiquy.bench.peers import Peer
from platformdirs import user_cache_dir

from hoiquy.errors import HoiquyError
from hoiquy.system.atomic_write import make_folder, write_text

_MARKER = ".complete"
_MIB = 2**20


def environments_folder() -> Path:
    """Where the environments are kept: `$HOIQUY_CACHE/peers`, or `peers` in the user's cache."""
    return Path(os.environ.get("HOIQUY_CACHE") or user_cache_dir("hoiquy")) / "peers"


def environment_folder(peer: Peer) -> Path:
    """Where this peer's environment is, or will be."""
    wanted = "\n".join([*peer.requirements, f"python {sys.version_info[:2]}"])
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:10]
    return environments_folder() / f"{peer.name}-{digest}"


def ensure_environment(peer: Peer, say: Callable[[str], None]) -> Path:
    """Return the interpreter of the peer's environment, which is made if it is not there whole.

    `say` is told what is being installed, where, and what it took. Raises HoiquyError if it
    cannot be made; the message ends with pip's own words.
    """
    folder = environment_folder(peer)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / _MARKER).is_file() and python.exists():
        return python
    say(f"installing {', '.join(peer.requirements)} into {folder} (once) …")
    start = time.perf_counter()
    _remove(folder)
    make_folder(folder.parent)
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder)], peer)
    _run([*_pip(), "--python", str(python), "install", *_quietly(), *peer.requirements], peer)
    write_text(folder / _MARKER, "\n".join(peer.requirements) + "\n")
    seconds = time.perf_counter() - start
    say(f"installed {peer.title}: {_size(folder) / _MIB:,.0f} MiB in {seconds:.0f} s")
    return python


def _quietly() -> list[str]:
    return ["--quiet", "--disable-pip-version-check", "--no-input", "--no-warn-script-location"]


def _pip() -> list[str]:
    """A Python that has pip: this one, or the one that this environment was made from."""
    others = (getattr(sys, "_base_executable", None), shutil.which("python3"))
    candidates = [sys.executable, *(path for path in others if path)]
    for python in candidates:
        asked = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return [python, "-m", "pip"]
    raise HoiquyError(
        f"no pip for {candidates[-1]}: install it (for example the package python3-pip), then "
        "run the same command again"
    )


def _run(command: list[str], peer: Peer) -> None:
    result = subprocess.run(
        command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if result.returncode:
        words = (result.stderr or result.stdout).strip().splitlines()
        last = next((line for line in reversed(words) if line.startswith("ERROR")), "")
        reason = last or (words[-1] if words else f"exit code {result.returncode}")
        raise HoiquyError(
            f"the environment of {peer.name} cannot be made: {reason}; "
            "run again when that is mended, or leave this peer out of --against"
        )


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise HoiquyError(f"cannot remove {folder}: {error.strerror or error}") from error


def _size(folder: Path) -> int:
    """Bytes of all files; links count nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files)
