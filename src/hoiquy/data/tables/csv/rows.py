"""Rows of CSV and TSV."""

import itertools
from collections.abc import Iterator
from typing import IO

from hoiquy.data.tables.csv.format import (
    SAMPLE_CHARACTERS,
    SAMPLE_LINES,
    CsvFormat,
    csv_format,
    is_sep_line,
    is_title,
)
from hoiquy.data.tables.csv.records import Record, records
from hoiquy.data.tables.file_options import FileOptions
from hoiquy.data.tables.headers import column_names
from hoiquy.data.tables.row import BadRow, RowCount

_BOM = "\ufeff"  # of a file that was appended to another


def csv_cells(
    lines: IO[str], options: FileOptions, count: RowCount, tabs: bool, names: list[str]
) -> Iterator[Record]:
    """Yield the line and the cells of each row; first fills `names` with the column names.

    Leaves out repeated headers and lines that set the delimiter. tabs: whether the delimiter is a
    tab, unless a line `sep=;` sets another.
    """
    sample, whole = _sample(lines)
    found = csv_format(sample, options, whole, tabs)
    first = int(found.sep_line)
    read = records(itertools.chain(sample[first:], lines), found.dialect)
    return rows_of(read, found, count, names, first)


def rows_of(
    read: Iterator[Record], found: CsvFormat, count: RowCount, names: list[str], before: int = 0
) -> Iterator[Record]:
    """Yield the rows among records, all of one width, as `csv_cells`. before: lines skipped."""
    header, width = found.header, found.width
    repeated: tuple[list[str], ...] = ()
    if header is not None:
        names += column_names(header)
        written = found.written
        repeated = written, [_BOM + written[0], *written[1:]]
    before_header = header is not None
    for record in read:
        if isinstance(record, BadRow):
            count.rows += 1
            yield BadRow(record.line + before, record.reason)
            continue
        line, cells = record
        if not cells or (len(cells) == 1 < width and not cells[0].strip()):  # an empty line
            continue
        if before_header and cells == found.written:
            before_header = False
            continue
        if before_header and is_title(cells):
            count.rows += 1
            yield BadRow(line + before, "a line above the header, not a row")
            continue
        if cells in repeated:
            count.repeat(line + before)
            continue
        if found.sep_line and is_sep_line(found.dialect.delimiter.join(cells)):
            continue
        if not names:
            width = width or len(cells)
            names += [str(number) for number in range(1, width + 1)]
        count.rows += 1
        if len(cells) != width:
            cells = _fitted(cells, width, header)
        if len(cells) == width:
            yield line + before, cells
        else:
            yield BadRow(line + before, f"{len(cells)} columns, expected {width}")


def _fitted(cells: list[str], width: int, header: list[str] | None) -> list[str]:
    """Drop a trailing empty cell, or add one if the header has one."""
    if len(cells) == width + 1 and not cells[-1]:
        return cells[:-1]
    if len(cells) == width - 1 and header is not None and not header[-1]:
        return [*cells, ""]
    return cells


def _sample(lines: IO[str]) -> tuple[list[str], bool]:
    """The first lines of a text, and whether it has no others."""
    sample: list[str] = []
    characters = 0
    for line in lines:
        sample.append(line)
        characters += len(line)
        if len(sample) >= SAMPLE_LINES or characters >= SAMPLE_CHARACTERS:
            return sample, False
    return sample, True
