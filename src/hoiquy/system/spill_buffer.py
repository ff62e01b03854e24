"""Bytes that are written once and then read as an array: few in memory, many in a file.

The file has no name, so it is gone when the process is, however that ends. It is read through the
system's page cache: what there is room for stays in memory, and is given up where others need it.
"""

import mmap
import tempfile
from typing import IO

from hoiquy.errors import WriteError
from hoiquy.system.cache_dir import cache_root

MEMORY_BYTES = 64_000_000  # of one spool; more go into a file


class SpillBuffer:
    """Write with `write`, any number of times, then read what `finish` gives."""

    def __init__(self) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    def write(self, content: bytes | memoryview) -> None:
        """Add bytes at the end.

        Raises WriteError if there is no room for them on the disk that has the cache folder.
        """
        if self._file is None and len(self._memory) + len(content) <= MEMORY_BYTES:
            self._memory += content
            return
        try:
            if self._file is None:
                self._file = _nameless_file()
                self._file.write(self._memory)
                self._memory = bytearray()
            self._file.write(content)
        except OSError as error:
            raise _no_room(error) from error

    def finish(self) -> memoryview:
        """All bytes that were written, to read; once, at the end. Raises WriteError as `write`."""
        if self._file is None:
            return memoryview(self._memory).toreadonly()
        try:
            with self._file as file:
                file.flush()
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            raise _no_room(error) from error


def _nameless_file() -> IO[bytes]:
    # Not the system's folder for temporary files, which is often memory.
    cache_root().mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=cache_root())


def _no_room(error: OSError) -> WriteError:
    return WriteError(
        f"the texts, too many for memory, cannot be kept in {cache_root()}: "
        f"{error.strerror or error}; HOIQUY_CACHE may name a folder with more room"
    )
