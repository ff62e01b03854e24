"""timeseries_dataset_from_array: batches of windows of a series, in memory."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras import usage
from hoiquy.keras.data.conversion import as_array
from hoiquy.keras.errors import KerasError
from hoiquy.keras.pipeline.dataset import Dataset
from hoiquy.keras.seed import next_seed
from hoiquy.keras.tensors import AnyArray, eager_tensor


class WindowedSeries:
    """The batches; each iteration is one epoch.

    Args:
        data: The series, (steps, ...).
        targets: Of the windows by their first steps; None for windows alone.
        indices: (windows, steps), which steps each window holds.
        batch_size: Windows in a batch; None for single windows.
        rng: Draws another order of the windows for each iteration; None for theirs.
    """

    def __init__(
        self, data: AnyArray, targets: AnyArray | None, indices: NDArray[np.int64],
        batch_size: int | None, rng: np.random.Generator | None,
    ) -> None:  # fmt: skip
        self._data, self._targets, self._indices = data, targets, indices
        self._batch_size, self._rng = batch_size, rng

    def __iter__(self) -> Iterator[Any]:
        rows = np.arange(len(self._indices))
        if self._rng is not None:
            self._rng.shuffle(rows)
        if self._batch_size is None:
            return (self._at(row) for row in rows)
        starts = range(0, len(rows), self._batch_size)
        return (self._at(rows[start : start + self._batch_size]) for start in starts)

    def _at(self, rows: Any) -> Any:
        windows = eager_tensor(self._data[self._indices[rows]], None)
        if self._targets is None:
            return windows
        targets = np.asarray(self._targets[self._indices[rows][..., 0]])
        return windows, eager_tensor(targets, None)


def timeseries_dataset_from_array(
    data: Any, targets: Any, sequence_length: int, sequence_stride: int = 1,
    sampling_rate: int = 1, batch_size: int | None = 128, shuffle: bool = False,
    seed: int | None = None, start_index: int | None = None, end_index: int | None = None,
    format: str = "tf",
) -> Dataset:  # fmt: skip
    """Batches of windows of a series, with the targets of the windows.

    Args:
        data: The series, (steps, ...).
        targets: `targets[i]` belongs to the window that begins at `data[i]`; None for none.
        sequence_length: Steps of a window.
        sequence_stride: Steps from the start of one window to the next.
        sampling_rate: Distance of the steps of a window in the series.
        batch_size: Windows in a batch; None for single windows.
        shuffle: Whether the windows come in another random order in each iteration.
        seed: Of the order.
        start_index: The first step used.
        end_index: The step after the last one used.
        format: "tf" or "grain", without a difference.

    Raises:
        KerasError: A number is out of range, or no window fits.
    """
    usage.record_used("utils.timeseries_dataset_from_array")
    series = as_array(data, "data")
    wanted = None if targets is None else as_array(targets, "targets")
    steps, first = len(series), start_index or 0
    last = end_index or steps
    _check("start_index", first, 0, steps - 1)
    _check("end_index", last, first + 1, steps)
    _check("sequence_length", sequence_length, 1, steps)
    _check("sampling_rate", sampling_rate, 1, steps - 1)
    _check("sequence_stride", sequence_stride, 1, steps - 1)
    _check("batch_size", 1 if batch_size is None else batch_size, 1)
    series, wanted = series[first:last], None if wanted is None else wanted[first:last]
    windows = len(series) - (sequence_length - 1) * sampling_rate
    if wanted is not None:
        windows = min(windows, len(wanted))
    if windows < 1:
        raise KerasError(
            f"timeseries_dataset_from_array: no window of {sequence_length} steps fits into "
            f"{len(series)} steps; shorten it"
        )
    starts = np.arange(0, windows, sequence_stride)
    indices = starts[:, None] + sampling_rate * np.arange(sequence_length)
    rng = np.random.default_rng(next_seed() if seed is None else seed) if shuffle else None
    batches = WindowedSeries(series, wanted, indices, batch_size, rng)
    return Dataset(batches, -(-len(starts) // (batch_size or 1)), batch_size is not None)


def _check(name: str, value: int, low: int, high: int | None = None) -> None:
    """Raise KerasError for a number out of range."""
    if value < low or (high is not None and value > high):
        limits = f"{low} or more" if high is None else f"{low} to {high}"
        raise KerasError(f"timeseries_dataset_from_array: {name}={value}, expected {limits}")
