"""Rows of Parquet, Arrow and Feather files."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hoiquy.data.labels.class_names import named, names_of_schema
from hoiquy.data.tables.row import BadRow, Row
from hoiquy.errors import DataError

_BATCH = 1000  # rows
_BUFFER = 1_000_000  # bytes of a Parquet file


def arrow_rows(path: Path, suffix: str) -> Iterator[Row | BadRow]:
    """Give the rows with their numbers. Raises DataError if it is no file of this kind.

    Numbers of classes whose names the file knows, as Hugging Face writes them, become these names.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pa.OSFile(str(path)) as file:
            if suffix == ".parquet":
                # without a buffer size, all of a row group would be in memory, often a million rows
                table = pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
                batches = table.iter_batches(_BATCH, use_threads=False)
            else:
                batches = _batches(file)
            number = 0
            for batch in batches:
                names = names_of_schema(batch.schema)
                for begin in range(0, len(batch), _BATCH):  # an Arrow file's may have many
                    for values in with_text(batch.slice(begin, _BATCH)).to_pylist():
                        number += 1
                        yield _row(number, values, names)
    except pa.ArrowException as error:
        raise unreadable(path, error) from error


def with_text(batch: Any) -> Any:
    """A record batch in which bytes that are UTF-8 are text: Spark and Impala may write them so."""
    import pyarrow as pa

    for at, field in enumerate(batch.schema):
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            with suppress(pa.ArrowInvalid):
                batch = batch.set_column(at, field.name, batch.column(at).cast(pa.large_string()))
    return batch


def _row(number: int, values: dict[str, Any], names: dict[str, list[str]]) -> Row | BadRow:
    try:
        return Row(number, named(values, names))
    except ValueError as error:
        return BadRow(number, str(error))


def unreadable(path: Path, error: Exception) -> DataError:
    """Of a file that is not what its name says."""
    return DataError(f"{path} is damaged, or no {path.suffix[1:]} file: {error}")


def _batches(file: Any) -> Iterator[Any]:
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
