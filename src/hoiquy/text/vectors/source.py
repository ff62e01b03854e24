"""The bytes of a file of word vectors, in order: unpacked if gzip, and hashed as they are read."""

import gzip
import hashlib
import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from hoiquy.errors import DataError
from hoiquy.system.near_names import suggestion

BLOCK = 1 << 20  # bytes read at once
HEAD = 1 << 20  # bytes in which the format is found
LONGEST_LINE = 1 << 20  # bytes; 10,000 numbers of 30 characters take a third
LARGEST = 1e9  # magnitude of a number; larger ones are damage, and would overflow in sums
MOST_NUMBERS = 10_000  # of a vector, so that no header makes a large array; some have 4,096
_GZIP = b"\x1f\x8b"


class _Hashed(io.RawIOBase):
    """A file whose bytes are added to a hash as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count: int = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self.digest.update(memoryview(buffer)[:count])
        return count


class Source:
    """A file of word vectors; `opened` makes one.

    Attributes:
        path: The file.
        position: Bytes read so far, unpacked.
        size: Bytes of the file; None if it is packed.
    """

    def __init__(self, path: Path, file: BinaryIO, size: int) -> None:
        self.path, self.position = path, 0
        self._hashed = _Hashed(file)
        self._packed = io.BufferedReader(self._hashed, BLOCK)
        self._stream: BinaryIO | gzip.GzipFile = self._packed
        self._ahead = b""
        self.size: int | None = size
        if self._packed.peek(2)[:2] == _GZIP:
            self._stream, self.size = gzip.GzipFile(fileobj=self._packed), None

    def head(self) -> bytes:
        """The first bytes, at most HEAD, which are read again later. Only before `read`."""
        assert self.position == 0
        if not self._ahead:
            self._ahead = self._read(HEAD)
        return self._ahead

    def read(self, count: int) -> bytes:
        """The next bytes, `count` unless the file ends before."""
        ahead, self._ahead = self._ahead[:count], self._ahead[count:]
        content = ahead + self._read(count - len(ahead)) if len(ahead) < count else ahead
        self.position += len(content)
        return content

    def unread(self, content: bytes) -> None:
        """Put back the last bytes that were read."""
        self._ahead, self.position = content + self._ahead, self.position - len(content)

    def exactly(self, count: int, what: str) -> bytes:
        """The next `count` bytes, at most a block. Raises DataError if the file ends in `what`."""
        content = self.read(count)
        if len(content) < count:
            raise self.truncated(what)
        return content

    def lines(self) -> Iterator[bytes]:
        """The lines from here on, without their ends. Raises DataError for one that is too long."""
        rest, number = b"", 0
        while block := self.read(BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            yield from lines
            number += len(lines)
            if len(rest) > LONGEST_LINE:
                raise self.error(f"line {number + 1} is longer than {LONGEST_LINE:,} bytes")
        if rest:
            yield rest

    def sha256(self) -> str:
        """The hash of the whole file, as it is on the disk."""
        self._ahead = b""
        while self._read(BLOCK):  # unpacked to its end, so that damage is found
            pass
        return self._hashed.digest.hexdigest()

    def error(self, problem: str) -> DataError:
        """The error for a fault of this file."""
        return DataError(f"{self.path}: {problem}")

    def truncated(self, what: str) -> DataError:
        """The error for a file that ends too early."""
        unpacked = "" if self.size is not None else " unpacked"
        return self.error(
            f"the file is truncated: it ends after {self.position:,}{unpacked} bytes, in {what}; "
            f"download or copy it again"
        )

    def _read(self, count: int) -> bytes:
        try:
            return self._stream.read(count)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self.error(
                f"the gzip file is damaged after {self.position:,} unpacked bytes ({error}); "
                f"download or copy it again"
            ) from error
        except OSError as error:
            raise self.error(f"cannot be read: {error.strerror or error}") from error


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a regular file: a pipe could not be read twice. Raises DataError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
            raise DataError(f"{path} is {kind}: expected a file of word vectors")
        file = path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file; expected word vectors{suggestion(path)}") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read: {reason}") from error
    with closing(file):
        yield Source(path, file, status.st_size)
