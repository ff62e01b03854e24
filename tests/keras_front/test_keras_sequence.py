"""TimeseriesGenerator, skipgrams and make_sampling_table, against Keras' own."""

import json
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import random
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.keras.preprocessing import sequence as ours


@pytest.fixture(scope="module")
def of_keras() -> ModuleType:
    import keras.src.legacy.preprocessing.sequence as module

    return module


def test_windows_by_hand() -> None:
    data = np.arange(10)
    batches = ours.TimeseriesGenerator(data, data * 10, length=3, batch_size=4)
    assert len(batches) == 2
    windows, targets = batches[0]
    assert windows.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert targets.tolist() == [30, 40, 50, 60]
    assert [len(targets) for _, targets in batches] == [4, 3]


def test_windows_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="no window fits"):
        ours.TimeseriesGenerator([1, 2], [1, 2], length=2)
    with pytest.raises(ValueError, match="3 data and 2 targets"):
        ours.TimeseriesGenerator([1, 2, 3], [1, 2], length=1)
    with pytest.raises(TypeError, match="JSON"):
        ours.TimeseriesGenerator([object()] * 3, [1, 2, 3], length=1).to_json()


@pytest.mark.keras
@given(
    length=st.integers(1, 5),
    options=st.fixed_dictionaries(
        {},
        optional={
            "sampling_rate": st.integers(1, 3),
            "stride": st.integers(1, 3),
            "start_index": st.integers(0, 4),
            "end_index": st.none() | st.integers(8, 18),
            "shuffle": st.booleans(),
            "reverse": st.booleans(),
            "batch_size": st.integers(1, 20),
        },
    ),
)
def test_windows_as_in_keras(of_keras: ModuleType, length: int, options: dict[str, Any]) -> None:
    data = np.random.default_rng(0).normal(size=(20, 2))
    targets = np.arange(20)
    try:
        other = of_keras.TimeseriesGenerator(data, targets, length, **options)
    except ValueError:
        with pytest.raises(ValueError, match="no window fits"):
            ours.TimeseriesGenerator(data, targets, length, **options)
        return
    own = ours.TimeseriesGenerator(data, targets, length, **options)
    assert len(own) == len(other) == own.num_batches
    for number in range(len(own)):
        batches = []
        for generator in (own, other):
            np.random.seed(number)  # noqa: NPY002
            batches.append(generator[number])
        for mine, theirs in zip(*batches, strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert json.loads(own.to_json())["class_name"] == "TimeseriesGenerator"


@pytest.mark.filterwarnings("ignore:non-integer arguments:DeprecationWarning")  # Keras' own
@pytest.mark.keras
@given(
    words=st.lists(st.integers(0, 9), max_size=12),
    options=st.fixed_dictionaries(
        {},
        optional={
            "window_size": st.integers(1, 4),
            "negative_samples": st.sampled_from([0.0, 0.5, 1.0, 2.0]),
            "shuffle": st.booleans(),
            "categorical": st.booleans(),
            "seed": st.integers(0, 9),
            "sampling_table": st.sampled_from([None, np.linspace(0, 1, 10)]),
        },
    ),
)
def test_skipgrams_as_in_keras(
    of_keras: ModuleType, words: list[int], options: dict[str, Any]
) -> None:
    results = []
    for module in (ours, of_keras):
        random.seed(5)
        results.append(module.skipgrams(words, 10, **options))
    assert results[0] == results[1]


@pytest.mark.keras
def test_sampling_table_as_in_keras(of_keras: ModuleType) -> None:
    np.testing.assert_array_equal(
        ours.make_sampling_table(500, 1e-4), of_keras.make_sampling_table(500, 1e-4)
    )
