"""Row, BadRow and RowCount: what the readers of tables yield."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hoiquy.errors import DataError

MAX_CHARACTERS = 10_000_000  # of one cell, one JSON object or one line of a compressed file


class Row(NamedTuple):  # not a dataclass: there are millions of them
    """One row; `line` is its first line in a text file, or its number in other files, from 1."""

    line: int
    values: Mapping[str, Any]


class BadRow(NamedTuple):
    """A row that cannot be used, with a short reason."""

    line: int
    reason: str


@dataclass
class RowCount:
    """Counts the rows of a file.

    rows: good and bad rows. repeated: repeated headers, which are left out. first_repeated: the
    line of the first of them, 0 for none. note: a further remark to report.
    """

    rows: int = 0
    repeated: int = 0
    first_repeated: int = 0
    note: str = ""

    def repeat(self, line: int) -> None:
        """Count a repeated header."""
        self.repeated += 1
        self.first_repeated = self.first_repeated or line

    def notes(self) -> list[str]:
        """Return remarks to report."""
        notes = [self.note] if self.note else []
        if self.repeated:
            headers = "header" if self.repeated == 1 else "headers"
            notes.append(
                f"{self.repeated:,} repeated {headers} left out (line {self.first_repeated})"
            )
        return notes

    def check(self, documents: int, refused: int, source: str) -> None:
        """Raise DataError unless documents and refused rows add up to the rows of the file."""
        if documents + refused != self.rows:
            raise DataError(
                f"{source}: internal error: {documents:,} documents and {refused:,} refused rows, "
                f"but the file has {self.rows:,} rows; please report it"
            )
