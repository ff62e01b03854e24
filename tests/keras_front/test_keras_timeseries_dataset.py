"""timeseries_dataset_from_array gives Keras' windows, and models train on them."""

from typing import Any

import numpy as np
import pytest

import hoiquy.keras as keras
from hoiquy.keras.utils import timeseries_dataset_from_array

SERIES = np.arange(40.0).reshape(20, 2)


def batches(*arguments: Any, **options: Any) -> list[Any]:
    return list(timeseries_dataset_from_array(*arguments, **options))


# The numbers are those of Keras 3.15 on TensorFlow.
def test_windows_and_targets() -> None:
    found = batches(SERIES[:, 0], SERIES[3:, 1], 3, sequence_stride=4, batch_size=3)
    assert [x.tolist() for x, _ in found] == [
        [[0, 2, 4], [8, 10, 12], [16, 18, 20]], [[24, 26, 28], [32, 34, 36]],
    ]  # fmt: skip
    assert [y.tolist() for _, y in found] == [[7, 15, 23], [31, 39]]


def test_a_part_of_the_series_with_gaps() -> None:
    (x,) = batches(np.arange(20), None, 3, sampling_rate=2, start_index=4, end_index=12)
    assert x.tolist() == [[4, 6, 8], [5, 7, 9], [6, 8, 10], [7, 9, 11]]
    assert isinstance(x.numpy(), np.ndarray)


def test_single_windows_and_the_first_batches() -> None:
    data = timeseries_dataset_from_array(SERIES, SERIES, 5, batch_size=None)
    assert [x.shape for x, _ in data.take(2)] == [(5, 2)] * 2
    assert (len(data), len(data.cache().prefetch(2).take(30))) == (16, 16)


def test_windows_are_shuffled_by_seed_anew_in_each_iteration() -> None:
    data, again = (
        timeseries_dataset_from_array(np.arange(30), None, 2, shuffle=True, seed=1)
        for _ in range(2)
    )
    first, second = ([int(each[0]) for each in next(iter(data))] for _ in range(2))
    assert first != second
    assert sorted(first) == sorted(second) == list(range(29))
    assert [int(each[0]) for each in next(iter(again))] == first


def test_a_model_trains_on_them() -> None:
    data = timeseries_dataset_from_array(SERIES / 40, SERIES[5:, 0] / 40, 5, batch_size=4)
    model = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(3), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(data, validation_data=data, epochs=2, verbose=0).history
    assert len(history["val_loss"]) == 2
    assert model.predict(data, verbose=0).shape == (15, 1)
    x, y = np.concatenate([x for x, _ in data]), np.concatenate([y for _, y in data])
    expected = pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-5)
    assert model.evaluate(data, verbose=0) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start_index": -1}, "start_index=-1, expected 0 to 19"),
        ({"start_index": 5, "end_index": 5}, "end_index=5, expected 6 to 20"),
        ({"sampling_rate": 0}, "sampling_rate=0"),
        ({"sequence_stride": 20}, "sequence_stride=20, expected 1 to 19"),
        ({"batch_size": 0}, "batch_size=0, expected 1 or more"),
        ({"sampling_rate": 19}, "no window of 3 steps fits into 20 steps"),
    ],
)
def test_wrong_numbers(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        timeseries_dataset_from_array(SERIES, None, 3, **options)


def test_other_methods_of_data_sets_are_refused() -> None:
    data = timeseries_dataset_from_array(SERIES, None, 3)
    with pytest.raises(NotImplementedError, match="snapshot of a data set is not supported"):
        data.snapshot("folder")
    assert not hasattr(data, "snapshot")


def test_it_has_the_methods_of_a_data_set() -> None:
    data = timeseries_dataset_from_array(np.arange(6), None, 2, batch_size=2)
    doubled = data.map(lambda windows: 2 * windows).skip(2)
    assert [each.tolist() for each in doubled] == [[[8, 10]]]
