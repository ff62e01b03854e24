"""The two files of a run folder that hold arrays: `weights.safetensors`, `predictions.parquet`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.atomic import write_bytes
from hoiquy.errors import RunError, ShapeError

WEIGHTS = "weights.safetensors"
PREDICTIONS = "predictions.parquet"


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a trained network says about the test documents, in the data set's order."""

    labels: NDArray[np.int32]  # (documents,), index into the classes
    probabilities: NDArray[np.float32]  # (documents, classes), the sigmoid outputs as they are

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


def save_weights(folder: Path, weights: Mapping[str, NDArray[Any]]) -> None:
    """Write `weights.safetensors`. Raises HoiquyError if it cannot be written."""
    from safetensors.numpy import save

    # safetensors writes the memory behind an array and ignores its strides: a transposed or
    # sliced array would silently come back with its numbers in another order
    contiguous = {name: np.asarray(array, order="C") for name, array in weights.items()}
    write_bytes(folder / WEIGHTS, save(contiguous))


def load_weights(folder: Path) -> dict[str, NDArray[Any]]:
    """Read `weights.safetensors` into writable arrays. Raises RunError if missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = folder / WEIGHTS
    content = _read(path)
    try:
        return dict(load(content))
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise RunError(f"{path} is damaged: not a whole safetensors file") from error


def save_predictions(folder: Path, predictions: Predictions, classes: Sequence[str]) -> None:
    """Write `predictions.parquet`: `label`, then `probability_<class>` for each class in order.

    Raises ShapeError if the probabilities have another number of classes; HoiquyError if the
    file cannot be written.
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
    pq.write_table(pa.Table.from_arrays(columns, names=_column_names(classes)), buffer)
    write_bytes(folder / PREDICTIONS, buffer.getvalue().to_pybytes())


def load_predictions(folder: Path, classes: Sequence[str]) -> Predictions:
    """Read `predictions.parquet`. Raises RunError if missing, damaged, or of other classes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / PREDICTIONS
    content = _read(path)
    try:
        # Arrow's own buffer and no threads of Arrow's: with a Python file object its thread pool
        # now and then aborts, or hangs, when the program ends (apache/arrow#34314, #50482).
        file = pq.ParquetFile(pa.BufferReader(content), pre_buffer=False)
        table = file.read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise RunError(f"{path} is damaged: not a whole Parquet file") from error
    wanted = pa.schema(
        [
            (name, pa.float32() if at else pa.int32())
            for at, name in enumerate(_column_names(classes))
        ]
    )
    if not table.schema.equals(wanted):
        raise RunError(f"{path} is damaged: its columns are not {', '.join(wanted.names)}")
    if any(column.null_count for column in table.columns):
        raise RunError(f"{path} is damaged: a value is missing")
    labels = table.column(0).to_numpy()
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
        raise RunError(f"{path} is damaged: a label is outside the {len(classes)} classes")
    probabilities = np.column_stack([column.to_numpy() for column in table.columns[1:]])
    return Predictions(labels=labels, probabilities=probabilities)


def _column_names(classes: Sequence[str]) -> list[str]:
    return ["label", *(f"probability_{name}" for name in classes)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RunError(
            f"{path.parent} holds no {path.name}: its training was not finished"
        ) from error
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error
