"""A text file to read line by line, compressed with gzip or not."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from hoiquy.data.tables.formats import GZIP, HEAD_BYTES, check_text, encoding_without_mark
from hoiquy.data.tables.read_errors import encoding_of
from hoiquy.data.tables.row import MOST_CHARACTERS
from hoiquy.errors import DataError

MOST_UNPACKED = 100_000_000  # bytes that any file may unpack to
MOST_RATIO = 200
_BUFFER = 262_144


@contextmanager
def open_text(
    path: Path, encoding: str | None, newline: str = "", json: bool = False, run_on: bool = False
) -> Iterator[IO[str]]:
    """Open a text file, unpacking it if it is compressed with gzip, whatever its name.

    encoding: None is what a byte order mark says, else UTF-8. newline: as of `open`. json: whether
    it holds JSON; otherwise that is an error. run_on: whether lines of any length are expected.
    Raises DataError if the file holds something else, is damaged, or unpacks to far too much.
    """
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        content: BinaryIO = file
        if packed:
            limited = _Unpacked(file, str(path), run_on)
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
        raise DataError(f"{source} is not UTF-8 text: it looks like --encoding {likely}")
    return chosen


class _Unpacked(io.RawIOBase):
    """What a gzip file unpacks to, as long as it is not far more than a text would be."""

    def __init__(self, file: BinaryIO, source: str, run_on: bool) -> None:
        self._file, self._source, self._run_on = file, source, run_on
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
        if self._unpacked > max(MOST_UNPACKED, MOST_RATIO * self._file.tell()):
            raise DataError(
                f"{self._source} unpacks to more than {MOST_RATIO} times its size: if it is no "
                f"damage, unpack it first"
            )
        if self._line > 4 * MOST_CHARACTERS and not self._run_on:
            raise DataError(
                f"{self._source} has a line of more than {MOST_CHARACTERS:,} characters: it is "
                f"no table"
            )
        return count
