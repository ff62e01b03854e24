"""Distinguish a quote that was never closed from a cell of several lines."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hoiquy.data.tables.headers import is_number

_FEWEST = 5  # rows that show what a column holds


class Evidence(NamedTuple):
    """What the rows of a table look like that have a line each.

    columns: (number of the column, whether a cell fits it), of columns that hold few different
    values or numbers.
    """

    delimiter: str
    width: int
    columns: tuple[tuple[int, Callable[[str], bool]], ...]

    def swallowed(self, lines: Sequence[str]) -> bool:
        """Whether a record of several lines looks like several rows behind an unpaired quote."""
        if self.width < 2 or not self.columns:
            return False
        lines = [line for line in lines if line.strip()]
        return 3 * sum(map(self._fits, lines)) >= 2 * len(lines)

    def _fits(self, line: str) -> bool:
        cells = [cell.strip('"') for cell in split(line, self.delimiter)]
        if len(cells) < self.width:
            return False
        # a delimiter in the text moves the columns behind it
        return all(fits(cells[at]) or fits(cells[at - self.width]) for at, fits in self.columns)


def split(line: str, delimiter: str) -> list[str]:
    """The cells of a line without quoting."""
    return line.rstrip("\r\n").split(delimiter)


def evidence_of(rows: Sequence[list[str]], lines: Sequence[str], delimiter: str) -> Evidence:
    """What the first rows of a table show.

    rows: those that have a line each. lines: all first lines if there are few rows of any kind,
    perhaps because a quote has swallowed the others; they are used if they look like rows.
    """
    if len(rows) <= _FEWEST:
        rows = [split(line, delimiter) for line in lines if '"' not in line and line.strip()]
        if not _are_rows(rows):
            return Evidence(delimiter, 0, ())
    width = width_of(rows)
    rows = [row for row in rows[1:] if len(row) == width]
    columns: list[tuple[int, Callable[[str], bool]]] = []
    if len(rows) < _FEWEST:
        return Evidence(delimiter, width, ())
    for at, column in enumerate(zip(*rows, strict=True)):
        values = set(column)
        if len(values) <= len(rows) / 2:
            columns.append((at, values.__contains__))
        elif all(map(is_number, values)):
            columns.append((at, is_number))
    return Evidence(delimiter, width, tuple(columns))


def width_of(rows: Sequence[list[str]]) -> int:
    """How many columns most rows have; 0 without rows."""
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: widths[width], default=0)


def _are_rows(rows: Sequence[list[str]]) -> bool:
    """Whether lines are rows and not sentences, in which spaces follow commas."""
    width = width_of(rows)
    alike = [row for row in rows if len(row) == width]
    spaces = sum(any(cell.startswith(" ") for cell in row) for row in alike)
    return len(alike) >= 0.9 * len(rows) and spaces < 0.1 * len(rows)
