"""`to_categorical`, `normalize`, seeds, splits and batches of `keras.utils`."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hoiquy.keras import seed, utils
from hoiquy.keras.utils import to_categorical


@pytest.fixture
def unseeded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    monkeypatch.setattr(seed, "_seed", None)
    monkeypatch.setattr(seed, "_taken", 0)
    yield
    random.setstate(states[0])
    np.random.set_state(states[1])  # noqa: NPY002


def test_classes_become_columns() -> None:
    assert to_categorical([0, 2]).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert to_categorical([[1], [0]], 2).tolist() == [[0, 1], [1, 0]]
    assert to_categorical(np.array([[0, 1]]), 2).shape == (1, 2, 2)
    assert to_categorical(["1", "0"]).tolist() == [[0, 1], [1, 0]]
    assert to_categorical([True, False], dtype="float32").dtype == np.float32
    assert to_categorical(y=[1.0, 0.0], nb_classes=2).tolist() == [[0, 1], [1, 0]]
    assert to_categorical([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("classes", "count", "message"),
    [
        ([0, 3], 3, "class 3 is not one of the 3 classes 0 to 2"),
        ([-1, 1], 2, "class -1 is not one of the 2"),
        ([-1, 1], None, "class -1"),
        ([0.5, 1], None, "0.5 is not an integer"),
        ([0, float("nan")], 2, "nan is not an integer"),
        ([0, float("inf")], 2, "inf is not an integer"),
        (["pos", "neg"], None, "'pos'.*number text labels"),
        ([None, 1], None, "NoneType"),
        ([[0], [0, 1]], None, "not an array of integers"),
        ([], None, "x is empty"),
    ],
)
def test_classes_that_are_none(classes: Any, count: int | None, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        to_categorical(classes, count)
    assert "\n" not in str(caught.value)


@pytest.mark.keras
@given(
    arrays.arrays(
        st.sampled_from([np.int64, np.uint8, np.float32]),
        arrays.array_shapes(min_dims=0, max_dims=3, max_side=3),
        elements=st.integers(0, 5),
    ),
    st.sampled_from([None, 6, 9]),
)
def test_to_categorical_as_in_keras(classes: np.ndarray, count: int | None) -> None:
    from keras.utils import to_categorical as of_keras

    expected = of_keras(classes, count)
    columns = to_categorical(classes, count)
    assert columns.dtype == expected.dtype
    np.testing.assert_array_equal(columns, expected)


@pytest.mark.keras
@given(
    arrays.arrays(np.float64, (3, 4), elements=st.integers(-3, 3)),
    st.sampled_from([-1, 0, 1]),
    st.sampled_from([1, 2, 3]),
)
def test_normalize_as_in_keras(x: np.ndarray, axis: int, order: int) -> None:
    from keras.utils import normalize as of_keras

    if axis != 0:  # Keras takes 0 for -1
        np.testing.assert_array_equal(utils.normalize(x, axis, order), of_keras(x, axis, order))
    else:
        np.testing.assert_array_equal(utils.normalize(x, 0, order), of_keras(x.T, -1, order).T)


def test_a_seed_repeats_all_that_is_random(unseeded: None) -> None:
    def drawn() -> list[Any]:
        utils.set_random_seed(7)
        numbers = [seed.next_seed() for _ in range(3)]
        return [*numbers, random.random(), np.random.rand()]  # noqa: NPY002

    first = drawn()
    assert drawn() == first
    assert len(set(first)) == len(first)
    assert all(0 <= number < 2**63 for number in first[:3])
    utils.set_random_seed(8)
    assert seed.next_seed() != first[0]


def test_without_a_seed_each_is_fresh(unseeded: None) -> None:
    assert len({seed.next_seed() for _ in range(20)}) == 20


@pytest.mark.parametrize("wrong", ["7", 7.0, None, -1, 2**32])
def test_a_seed_that_is_none_changes_nothing(wrong: Any, unseeded: None) -> None:
    random.seed(1)
    state = random.getstate()
    with pytest.raises(ValueError, match="set_random_seed"):
        utils.set_random_seed(wrong)
    assert random.getstate() == state


def test_batches_are_packed_and_unpacked() -> None:
    assert utils.pack_x_y_sample_weight(1) == 1
    assert utils.pack_x_y_sample_weight([1]) == ([1],)
    assert utils.pack_x_y_sample_weight(1, 2) == (1, 2)
    assert utils.pack_x_y_sample_weight(1, 2, 3) == (1, 2, 3)
    assert utils.unpack_x_y_sample_weight(1) == (1, None, None)
    assert utils.unpack_x_y_sample_weight([1, 2]) == (1, 2, None)
    with pytest.raises(ValueError, match="4 elements"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))


@pytest.mark.parametrize(
    ("left", "right", "sizes"),
    [
        (0.8, None, (8, 2)),
        (None, 0.25, (8, 2)),
        (3, None, (3, 7)),
        (3, 2, (3, 2)),
        (0.5, 2, (5, 2)),
    ],
)
def test_a_data_set_is_split(left: Any, right: Any, sizes: tuple[int, int]) -> None:
    x, y = np.arange(10), np.arange(10) * 2
    first, second = utils.split_dataset(x, left, right)
    assert (len(first), len(second)) == sizes
    assert first.tolist() == list(range(sizes[0]))
    assert second.tolist() == list(range(10 - sizes[1], 10))
    (x_left, y_left), _ = utils.split_dataset((x, y), left, right, shuffle=True, seed=3)
    np.testing.assert_array_equal(x_left * 2, y_left)
    again = utils.split_dataset((x, y), left, right, shuffle=True, seed=3)
    np.testing.assert_array_equal(again[0][0], x_left)


@pytest.mark.parametrize(
    ("data", "sizes", "error", "message"),
    [
        (np.arange(10), {}, ValueError, "pass left_size"),
        (np.arange(10), {"left_size": 0.7, "right_size": 0.7}, ValueError, "above 1"),
        (np.arange(10), {"left_size": 10}, ValueError, "left_size is 10"),
        (np.arange(10), {"left_size": 9, "right_size": 9}, ValueError, "only 10"),
        (np.arange(10), {"left_size": 0.01}, ValueError, "empty"),
        (np.arange(10), {"left_size": "8"}, TypeError, "left_size is '8'"),
        ([np.arange(3), np.arange(2)], {"left_size": 1}, ValueError, "samples"),
        ([[1, 2]], {"left_size": 1}, ValueError, "NumPy"),
        ("text", {"left_size": 1}, TypeError, "str"),
    ],
)
def test_a_split_that_is_impossible(
    data: Any, sizes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        utils.split_dataset(data, **sizes)


def test_a_sequence_of_batches() -> None:
    class Batches(utils.Sequence):
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> int:
            return index * index

    batches = Batches(workers=2, use_multiprocessing=True)
    assert list(batches) == [0, 1, 4] and batches.num_batches == 3 and batches.workers == 2
    batches.on_epoch_begin()
    batches.on_epoch_end()
    with pytest.raises(NotImplementedError, match="__len__"):
        list(utils.PyDataset())
    with pytest.raises(NotImplementedError, match="__getitem__"):
        utils.PyDataset()[0]


@pytest.mark.process
def test_importing_loads_nothing_heavy() -> None:
    script = (
        "import sys, hoiquy.keras as keras; keras.utils.pad_sequences; keras.preprocessing.text\n"
        "from hoiquy.keras.datasets import imdb, mnist, reuters; from hoiquy.keras.utils import *\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    fresh = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    heavy = {"numba", "matplotlib", "pyarrow", "scipy", "requests", "pandas", "keras", "jax"}
    assert not heavy & set(fresh.stdout.split())
