"""Rows of a table on disk, one after the other: CSV, TSV, JSON lines, Parquet, Arrow.

Nothing is kept: a file larger than memory can be read. A row that cannot be read is given as a
`BadRow` with its line, and what follows is read all the same: whoever asks decides.
"""

import csv
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from hoiquy.data.readable import encoding_of, readable
from hoiquy.errors import DataError

FORMATS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather")
MOST_CHARACTERS = 10_000_000  # of one cell or one JSON line
_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 20
_BATCH = 1000  # rows
_BUFFER = 1_000_000  # bytes of a Parquet file


class Row(NamedTuple):  # not a dataclass: there are millions of them
    """One row; `line` is where it begins in a text file (from 1), or its number in others."""

    line: int
    values: Mapping[str, Any]


class BadRow(NamedTuple):
    """A row that cannot be used, and why, in a few words."""

    line: int
    reason: str


def read_rows(path: Path, encoding: str | None = None) -> Iterator[Row | BadRow]:
    """Give the rows of a file, whose format its name tells.

    encoding: of CSV, TSV and JSON lines; None is what a byte order mark says, else UTF-8.
    Raises DataError if the file cannot be read, is no such file or is not in this encoding.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise DataError(f"{path}: expected a file that ends in {', '.join(FORMATS)}")
    with readable(str(path), encoding):
        if suffix in (".parquet", ".arrow", ".feather"):
            yield from _arrow_rows(path, suffix)
            return
        with _opened(path, encoding) as lines:
            yield from (_json_rows if suffix in (".jsonl", ".ndjson") else _csv_rows)(path, lines)


def read_column(
    path: Path, column: str, encoding: str | None = None
) -> Iterator[tuple[int, Any] | BadRow]:
    """The line and the value of one column of each row, None where it is missing.

    As `read_rows`, but faster: of CSV, no other column becomes a row's.
    """
    if path.suffix.lower() not in (".csv", ".tsv"):
        for row in read_rows(path, encoding):
            yield row if isinstance(row, BadRow) else (row.line, row.values.get(column))
        return
    with readable(str(path), encoding), _opened(path, encoding) as lines:
        names: list[str] = []
        at = None
        for found in _csv_cells(path, lines, names):
            if isinstance(found, BadRow):
                yield found
                continue
            line, cells = found
            if at is None:
                at = names.index(column)
            yield line, cells[at]


def unreadable(path: Path, error: Exception) -> DataError:
    """Of a file that is not what its name says."""
    return DataError(f"{path} is damaged, or no {path.suffix[1:]} file: {error}")


def looked_ahead(
    rows: Iterator[Row | BadRow], most: int = 1000
) -> tuple[list[Mapping[str, Any]], Iterator[Row | BadRow]]:
    """The values of the good ones among the first rows, to choose columns by; and all rows."""
    first = list(itertools.islice(rows, most))
    good = [row.values for row in first if isinstance(row, Row)]
    return good, itertools.chain(first, rows)


def _opened(path: Path, encoding: str | None) -> IO[str]:
    with path.open("rb") as file:
        start = file.read(4)
    return path.open(encoding=encoding_of(start, encoding), newline="")


def _csv_rows(path: Path, lines: IO[str]) -> Iterator[Row | BadRow]:
    names: list[str] = []
    for row in _csv_cells(path, lines, names):
        if isinstance(row, BadRow):
            yield row
        else:
            line, cells = row
            yield Row(line, dict(zip(names, cells, strict=True)))


def _csv_cells(
    path: Path, lines: IO[str], names: list[str]
) -> Iterator[tuple[int, list[str]] | BadRow]:
    """The line and the cells of each row; the columns' names are put into `names` before."""
    csv.field_size_limit(MOST_CHARACTERS)
    sample = list(itertools.islice(lines, _SAMPLE_LINES))
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(sample)
    reader = csv.reader(itertools.chain(sample, lines), delimiter=delimiter)
    following = 1
    while True:
        try:
            for cells in reader:
                line, following = following, reader.line_num + 1
                if not cells:  # an empty line
                    continue
                if not names:
                    header = [cell.strip() for cell in cells]
                    if _is_header(header):
                        names += header
                        continue
                    names += [str(number) for number in range(1, len(cells) + 1)]
                if len(cells) == len(names):
                    yield line, cells
                else:
                    yield BadRow(line, f"{len(cells)} columns, expected {len(names)}")
            return
        except csv.Error as error:
            line, following = following, reader.line_num + 1
            yield BadRow(line, str(error))


def _delimiter(sample: list[str]) -> str:
    """The delimiter that cuts the first lines into the most columns, as many in each."""

    def columns(delimiter: str) -> int:
        rows = csv.reader(sample, delimiter=delimiter)
        try:
            counts = [len(cells) for cells in rows]
        except csv.Error:  # a cell that is too long: its row will be told
            return 1
        if len(sample) == _SAMPLE_LINES:  # the last row may go on behind them
            counts = counts[:-1] or counts
        counts = [count for count in counts if count]
        return counts[0] if counts and counts.count(counts[0]) > len(counts) // 2 else 1

    return max(_DELIMITERS, key=columns)


def _is_header(cells: list[str]) -> bool:
    """A header has short words, each another one, and no numbers."""
    return (
        len(set(cells)) == len(cells)
        and all(cells)
        and all(len(cell) <= 80 and not _is_number(cell) for cell in cells)
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _json_rows(path: Path, lines: IO[str]) -> Iterator[Row | BadRow]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield BadRow(number, f"not JSON ({error})")
            continue
        if isinstance(values, dict):
            yield Row(number, values)
        else:
            yield BadRow(number, "not a JSON object")


def _arrow_rows(path: Path, suffix: str) -> Iterator[Row | BadRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pa.OSFile(str(path)) as file:
            if suffix == ".parquet":
                # without a buffer size, all of a row group would be in memory, often a million rows
                table = pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
                batches = table.iter_batches(_BATCH, use_threads=False)
            else:
                batches = _arrow_batches(file)
            number = 0
            for batch in batches:
                for begin in range(0, len(batch), _BATCH):  # an Arrow file's may have many
                    for values in batch.slice(begin, _BATCH).to_pylist():
                        number += 1
                        yield Row(number, values)
    except pa.ArrowException as error:
        raise unreadable(path, error) from error


def _arrow_batches(file: Any) -> Iterator[Any]:
    """Record batches of Arrow's file format, which Feather is too, or of its stream format."""
    import pyarrow as pa

    try:
        reader = pa.ipc.open_file(file)
    except pa.ArrowInvalid:
        file.seek(0)
        yield from pa.ipc.open_stream(file)
        return
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)
