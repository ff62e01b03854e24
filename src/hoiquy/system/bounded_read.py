"""Read a regular file of limited size: a path may name a pipe, a device or a huge file."""

import errno
import stat
from pathlib import Path


def read_regular_file(path: Path, most: int) -> bytes:
    """Return the bytes of a file of at most `most` bytes.

    Raises OSError with its reason in strerror if the file is larger, or is no regular file: reading
    a pipe would block, and a device may have no end.
    """
    status = path.stat()
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise OSError(errno.EINVAL, "it is a pipe or a device", str(path))
    if status.st_size > most:
        too_large = f"it has {status.st_size:,} bytes, more than {most:,}"
        raise OSError(errno.EFBIG, too_large, str(path))
    return path.read_bytes()  # for a folder, the system raises its error
