"""`pad_sequences`: by hand, and against Keras itself."""

import os
import warnings

os.environ.setdefault("KERAS_BACKEND", "jax")

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.keras.errors import KerasError
from hoiquy.keras.preprocessing.sequence import pad_sequences

RAGGED = [[1], [2, 3], [4, 5, 6], []]

SIDES = st.sampled_from(["pre", "post"])
INTEGERS = st.lists(st.integers(-9, 300), max_size=6)
FLOATS = st.lists(st.floats(-300, 300), max_size=6)
VECTORS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4)
TEXTS = st.lists(st.text("ab", max_size=3), max_size=4)
ODD = st.sampled_from(["1", "x", "2.5", None, np.float32(2.5), np.int64(300), 2**40, 1j, [1]])
MIXED = st.lists(st.one_of(st.integers(-300, 300), st.floats(), st.booleans(), ODD), max_size=4)
ROW = st.one_of(INTEGERS, FLOATS, INTEGERS.map(tuple), FLOATS.map(np.array), VECTORS, TEXTS)
SEQUENCES = st.one_of(
    st.lists(INTEGERS, max_size=6), st.lists(FLOATS, max_size=6), st.lists(VECTORS, max_size=6),
    st.lists(TEXTS, max_size=6), st.lists(MIXED, max_size=4), st.lists(ROW, max_size=4),
    st.lists(st.lists(st.booleans(), max_size=3), max_size=4),
)  # fmt: skip
DTYPES = st.sampled_from(
    ["int32", "int64", "int8", "uint8", "float32", "float64", "bool", np.int32, np.float16, object,
     "object", str, "U3", "complex64", int, float]
)  # fmt: skip


def test_the_three_sequences_of_the_documentation() -> None:
    rows = RAGGED[:3]
    assert pad_sequences(rows).tolist() == [[0, 0, 1], [0, 2, 3], [4, 5, 6]]
    assert pad_sequences(rows, value=-1, padding="post").tolist() == [
        [1, -1, -1], [2, 3, -1], [4, 5, 6],
    ]  # fmt: skip
    assert pad_sequences(rows, maxlen=2).tolist() == [[0, 1], [2, 3], [5, 6]]
    assert pad_sequences(rows, 2, truncating="post").tolist() == [[0, 1], [2, 3], [4, 5]]
    assert pad_sequences(rows).dtype == np.int32


@pytest.mark.parametrize("kind", [list, tuple, np.array])
@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
def test_lists_and_arrays_give_the_same(kind: Any, padding: str, truncating: str) -> None:
    rng = np.random.default_rng(0)
    rows = [rng.integers(1, 99, rng.integers(0, 12)).tolist() for _ in range(40)]
    one_by_one = [
        pad_sequences([row], 7, padding=padding, truncating=truncating)[0] for row in rows
    ]
    together = pad_sequences([kind(row) for row in rows], 7, "int32", padding, truncating)
    np.testing.assert_array_equal(together, one_by_one)


def test_vectors_and_strings_are_padded() -> None:
    vectors = [[[1, 2]], [[3, 4], [5, 6]]]
    assert pad_sequences(vectors).tolist() == [[[0, 0], [1, 2]], [[3, 4], [5, 6]]]
    strings = pad_sequences([["a"], ["b", "cd"]], dtype=object, value="-", padding="post")
    assert strings.tolist() == [["a", "-"], ["b", "cd"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sequences": (row for row in RAGGED)}, "generator"),
        ({"sequences": [1, 2]}, "sequence 0 is 1"),
        ({"sequences": ["good film"]}, "sequence 0 is a text"),
        ({"sequences": [[1], ["x"]]}, "sequence 1 cannot become int32"),
        ({"sequences": []}, "no sequences"),
        ({"sequences": RAGGED, "padding": "left"}, "padding is 'left'"),
        ({"sequences": RAGGED, "truncating": "left"}, "truncating is 'left'"),
        ({"sequences": RAGGED, "value": "pad"}, "dtype=object"),
        ({"sequences": RAGGED, "maxlen": -1}, "maxlen is -1"),
        ({"sequences": [[[1, 2]], [[1, 2, 3]]]}, "sequence 1 have shape"),
    ],
)
def test_wrong_use_is_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(KerasError, match=message) as caught:
        pad_sequences(**arguments)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_no_steps_at_all() -> None:
    assert pad_sequences(RAGGED, maxlen=0).shape == (4, 0)
    assert pad_sequences([[], []]).shape == (2, 0)
    assert pad_sequences([], maxlen=3).shape == (0, 3)


def test_a_length_that_is_no_integer() -> None:
    with pytest.raises(TypeError, match=r"maxlen is 200\.0"):
        pad_sequences(RAGGED, maxlen=200.0)  # type: ignore[arg-type]


@pytest.mark.keras
@given(
    SEQUENCES, st.none() | st.integers(1, 5), DTYPES, SIDES, SIDES,
    st.one_of(st.integers(-1, 1), st.floats(-1, 1), st.just("x")),
)  # fmt: skip
def test_same_as_keras(
    sequences: Any, maxlen: int | None, dtype: Any, padding: str, truncating: str, value: Any
) -> None:
    from keras.utils import pad_sequences as of_keras

    arguments = (sequences, maxlen, dtype, padding, truncating, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of NumPy, where a number does not fit
        compare(of_keras, arguments)


def compare(of_keras: Any, arguments: tuple[Any, ...]) -> None:
    try:
        expected = of_keras(*arguments)
    except Exception as error:
        kinds = (type(error),)
        if isinstance(error, ValueError):
            kinds = (ValueError, TypeError)  # a KerasError
        with pytest.raises(kinds):
            pad_sequences(*arguments)
        return
    padded = pad_sequences(*arguments)
    assert padded.dtype == expected.dtype and padded.shape == expected.shape
    assert repr(padded.tolist()) == repr(expected.tolist())  # also of NaN
