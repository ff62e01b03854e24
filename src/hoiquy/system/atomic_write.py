"""Write a file whole or not at all.

The bytes go to a temporary name in the same folder, are forced to the disk and then take the
file's name in one step. Whoever reads meets the old file or the new one, never half of one, and a
write that fails (a full disk, Ctrl-C) leaves the old file and no temporary one behind.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from hoiquy.errors import WriteError


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, line breaks as they are. Raises WriteError as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, replacing what was there.

    Raises WriteError, one line that names the file and the reason, when it cannot be written.
    """
    with written_whole(path) as temporary, temporary.open("xb") as file:
        file.write(content)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` when the block ends without an error.

    Raises WriteError, one line that names the file and the reason, when it cannot be written.
    """
    # not tempfile: its files are readable by their owner only, whatever the umask says
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        if path.is_dir():  # else this would come out when all is written
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
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def folder_written_whole(path: Path) -> Iterator[Path]:
    """A new folder to write files into, which gets the name `path` when the block ends well.

    Nothing, or an empty folder, may be there. Raises WriteError as `written_whole` does.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise FileExistsError(errno.EEXIST, "something is there already")
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
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error


def is_leftover(name: str) -> bool:
    """True for the name of a temporary file, which a process that was killed may leave behind."""
    return re.fullmatch(r"\..+\.[0-9a-f]{8}\.tmp", name) is not None


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files in a folder that no process writes to just now."""
    for path in folder.glob(".*.tmp"):
        if is_leftover(path.name):
            with contextlib.suppress(OSError):
                path.unlink()


def make_folder(path: Path) -> None:
    """Make a folder and its parents; it may exist. Raises WriteError if it cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"cannot make the folder {path}: {error.strerror or error}") from error


def _sync(path: Path) -> None:
    with path.open("rb+") as file:  # Windows syncs only what may be written to
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can do that for a folder."""
    with contextlib.suppress(OSError):  # Windows cannot open one; some network disks cannot sync
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
