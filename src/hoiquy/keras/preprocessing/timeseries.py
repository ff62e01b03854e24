"""TimeseriesGenerator: batches of windows of a series."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.utils.py_dataset import PyDataset

_SETTINGS = (
    "length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse",
    "batch_size",
)  # fmt: skip


class TimeseriesGenerator(PyDataset):
    """Batches of (windows, targets), as `keras.preprocessing.sequence.TimeseriesGenerator`.

    The window of target `row` holds the `length` steps before it.

    Args:
        data: The series, one step an element.
        targets: As many targets; that of a window is the element after it.
        length: Steps that a window spans.
        sampling_rate: Take each n-th step of a window.
        stride: Steps from one window to the next.
        start_index: The first element used.
        end_index: The last element used; None for the last of all.
        shuffle: Whether to draw windows at random, from NumPy's global generator.
        reverse: Whether the steps of a window are in reverse.
        batch_size: Windows in a batch.
        **options: Those of `PyDataset`.

    Raises:
        KerasError: The lengths differ or no window fits. It is a ValueError.
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if len(data) != len(targets):
            raise KerasError(
                f"TimeseriesGenerator: {len(data)} data and {len(targets)} targets, expected as "
                "many of both"
            )
        self.data, self.targets, self.length = data, targets, length
        self.sampling_rate, self.stride = sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise KerasError(
                f"TimeseriesGenerator: start_index + length is {self.start_index}, above end_index "
                f"{self.end_index}, so no window fits; shorten it"
            )

    def __len__(self) -> int:
        span = self.batch_size * self.stride
        return int((self.end_index - self.start_index + span) // span)

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return windows (batch, steps, ...) and targets (batch, ...)."""
        last = self.end_index + 1
        if self.shuffle:
            rows = np.random.randint(self.start_index, last, size=self.batch_size)  # noqa: NPY002
        else:
            span = self.batch_size * self.stride
            first = self.start_index + span * index
            rows = np.arange(first, min(first + span, last), self.stride)
        step = slice(None, None, -1 if self.reverse else 1)
        windows = [self.data[row - self.length : row : self.sampling_rate] for row in rows]
        return np.array(windows)[:, step], np.array([self.targets[row] for row in rows])

    def get_config(self) -> dict[str, Any]:
        """Return data (as JSON) and options. Raises KerasTypeError if data are not numbers."""
        settings = {name: getattr(self, name) for name in _SETTINGS}
        return {"data": _as_json(self.data), "targets": _as_json(self.targets), **settings}

    def to_json(self, **options: Any) -> str:
        """Return the configuration as JSON; the options are those of `json.dumps`."""
        config = {"class_name": type(self).__name__, "config": self.get_config()}
        return json.dumps(config, **options)


def _as_json(values: Any) -> str:
    try:
        return json.dumps(values.tolist() if isinstance(values, np.ndarray) else values)
    except TypeError as error:
        raise KerasTypeError(
            f"TimeseriesGenerator: a {type(values).__name__} cannot be written as JSON ({error})"
        ) from error
