"""Tells an unclosed quote from a cell of several lines."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hoiquy.data.tables.headers import is_number

_MIN_ROWS = 5  # rows needed to know a column


class Evidence(NamedTuple):
    """How rows of a single line look.

    columns: (index, predicate of a fitting cell) of columns with few distinct values or numbers.
    """

    delimiter: str
    width: int
    columns: tuple[tuple[int, Callable[[str], bool]], ...]

    def looks_like_rows(self, lines: Sequence[str]) -> bool:
        """Whether the lines of a record look like separate rows after an unpaired quote."""
        if self.width < 2 or not self.columns:
            return False
        lines = [line for line in lines if line.strip()]
        return 3 * sum(map(self._fits, lines)) >= 2 * len(lines)

    def _fits(self, line: str) -> bool:
        cells = [cell.strip('"') for cell in split(line, self.delimiter)]
        if len(cells) < self.width:
            return False
        # a delimiter in the text shifts the following columns
        return all(fits(cells[at]) or fits(cells[at - self.width]) for at, fits in self.columns)


def split(line: str, delimiter: str) -> list[str]:
    """Split a line into cells without quoting."""
    return line.rstrip("\r\n").split(delimiter)


def evidence_of(rows: Sequence[list[str]], lines: Sequence[str], delimiter: str) -> Evidence:
    """Collect evidence from the first rows of a table.

    rows: those of a single line. lines: all first lines if there are few rows, perhaps because of
    an unclosed quote; they are used if they look like rows.
    """
    if len(rows) <= _MIN_ROWS:
        rows = [split(line, delimiter) for line in lines if '"' not in line and line.strip()]
        if not _are_rows(rows):
            return Evidence(delimiter, 0, ())
    width = width_of(rows)
    rows = [row for row in rows[1:] if len(row) == width]
    columns: list[tuple[int, Callable[[str], bool]]] = []
    if len(rows) < _MIN_ROWS:
        return Evidence(delimiter, width, ())
    for at, column in enumerate(zip(*rows, strict=True)):
        values = set(column)
        if len(values) <= len(rows) / 2:
            columns.append((at, values.__contains__))
        elif all(map(is_number, values)):
            columns.append((at, is_number))
    return Evidence(delimiter, width, tuple(columns))


def width_of(rows: Sequence[list[str]]) -> int:
    """The most frequent number of columns; 0 without rows."""
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: widths[width], default=0)


def _are_rows(rows: Sequence[list[str]]) -> bool:
    """Whether lines are rows, not sentences, in which spaces follow commas."""
    width = width_of(rows)
    alike = [row for row in rows if len(row) == width]
    spaces = sum(any(cell.startswith(" ") for cell in row) for row in alike)
    return len(alike) >= 0.9 * len(rows) and spaces < 0.1 * len(rows)
