"""The two formats of a run folder that hold arrays: safetensors and Parquet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import RunError, ShapeError

_MAX_DOCUMENTS = 10_000_000


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a trained network says about the test documents, in the data set's order."""

    labels: NDArray[np.int32]  # (documents,), index into the classes
    probabilities: NDArray[np.float32]  # (documents, classes), the outputs as they are

    def __post_init__(self) -> None:
        """Raises ShapeError if labels and probabilities disagree about the documents."""
        if self.labels.ndim != 1 or self.probabilities.shape[:1] != self.labels.shape:
            raise ShapeError(
                f"predictions: labels {self.labels.shape} and probabilities "
                f"{self.probabilities.shape} must be (documents,) and (documents, classes)"
            )

    def right(self) -> NDArray[np.bool_]:
        """(documents,): whether the most probable class is the label."""
        return np.asarray(self.probabilities.argmax(axis=1) == self.labels)


def dump_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays by name as the bytes of a safetensors file; equal arrays give equal bytes."""
    from safetensors.numpy import save

    # safetensors writes the memory behind an array and ignores its strides: a transposed or
    # sliced array would silently come back with its numbers in another order
    return save({name: np.asarray(array, order="C") for name, array in arrays.items()})


def parse_arrays(content: bytes, source: str) -> dict[str, NDArray[Any]]:
    """Read what `dump_arrays` gave, into writable arrays. Raises RunError, naming `source`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return dict(load(content))
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise RunError(f"{source} is damaged: not a whole safetensors file") from error


def dump_predictions(predictions: Predictions, classes: Sequence[str]) -> bytes:
    """A Parquet file's bytes: `label`, then `probability_<class>` for each class in order.

    Raises ShapeError if the probabilities have another number of classes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if predictions.probabilities.shape[1:] != (len(classes),):
        raise ShapeError(
            f"predictions: probabilities {predictions.probabilities.shape} for "
            f"{len(classes)} classes"
        )
    columns = [pa.array(predictions.labels, type=pa.int32())]
    columns += [pa.array(column, type=pa.float32()) for column in predictions.probabilities.T]
    buffer = pa.BufferOutputStream()
    names = ["label", *probability_columns(classes)]
    pq.write_table(pa.Table.from_arrays(columns, names=names), buffer)
    return bytes(buffer.getvalue().to_pybytes())


def parse_predictions(content: bytes, classes: Sequence[str], source: str) -> Predictions:
    """Read what `dump_predictions` gave. Raises RunError if damaged, or of other classes."""
    import pyarrow as pa

    columns = [(name, pa.float32()) for name in probability_columns(classes)]
    wanted = pa.schema([("label", pa.int32()), *columns])
    table = parse_table(content, wanted, source)
    labels = table.column(0).to_numpy()
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
        raise RunError(f"{source} is damaged: a label is outside the {len(classes)} classes")
    if not classes:
        raise RunError(f"{source} is damaged: its run has no classes")
    probabilities = np.column_stack([column.to_numpy() for column in table.columns[1:]])
    return Predictions(labels=labels, probabilities=probabilities)


def parse_table(content: bytes, wanted: Any, source: str) -> Any:
    """An Arrow table of the schema `wanted` from a Parquet file's bytes, without missing values.

    Raises RunError, naming `source`, if it is damaged or has other columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Arrow's own buffer and no threads of Arrow's: with a Python file object its thread pool
        # now and then aborts, or hangs, when the program ends (apache/arrow#34314, #50482).
        file = pq.ParquetFile(pa.BufferReader(content), pre_buffer=False)
        if not file.schema_arrow.equals(wanted):
            raise RunError(f"{source} is damaged: its columns are not {', '.join(wanted.names)}")
        _check_claims(file.metadata, source)
        table = file.read(use_threads=False)
        table.validate(full=True)  # a text that is not UTF-8
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RunError(f"{source} is damaged: not a whole Parquet file") from error
    if any(column.null_count for column in table.columns):
        raise RunError(f"{source} is damaged: a value is missing")
    return table


def _check_claims(metadata: Any, source: str) -> None:
    """Refuse what would take absurd memory: Arrow makes room for all rows that a footer claims.

    A column's metadata are not looked at: Arrow's Python binding ends the process where a
    damaged footer names a codec that does not exist, `ParquetFile.read` raises.
    """
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    rows, in_groups = metadata.num_rows, [group.num_rows for group in groups]
    if sum(in_groups) != rows or not all(0 <= n <= _MAX_DOCUMENTS for n in [*in_groups, rows]):
        raise RunError(
            f"{source} is damaged: it claims {rows:,} documents in groups of {sum(in_groups):,}, "
            f"expected at most {_MAX_DOCUMENTS:,}"
        )


def probability_columns(classes: Sequence[str]) -> list[str]:
    """The names of the columns that hold a probability of each class."""
    return [f"probability_{name}" for name in classes]
