"""Opens untrusted text files, compressed with gzip or not."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from hoiquy.data.tables.formats import GZIP, HEAD_BYTES, check_text, encoding_without_mark
from hoiquy.data.tables.read_errors import encoding_of
from hoiquy.data.tables.row import MAX_CHARACTERS
from hoiquy.errors import DataError

MAX_UNPACKED_BYTES = 100_000_000  # any file may decompress to so many bytes
MAX_UNPACKED_RATIO = 200
_BUFFER = 262_144


@contextmanager
def open_text(
    path: Path,
    encoding: str | None,
    newline: str = "",
    json: bool = False,
    long_lines: bool = False,
) -> Iterator[IO[str]]:
    """Open a text file, decompressing gzip whatever its name.

    Args:
        path: The file.
        encoding: None for that of a byte order mark, else UTF-8.
        newline: As for `open`.
        json: Whether JSON is expected; otherwise it is an error.
        long_lines: Whether lines of any length are allowed.

    Raises:
        DataError: The file is not text, is damaged, or decompresses to far too much.
    """
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        content: BinaryIO = file
        if packed:
            limited = _LimitedGzip(file, str(path), long_lines)
            content = cast("BinaryIO", io.BufferedReader(limited, _BUFFER))
        try:
            chosen = _encoding(content, str(path), encoding, json)
            with io.TextIOWrapper(content, chosen, newline=newline) as lines:
                yield lines
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{path} is damaged: {error}") from error


def _encoding(content: BinaryIO, source: str, encoding: str | None, json: bool) -> str:
    head = cast("io.BufferedReader", content).peek(HEAD_BYTES)[:HEAD_BYTES]
    check_text(head, source, json)
    chosen = encoding_of(head[:4], encoding)
    if chosen == "utf-8" and (likely := encoding_without_mark(head)):
        raise DataError(f"{source} is not UTF-8 text: try --encoding {likely}")
    return chosen


class _LimitedGzip(io.RawIOBase):
    """Decompresses gzip, with limits on the ratio and on the length of lines."""

    def __init__(self, file: BinaryIO, source: str, long_lines: bool) -> None:
        self._file, self._source, self._run_on = file, source, long_lines
        self._gzip = gzip.GzipFile(fileobj=file)
        self._unpacked = self._line = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = self._gzip.read(len(buffer))
        count = len(data)
        buffer[:count] = data
        self._unpacked += count
        end = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._line = count - end - 1 if end >= 0 else self._line + count
        if self._unpacked > max(MAX_UNPACKED_BYTES, MAX_UNPACKED_RATIO * self._file.tell()):
            raise DataError(
                f"{self._source} unpacks to more than {MAX_UNPACKED_RATIO} times its size: if "
                f"it is not damaged, decompress it first"
            )
        if self._line > 4 * MAX_CHARACTERS and not self._run_on:
            raise DataError(
                f"{self._source} has a line of more than {MAX_CHARACTERS:,} characters: it is "
                f"not a table"
            )
        return count
