"""Splits lines of CSV and TSV into cells; a damaged quote affects only its own line."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from hoiquy.data.tables.csv.unclosed_quotes import Evidence, split
from hoiquy.data.tables.row import MAX_CHARACTERS, BadRow
from hoiquy.errors import DataError

Record = tuple[int, list[str]] | BadRow
_OPEN = (
    "a quotation mark opens a cell and does not close it properly; if it is text, pass "
    "--quoting none"
)
_ESCAPED = ", or if a backslash escapes it, --quoting backslash"
_LIKE_ROWS = "; if it is a cell of several lines, pass --quoting standard"
_TOO_LONG = f"a cell of more than {MAX_CHARACTERS:,} characters"


class Dialect(NamedTuple):
    """How lines are split into cells.

    quoting: "standard", "backslash" or "none".
    literal: whether to read a record with damaged quotes without quoting, if it then has `width`
        cells.
    spaces: whether to skip spaces after a delimiter.
    width: number of columns.
    evidence: tells an unclosed quote from a cell of several lines; None if the user set `quoting`.
    """

    delimiter: str
    quoting: str = "standard"
    literal: bool = False
    spaces: bool = False
    width: int = 0
    evidence: Evidence | None = None


def records(lines: Iterator[str], dialect: Dialect, cut: bool = False) -> Iterator[Record]:
    """Yield the line (from 1) and the cells of each record; no cells for an empty line.

    After a damaged quote, only its line is a BadRow, and the next line begins a new record. Raises
    DataError if the lines of all records do not add up.

    lines: with line ends. cut: whether the lines are only the beginning of a file; a record that is
    cut off at the end is left out.
    """
    return _Reader(lines, dialect, cut).records()


class _Reader:
    def __init__(self, lines: Iterator[str], dialect: Dialect, cut: bool) -> None:
        self._lines, self._dialect, self._cut = lines, dialect, cut
        self._reread: deque[str] = deque()  # lines to read again after a damaged record
        self._record_lines: list[str] = []  # lines of the current record
        self._lines_read = 0  # lines read from the file
        self._ended = False
        escapes = dialect.quoting == "backslash"
        self._escape = _stray_backslash(dialect.delimiter) if escapes else None

    def records(self) -> Iterator[Record]:
        delimiter = self._dialect.delimiter
        plain = self._dialect.quoting == "none"
        special = self._special()
        following = 1
        self._reader = self._new_reader()
        lines, reread = self._lines, self._reread
        while True:
            if reread:
                line = reread.popleft()
            else:
                line = next(lines, "")
                if not line:
                    break
                self._lines_read += 1
            if (plain or not ('"' in line or special in line)) and len(line) <= MAX_CHARACTERS:
                number, following = following, following + 1
                line = line.rstrip("\r\n")
                yield number, line.split(delimiter) if line else []
                continue
            self._record_lines = [line]
            self._at_first_line = True
            record = self._quoted(following)
            if record is None:
                return
            yield record
            following += len(self._record_lines)
        if following - 1 != self._lines_read:
            raise DataError(
                f"internal error: {self._lines_read:,} lines were read, but their records have "
                f"{following - 1:,}; please report it"
            )

    def _special(self) -> str:
        """Besides a quotation mark, what a line must not contain to be split directly."""
        if self._escape is not None:
            return "\\"
        return self._dialect.delimiter + " " if self._dialect.spaces else '"'

    def _quoted(self, number: int) -> Record | None:
        """The record that begins with the current line; None if the end of a sample cuts it off."""
        dialect, reason = self._dialect, _OPEN
        try:
            cells = next(self._reader)
        except csv.Error as error:
            if len(self._record_lines) == 1 and "field limit" in str(error):
                reason = _TOO_LONG
            elif self._ended and self._cut and not self._looks_like_rows():
                return None
        else:
            if len(self._record_lines) == 1 or not self._looks_like_rows():
                return number, cells
            reason += _LIKE_ROWS
        self._reread.extendleft(reversed(self._record_lines[1:]))
        del self._record_lines[1:]
        self._ended, self._reader = False, self._new_reader()
        if dialect.literal and len(self._record_lines[0]) <= MAX_CHARACTERS:
            cells = split(self._record_lines[0], dialect.delimiter)
            if len(cells) == dialect.width:
                return number, cells
        if reason.startswith(_OPEN) and '\\"' in self._record_lines[0]:
            reason += _ESCAPED
        return BadRow(number, reason)

    def _looks_like_rows(self) -> bool:
        """Whether the lines of the record look like separate rows after an unclosed quote."""
        evidence = self._dialect.evidence
        return evidence is not None and evidence.looks_like_rows(self._record_lines)

    def _new_reader(self) -> Iterator[list[str]]:
        csv.field_size_limit(MAX_CHARACTERS)
        dialect = self._dialect
        return csv.reader(
            self._feed(),
            delimiter=dialect.delimiter,
            escapechar="\\" if self._escape else None,
            quoting=csv.QUOTE_NONE if dialect.quoting == "none" else csv.QUOTE_MINIMAL,
            skipinitialspace=dialect.spaces,
            strict=True,
        )

    def _feed(self) -> Iterator[str]:
        """Yield the first line of the record, then more lines as the csv reader needs them."""
        while True:
            if self._at_first_line:
                self._at_first_line = False
                line = self._record_lines[0]
            else:
                if self._reread:
                    line = self._reread.popleft()
                else:
                    line = next(self._lines, "")
                    if not line:
                        self._ended = True
                        return
                    self._lines_read += 1
                self._record_lines.append(line)
            yield line if self._escape is None else self._escape.sub(_double_stray, line)


def _stray_backslash(delimiter: str) -> "re.Pattern[str]":
    """Matches a backslash, with the next character if writers escape it."""
    return re.compile(rf'\\(["\\\r\n]|{re.escape(delimiter)})?')


def _double_stray(match: "re.Match[str]") -> str:
    """Double a backslash that escapes nothing, so that csv reads it as text."""
    return match[0] if match[1] else "\\\\"
