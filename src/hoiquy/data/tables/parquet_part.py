"""A range of rows of a Parquet file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hoiquy.data.tables.arrow_rows import decode_binary, unreadable
from hoiquy.data.tables.read_errors import readable
from hoiquy.errors import DataError

_BATCH = 1000  # rows


def count_parquet(path: Path) -> int:
    """Return the number of rows. Raises DataError if it is not a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with readable(str(path), None):
        try:
            return int(pq.read_metadata(path).num_rows)
        except pa.ArrowException as error:
            raise unreadable(path, error) from error


def read_parquet_column(path: Path, column: str, first: int, end: int) -> Iterator[tuple[int, Any]]:
    """Yield the line and value of a column, for the rows `first` (from 1) to `end` (exclusive)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with readable(str(path), None):
        try:
            with pa.OSFile(str(path)) as file:
                table = pq.ParquetFile(file, pre_buffer=False)
                if column not in table.schema_arrow.names:
                    raise DataError(f"{path} has no column {column!r}, unlike the other files")
                for number, batch in _batches_between(table, column, first, end):
                    begin, stop = max(first - number, 0), min(end - number, len(batch))
                    values = decode_binary(batch).column(0).to_pylist()[begin:stop]
                    yield from enumerate(values, start=number + begin)
        except pa.ArrowException as error:
            raise unreadable(path, error) from error


def _batches_between(table: Any, column: str, first: int, end: int) -> Iterator[tuple[int, Any]]:
    """Yield the batches that contain some of the rows, with the number of their first row."""
    number = 1
    for group in range(table.num_row_groups):
        following = number + table.metadata.row_group(group).num_rows
        if following > first:
            for batch in table.iter_batches(
                _BATCH, row_groups=[group], columns=[column], use_threads=False
            ):
                if number >= end:
                    return
                if number + len(batch) > first:
                    yield number, batch
                number += len(batch)
        number = following
