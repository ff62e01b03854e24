"""Rows of a table on disk, one after the other, of every format that `formats` knows.

Little is kept: a file larger than memory can be read. A row that cannot be read is given as a
`BadRow` with its line, and what follows is read all the same: the caller decides.
"""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hoiquy.data.tables.arrow_rows import arrow_rows
from hoiquy.data.tables.csv.records import Record
from hoiquy.data.tables.csv.rows import csv_cells
from hoiquy.data.tables.file_options import AS_WRITTEN, FileOptions
from hoiquy.data.tables.formats import JSON, format_of
from hoiquy.data.tables.json_rows import json_rows
from hoiquy.data.tables.read_errors import readable
from hoiquy.data.tables.row import BadRow, Row, RowCount
from hoiquy.data.tables.text_file import open_text
from hoiquy.data.tables.xlsx_rows import xlsx_cells

__all__ = [
    "BadRow",
    "Row",
    "looked_ahead",
    "read_column",
    "read_rows",
]

_CELLS = (".csv", ".tsv", ".xlsx")


def read_rows(
    path: Path, options: FileOptions = AS_WRITTEN, count: RowCount | None = None
) -> Iterator[Row | BadRow]:
    """Give the rows of a file, whose format its name tells.

    count: receives how many rows there are and what was left out. Raises DataError if the file
    cannot be read, is no such file or is not in this encoding, and MissingExtraError for an Excel
    workbook without openpyxl.
    """
    count = RowCount() if count is None else count
    suffix = format_of(path)
    if suffix in _CELLS:
        names: list[str] = []
        for found in _cells(path, suffix, options, count, names):
            if isinstance(found, BadRow):
                yield found
            else:
                line, cells = found
                yield Row(line, dict(zip(names, cells, strict=True)))
        return
    with readable(str(path), options.encoding):
        rows: Iterator[Row | BadRow]
        if suffix in JSON:
            rows = json_rows(path, options.encoding, suffix != ".json")
        else:
            rows = arrow_rows(path, suffix)
        for row in rows:
            count.rows += 1
            yield row


def read_column(
    path: Path, column: str, options: FileOptions = AS_WRITTEN, count: RowCount | None = None
) -> Iterator[tuple[int, Any] | BadRow]:
    """The line and the value of one column of each row, None where it is missing.

    As `read_rows`, but faster: of CSV, no other column becomes a row's.
    """
    count = RowCount() if count is None else count
    suffix = format_of(path)
    if suffix not in _CELLS:
        for row in read_rows(path, options, count):
            yield row if isinstance(row, BadRow) else (row.line, row.values.get(column))
        return
    names: list[str] = []
    at = None
    for found in _cells(path, suffix, options, count, names):
        if isinstance(found, BadRow):
            yield found
            continue
        line, cells = found
        if at is None:
            at = names.index(column)
        yield line, cells[at]


def looked_ahead(
    rows: Iterator[Row | BadRow], most: int = 1000
) -> tuple[list[Mapping[str, Any]], Iterator[Row | BadRow]]:
    """The values of the good ones among the first rows, to choose columns by; and all rows."""
    first = list(itertools.islice(rows, most))
    good = [row.values for row in first if isinstance(row, Row)]
    return good, itertools.chain(first, rows)


def _cells(
    path: Path, suffix: str, options: FileOptions, count: RowCount, names: list[str]
) -> Iterator[Record]:
    """The line and the cells of each row; the columns' names are put into `names` before."""
    with readable(str(path), options.encoding):
        if suffix == ".xlsx":
            yield from xlsx_cells(path, options, count, names)
            return
        with open_text(path, options.encoding) as lines:
            yield from csv_cells(lines, options, count, suffix == ".tsv", names)
