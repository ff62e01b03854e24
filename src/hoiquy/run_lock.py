"""A run folder that one process trains in is closed to others.

The lock is the operating system's, on an open file: it ends with the process, however that ends, so
a lock that nobody holds any more is never in the way.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from hoiquy.errors import HoiquyError, RunError

LOCK, OWNER = ".lock", ".lock-owner"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a run folder. Raises RunError if another process does."""
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(
            f"{folder} is in use: {_owner(folder)} trains there; wait for it, or stop it"
        ) from error
    except OSError as error:
        raise HoiquyError(f"cannot lock {folder}: {error.strerror or error}") from error
    try:
        with suppress(OSError):  # a full disk: the lock holds all the same
            (folder / OWNER).write_text(f"process {os.getpid()} on {socket.gethostname()}")
        yield
    finally:
        for name in (OWNER, LOCK):
            with suppress(OSError):
                (folder / name).unlink(missing_ok=True)
        lock.release()


def _owner(folder: Path) -> str:
    try:
        return (folder / OWNER).read_text() or "another process"
    except (OSError, ValueError):
        return "another process"
