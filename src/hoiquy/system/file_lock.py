"""Lock a run folder while one process trains in it.

The operating system holds the lock on an open file and releases it when the process ends, however
that happens, so there are no stale locks.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hoiquy.errors import HoiquyError, RunError

LOCK, OWNER = ".lock", ".lock-owner"
_PATIENCE_SECONDS = 0.3  # `is_locked` may hold the lock for a moment


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a run folder. Raises RunError if another process holds it."""
    from filelock import FileLock, Timeout  # to read a run, which locks nothing, is quicker without

    lock = FileLock(folder / LOCK, timeout=_PATIENCE_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(
            f"{folder} is in use: {_owner(folder)} trains there; wait for it, or stop it"
        ) from error
    except OSError as error:
        raise HoiquyError(f"cannot lock {folder}: {error.strerror or error}") from error
    try:
        with suppress(OSError):  # on a full disk, the lock still holds
            (folder / OWNER).write_text(f"process {os.getpid()} on {socket.gethostname()}")
        yield
    finally:
        for name in (OWNER, LOCK):
            with suppress(OSError):
                (folder / name).unlink(missing_ok=True)
        lock.release()


def is_locked(folder: Path) -> bool:
    """Whether a process trains in the folder now. Writes nothing; False where it is unknown."""
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError):  # Windows; a file system without locks
        return False
    finally:
        os.close(handle)  # also releases the lock
    return False


def _owner(folder: Path) -> str:
    try:
        return (folder / OWNER).read_text() or "another process"
    except (OSError, ValueError):
        return "another process"
