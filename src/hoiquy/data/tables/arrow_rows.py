"""Rows of Parquet, Arrow and Feather files."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hoiquy.data.labels.class_names import class_names_of_schema, with_class_names
from hoiquy.data.tables.row import BadRow, Row
from hoiquy.errors import DataError

_BATCH = 1000  # rows
_BUFFER = 1_000_000  # bytes of a Parquet file


def arrow_rows(path: Path, suffix: str) -> Iterator[Row | BadRow]:
    """Yield the rows, numbered from 1. Raises DataError if it is not a file of this format.

    Class numbers become names if the file has Hugging Face's metadata.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pa.OSFile(str(path)) as file:
            if suffix == ".parquet":
                # the buffer keeps a row group, often a million rows, out of memory
                table = pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
                batches = table.iter_batches(_BATCH, use_threads=False)
            else:
                batches = _batches(file)
            number = 0
            for batch in batches:
                names = class_names_of_schema(batch.schema)
                for begin in range(0, len(batch), _BATCH):  # batches of Arrow files may be large
                    for values in decode_binary(batch.slice(begin, _BATCH)).to_pylist():
                        number += 1
                        yield _row(number, values, names)
    except pa.ArrowException as error:
        raise unreadable(path, error) from error


def decode_binary(batch: Any) -> Any:
    """Decode binary columns that are UTF-8, as Spark and Impala may write texts."""
    import pyarrow as pa

    for at, field in enumerate(batch.schema):
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            with suppress(pa.ArrowInvalid):
                batch = batch.set_column(at, field.name, batch.column(at).cast(pa.large_string()))
    return batch


def _row(number: int, values: dict[str, Any], names: dict[str, list[str]]) -> Row | BadRow:
    try:
        return Row(number, with_class_names(values, names))
    except ValueError as error:
        return BadRow(number, str(error))


def unreadable(path: Path, error: Exception) -> DataError:
    """Return the error for a file that is damaged or of another format."""
    return DataError(f"{path} is damaged, or not a {path.suffix[1:]} file: {error}")


def _batches(file: Any) -> Iterator[Any]:
    """Record batches of Arrow's file format (also Feather) or stream format."""
    import pyarrow as pa

    try:
        reader = pa.ipc.open_file(file)
    except pa.ArrowInvalid:
        file.seek(0)
        yield from pa.ipc.open_stream(file)
        return
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)
