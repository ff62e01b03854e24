"""The two formats of a run folder that hold arrays: safetensors and Parquet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import RunError, ShapeError
from hoiquy.nn.metrics import correct_predictions

LINE = "line"
_MAX_DOCUMENTS = 10_000_000


@dataclass(frozen=True, eq=False)
class Predictions:
    """The outputs of a trained network for the test documents, in the data set's order.

    labels: (documents,) int32, index into the classes; where a document may have several labels,
    (documents, classes) uint8 of 0 and 1. probabilities: (documents, classes), the outputs as they
    are. lines: where each document begins in its file, or the number of its row, from 1; None where
    the data set has no such numbers.
    """

    labels: NDArray[np.integer[Any]]
    probabilities: NDArray[np.float32]
    lines: NDArray[np.int64] | None = None  # (documents,)

    def __post_init__(self) -> None:
        """Raises ShapeError if labels and probabilities disagree about the documents."""
        expected = self.probabilities.shape[: self.labels.ndim]
        if self.labels.ndim not in (1, 2) or expected != self.labels.shape:
            raise ShapeError(
                f"predictions: labels {self.labels.shape} and probabilities "
                f"{self.probabilities.shape} must be (documents,) and (documents, classes), or "
                f"both (documents, classes)"
            )
        if self.lines is not None and self.lines.shape != self.labels.shape[:1]:
            raise ShapeError(
                f"predictions: lines {self.lines.shape} for labels {self.labels.shape}"
            )

    @property
    def multilabel(self) -> bool:
        """Whether a document may have several labels, or none."""
        return self.labels.ndim == 2

    def right(self) -> NDArray[np.bool_]:
        """(documents,): whether the prediction is right, see `metrics.correct_predictions`."""
        return correct_predictions(self.labels, self.probabilities)


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

    Where documents may have several labels, a column `label_<class>` of 0 and 1 for each class
    comes first, in place of `label`. Where the predictions have lines, `line` comes before all.
    Raises ShapeError if the probabilities have another number of classes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if predictions.probabilities.shape[1:] != (len(classes),):
        raise ShapeError(
            f"predictions: probabilities {predictions.probabilities.shape} for "
            f"{len(classes)} classes"
        )
    schema = _schema(classes, predictions.multilabel)
    labels = predictions.labels.T if predictions.multilabel else [predictions.labels]
    values = [*labels, *predictions.probabilities.T]
    columns = [pa.array(one, field.type) for one, field in zip(values, schema, strict=True)]
    buffer = pa.BufferOutputStream()
    table = pa.Table.from_arrays(columns, schema=schema)
    if predictions.lines is not None:
        table = table.add_column(0, LINE, pa.array(predictions.lines, type=pa.int64()))
    pq.write_table(table, buffer)
    return bytes(buffer.getvalue().to_pybytes())


def parse_predictions(
    content: bytes, classes: Sequence[str], source: str, multilabel: bool = False
) -> Predictions:
    """Read what `dump_predictions` gave. Raises RunError if damaged, or of other classes.

    multilabel: whether the documents may have several labels.
    """
    import pyarrow as pa

    if not classes:
        raise RunError(f"{source} is damaged: its run has no classes")
    wanted = _schema(classes, multilabel)
    table = parse_table(content, wanted, source, optional=pa.field(LINE, pa.int64()))
    lines = None
    if table.num_columns > len(wanted):
        lines, table = table.column(0).to_numpy(), table.drop_columns([LINE])
    columns = [column.to_numpy() for column in table.columns]
    probabilities = np.column_stack(columns[-len(classes) :])
    labels = np.column_stack(columns[: len(classes)]) if multilabel else columns[0]
    most = 1 if multilabel else len(classes) - 1
    if len(labels) and not 0 <= labels.min() <= labels.max() <= most:
        raise RunError(f"{source} is damaged: a label is outside the {len(classes)} classes")
    return Predictions(labels=labels, probabilities=probabilities, lines=lines)


def _schema(classes: Sequence[str], multilabel: bool) -> Any:
    """The columns with their Arrow types."""
    import pyarrow as pa

    labels = [("label", pa.int32())]
    if multilabel:
        labels = [(f"label_{name}", pa.uint8()) for name in classes]
    return pa.schema([*labels, *((name, pa.float32()) for name in probability_columns(classes))])


def parse_table(content: bytes, wanted: Any, source: str, optional: Any = None) -> Any:
    """An Arrow table of the schema `wanted` from a Parquet file's bytes, without missing values.

    optional: a field that may come before the others. Raises RunError, naming `source`, if it is
    damaged or has other columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Arrow's own buffer and no threads of Arrow's: with a Python file object its thread pool
        # now and then aborts, or hangs, when the program ends (apache/arrow#34314, #50482).
        file = pq.ParquetFile(pa.BufferReader(content), pre_buffer=False)
        longer = wanted.insert(0, optional) if optional is not None else wanted
        if not any(file.schema_arrow.equals(schema) for schema in (wanted, longer)):
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
