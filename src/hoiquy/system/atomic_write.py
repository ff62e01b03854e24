"""Write files and folders atomically.

The bytes go to a temporary file in the same folder, are synced to the disk and renamed to the final
name. A reader sees the old file or the new one, never half of one, and a write that fails (a full
disk, Ctrl-C) leaves the old file and no temporary one. Devices, pipes and `/dev/stdout` cannot be
renamed over: the finished bytes are copied into them.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hoiquy.errors import WriteError

_SYSTEM_FOLDERS = (("/", "dev"), ("/", "proc"))  # their links are to open files


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, line breaks unchanged. Raises WriteError as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, replacing an existing file. Raises WriteError if it fails."""
    with atomic_path(path) as temporary, temporary.open("xb") as file:
        file.write(content)


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path, which replaces `path` when the block ends without an error.

    Raises WriteError, which names the file and the reason, if it cannot be written.
    """
    if _is_stream(path):
        with _copied_into(path) as copy:
            yield copy
        return
    # not tempfile: its files are readable by their owner only, whatever the umask
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        if path.is_dir():  # report it before anything is written
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        try:
            yield temporary
            _sync(temporary)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise _write_error(path, error) from error


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder, which is renamed to `path` when the block ends without an error.

    `path` may be absent or an empty folder. Raises WriteError as `atomic_path` does.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise FileExistsError(errno.EEXIST, "it exists already")
        temporary.mkdir(parents=True)
        try:
            yield temporary
            for written in temporary.iterdir():
                _sync(written)
            with contextlib.suppress(FileNotFoundError):
                path.rmdir()  # Windows does not replace even an empty folder
            temporary.replace(path)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise _write_error(path, error) from error


def is_leftover(name: str) -> bool:
    """True for the name of a temporary file, which a killed process may leave behind."""
    return re.fullmatch(r"\..+\.[0-9a-f]{8}\.tmp", name) is not None


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files in a folder; no process may be writing to it."""
    for path in folder.glob(".*.tmp"):
        if is_leftover(path.name):
            with contextlib.suppress(OSError):
                path.unlink()


def make_folder(path: Path) -> None:
    """Create a folder and its parents; it may exist. Raises WriteError if it fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"cannot make the folder {path}: {error.strerror or error}") from error


def _write_error(path: Path, error: OSError) -> WriteError:
    with contextlib.suppress(OSError):  # such as a name that is too long
        if isinstance(error, FileNotFoundError) and not path.parent.exists():
            return WriteError(
                f"cannot write {path}: the folder {path.parent} does not exist; create it, or "
                "choose another one"
            )
    return WriteError(f"cannot write {path}: {error.strerror or error}")


def _is_stream(path: Path) -> bool:
    """Whether a path names a device, a pipe or an open file of a process, such as /dev/stdout."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return not stat.S_ISDIR(mode)
        return path.is_symlink() and path.parent.resolve().parts[:2] in _SYSTEM_FOLDERS
    except OSError:
        return False


@contextlib.contextmanager
def _copied_into(path: Path) -> Iterator[Path]:
    """Yield a temporary path, which is copied into a stream when the block ends without an error.

    Raises WriteError, which names the stream and the reason, if it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder) / "output"
            yield temporary
            with temporary.open("rb") as source, path.open("wb") as stream:
                shutil.copyfileobj(source, stream)
    except OSError as error:
        raise _write_error(path, error) from error


def _sync(path: Path) -> None:
    with path.open("rb+") as file:  # Windows syncs only files that are open for writing
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can sync a folder."""
    with contextlib.suppress(OSError):  # Windows and some network disks cannot
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
