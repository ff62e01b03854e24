"""Embedding: given weights, indices without a row, whole numbers, gradients of few rows."""

from typing import Any

import numpy as np
import pytest

from hoiquy.errors import DataError, ShapeError
from hoiquy.nn.initializers import Ones
from hoiquy.nn.kernels import LookupGradient, RowGradient, TableRows
from hoiquy.nn.layers import Context, Embedding
from hoiquy.nn.whole_batch import WholeBatch

RNG = np.random.default_rng(1)
INDICES = np.array([[1, 2, 1], [0, 3, 1]], np.int32)


def built(**settings: Any) -> Embedding:
    layer = Embedding("words", **{"input_dim": 9, "output_dim": 4, **settings})
    layer.build([(None, 3)], RNG)
    return layer


def test_rows_are_drawn_as_in_keras() -> None:
    rows = built().parameters["embeddings"]
    assert rows.shape == (9, 4)
    assert 0 < np.abs(rows).max() <= 0.05
    assert (built(initializer=Ones()).parameters["embeddings"] == 1).all()


def test_given_weights_are_kept() -> None:
    weights = RNG.normal(size=(9, 4)).astype(np.float32)
    layer = Embedding("words", {"embeddings": weights}, input_dim=9, output_dim=4, trainable=False)
    layer.build([(None, 3)], RNG)
    assert layer.parameters["embeddings"] is weights
    assert not layer.trained_parameters
    np.testing.assert_array_equal(layer.forward(INDICES, None, None)[0], weights[INDICES])


def test_given_weights_of_another_shape_are_refused() -> None:
    layer = Embedding("words", {"embeddings": np.ones((8, 4))}, input_dim=9, output_dim=4)
    with pytest.raises(ShapeError, match=r"words: embeddings has shape \(8, 4\).* need \(9, 4\)"):
        layer.build([(None, 3)], RNG)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint8, np.float32, np.float64])
def test_whole_numbers_of_any_type_are_indices(dtype: Any) -> None:
    layer = built()
    y, _ = layer.forward(INDICES.astype(dtype), None, None)
    np.testing.assert_array_equal(y, layer.parameters["embeddings"][INDICES])


@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [
        (9, np.int32, "words: index 9, expected 0 to 8: set input_dim to 10 or more"),
        (70_000, np.int64, "words: index 70000, expected 0 to 8: set input_dim to 70001 or more"),
        (2**32, np.int64, "words: index 4294967296, expected 0 to 8$"),
        (-1, np.int32, "words: index -1, expected 0 to 8$"),
        (9, np.float32, "words: index 9, expected 0 to 8: set input_dim to 10"),
        (1.5, np.float32, r"words: the input holds 1\.5, expected integer indices from 0 to 8"),
        (np.nan, np.float64, "words: the input holds nan, expected integer indices"),
        (np.inf, np.float64, "words: index inf, expected 0 to 8$"),
    ],
)
def test_what_is_no_index_is_refused(value: float, dtype: Any, message: str) -> None:
    x = INDICES.astype(dtype)
    x[1, 1] = value
    with pytest.raises(DataError, match=message):
        built().forward(x, None, None)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shards_hand_on_the_gradients_of_the_rows_that_were_reached(dtype: Any) -> None:
    layer = Embedding("words", input_dim=9, output_dim=4)
    layer.build([(None, 3)], RNG, dtype)
    d_y = RNG.normal(size=(2, 3, 4)).astype(dtype)
    whole = layer.forward(INDICES, None, None)[1](d_y)[1]["embeddings"]

    def of_shard() -> Any:
        call = layer.call([INDICES], [None], Context(batch=WholeBatch(2)))
        gradient = call.backward([d_y])[1]["embeddings"]
        assert isinstance(gradient, LookupGradient)
        return gradient.added()

    np.testing.assert_array_equal(of_shard(), whole)
    reached = np.zeros(9, np.bool_)
    reached[[8, *INDICES.ravel()]] = True
    rows = np.flatnonzero(reached)
    layer.reached = TableRows(rows, np.cumsum(reached, dtype=np.int32) - 1)
    found = of_shard()
    assert isinstance(found, RowGradient)
    np.testing.assert_array_equal(found.dense(9), whole)
    assert found.values.shape == (len(rows), 4)


@pytest.mark.parametrize("mask_zero", [False, True])
def test_the_mask_is_false_at_index_0(mask_zero: bool) -> None:
    (mask,) = built(mask_zero=mask_zero).call([INDICES], [None], Context()).masks
    if mask_zero:
        np.testing.assert_array_equal(mask, INDICES != 0)
    else:
        assert mask is None


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0,), (4,), (2, 3, 5)])
def test_indices_of_any_shape(shape: tuple[int, ...]) -> None:
    layer = built()
    y, backward = layer.forward(np.zeros(shape, np.int32), None, None)
    assert y.shape == (*shape, 4)
    gradient = backward(np.ones_like(y))[1]["embeddings"]
    assert isinstance(gradient, np.ndarray)
    np.testing.assert_array_equal(gradient[0], float(np.prod(shape)))


def test_row_dropout_drops_a_word_at_all_its_places() -> None:
    layer = Embedding("words", input_dim=200, output_dim=3, initializer=Ones(), row_dropout=0.25)
    layer.build([(None, 40)], RNG)
    x = RNG.integers(0, 200, (30, 40)).astype(np.int32)
    y, backward = layer.forward(x, None, np.random.default_rng(5))
    by_word = np.zeros((200, 3), np.float32)
    by_word[x] = y
    np.testing.assert_array_equal(y, by_word[x])
    np.testing.assert_allclose(np.unique(y), [0, 4 / 3], rtol=1e-6)
    assert 0.12 < (by_word[:, 0] == 0).mean() < 0.38
    d_y = RNG.normal(size=y.shape).astype(np.float32)
    expected = np.zeros((200, 3))
    np.add.at(expected, x, d_y * by_word[x])
    np.testing.assert_allclose(backward(d_y)[1]["embeddings"], expected, atol=1e-4)
    assert layer.couples_rows and (layer.forward(x, None, None)[0] == 1).all()
