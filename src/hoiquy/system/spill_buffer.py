"""A buffer that is written once and then read: in memory, or in a file when it grows large.

The file has no name, so it disappears with the process, however that ends. It is mapped into
memory: the operating system caches as much of it as there is room for.
"""

import mmap
import tempfile
from typing import IO

from hoiquy.errors import WriteError
from hoiquy.system.cache_dir import cache_root

MEMORY_BYTES = 64_000_000  # of one buffer; more go into a file


class SpillBuffer:
    """Call `write` any number of times, then `finish` once."""

    def __init__(self) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    def write(self, content: bytes | memoryview) -> None:
        """Append bytes. Raises WriteError if the disk of the cache folder is full."""
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
        """All bytes that were written, read-only. Raises WriteError as `write`."""
        if self._file is None:
            return memoryview(self._memory).toreadonly()
        try:
            with self._file as file:
                file.flush()
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            raise _no_room(error) from error


def _nameless_file() -> IO[bytes]:
    # The system's folder for temporary files is often in memory.
    cache_root().mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=cache_root())


def _no_room(error: OSError) -> WriteError:
    return WriteError(
        f"the texts, too many for memory, cannot be written to {cache_root()}: "
        f"{error.strerror or error}; HOIQUY_CACHE may name a folder with more room"
    )
