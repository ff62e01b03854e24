"""Streams the rows of a table file of any format in `formats`.

Files may be larger than memory. An invalid row is yielded as a `BadRow` with its line, and reading
continues: the caller decides.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hoiquy.data.tables.arrow_rows import arrow_rows
from hoiquy.data.tables.csv.records import Record
from hoiquy.data.tables.csv.rows import csv_cells
from hoiquy.data.tables.file_options import DEFAULT_FILE_OPTIONS, FileOptions
from hoiquy.data.tables.formats import JSON, format_of
from hoiquy.data.tables.json_rows import json_rows
from hoiquy.data.tables.read_errors import readable
from hoiquy.data.tables.row import BadRow, Row, RowCount
from hoiquy.data.tables.text_file import open_text
from hoiquy.data.tables.xlsx_rows import xlsx_cells
from hoiquy.errors import DataError

__all__ = [
    "BadRow",
    "Row",
    "peek_rows",
    "read_columns",
    "read_rows",
]

_CELLS = (".csv", ".tsv", ".xlsx")


def read_rows(
    path: Path, options: FileOptions = DEFAULT_FILE_OPTIONS, count: RowCount | None = None
) -> Iterator[Row | BadRow]:
    """Yield the rows of a file, whose format is that of its extension.

    count: receives the number of rows and what is left out. Raises DataError if the file cannot be
    read, is of another format or encoding; MissingExtraError for Excel without openpyxl.
    """
    count = RowCount() if count is None else count
    suffix = format_of(path)
    if path.is_file() and not path.stat().st_size:
        raise DataError(f"{path} is empty")
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


def read_columns(
    path: Path,
    columns: Sequence[str],
    options: FileOptions = DEFAULT_FILE_OPTIONS,
    count: RowCount | None = None,
) -> Iterator[tuple[int, tuple[Any, ...]] | BadRow]:
    """Yield the line and the values of some columns of each row, None for missing ones.

    As `read_rows`, but faster for CSV, since rows are not built.
    """
    count = RowCount() if count is None else count
    suffix = format_of(path)
    if suffix not in _CELLS:
        for row in read_rows(path, options, count):
            if isinstance(row, BadRow):
                yield row
            else:
                yield row.line, tuple([row.values.get(column) for column in columns])
        return
    names: list[str] = []
    places: list[int] | None = None
    for found in _cells(path, suffix, options, count, names):
        if isinstance(found, BadRow):
            yield found
            continue
        line, cells = found
        if places is None:
            places = [names.index(column) for column in columns]
        yield line, tuple([cells[place] for place in places])


def peek_rows(
    rows: Iterator[Row | BadRow], most: int = 1000
) -> tuple[list[Mapping[str, Any]], Iterator[Row | BadRow]]:
    """Return the values of the good rows among the first `most`, and an iterator of all rows."""
    first = list(itertools.islice(rows, most))
    good = [row.values for row in first if isinstance(row, Row)]
    return good, itertools.chain(first, rows)


def _cells(
    path: Path, suffix: str, options: FileOptions, count: RowCount, names: list[str]
) -> Iterator[Record]:
    """Yield the line and the cells of each row; first fills `names` with the column names."""
    with readable(str(path), options.encoding):
        if suffix == ".xlsx":
            yield from xlsx_cells(path, options, count, names)
            return
        with open_text(path, options.encoding) as lines:
            yield from csv_cells(lines, options, count, suffix == ".tsv", names)
