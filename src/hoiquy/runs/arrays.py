"""Arrays of a run folder as safetensors and Parquet."""

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
    """The outputs of a trained network for the test documents, in the data set's order."""

    # (documents,) int32 class indices, or with several labels (documents, classes) uint8 of 0 and 1
    labels: NDArray[np.integer[Any]]
    probabilities: NDArray[np.float32]  # (documents, classes)
    lines: NDArray[np.int64] | None = None  # (documents,) line or row in the source, from 1

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
        """(documents,): whether the prediction is correct, see `metrics.correct_predictions`."""
        return correct_predictions(self.labels, self.probabilities)


def dump_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of a safetensors file; equal arrays give equal bytes."""
    from safetensors.numpy import save

    # safetensors ignores strides: a transposed or sliced array would be saved in the wrong order
    return save({name: np.asarray(array, order="C") for name, array in arrays.items()})


def parse_arrays(content: bytes, source: str) -> dict[str, NDArray[Any]]:
    """Parse the bytes of `dump_arrays` into writable arrays. Raises RunError, naming `source`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return dict(load(content))
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise RunError(f"{source} is damaged: not a whole safetensors file") from error


def dump_predictions(predictions: Predictions, classes: Sequence[str]) -> bytes:
    """A Parquet file's bytes: `label`, then `probability_<class>` for each class in order.

    With several labels, a column `label_<class>` of 0 and 1 for each class replaces `label`. With
    lines, `line` is the first column. Raises ShapeError for another number of classes.
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
    """Parse the bytes of `dump_predictions`. Raises RunError if damaged or of other classes."""
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
    import pyarrow as pa

    labels = [("label", pa.int32())]
    if multilabel:
        labels = [(f"label_{name}", pa.uint8()) for name in classes]
    return pa.schema([*labels, *((name, pa.float32()) for name in probability_columns(classes))])


def parse_table(content: bytes, wanted: Any, source: str, optional: Any = None) -> Any:
    """Parse a Parquet file's bytes into an Arrow table of the schema `wanted`.

    optional: a field that may come before the others. Raises RunError, naming `source`, if the file
    is damaged, has other columns or missing values.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Arrow's buffer and no threads: with a Python file object its thread pool sometimes aborts
        # or hangs when the program ends (apache/arrow#34314, #50482).
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
    """Limit the rows that a footer claims, as Arrow allocates memory for all of them.

    Column metadata is not read: for an unknown codec in a damaged footer, Arrow's Python binding
    would abort the process, while `ParquetFile.read` raises.
    """
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    rows, in_groups = metadata.num_rows, [group.num_rows for group in groups]
    if sum(in_groups) != rows or not all(0 <= n <= _MAX_DOCUMENTS for n in [*in_groups, rows]):
        raise RunError(
            f"{source} is damaged: it claims {rows:,} documents in groups of {sum(in_groups):,}, "
            f"expected at most {_MAX_DOCUMENTS:,}"
        )


def probability_columns(classes: Sequence[str]) -> list[str]:
    """The column names of the classes' probabilities."""
    return [f"probability_{name}" for name in classes]
