"""Rows that are split within a layer, and directions side by side, give what one call gives."""

from typing import Any

import numpy as np
import pytest
from numpy.random import Generator, Philox

from hoiquy.nn.layers import GRU, LSTM, Bidirectional, Context, Layer, SimpleRNN
from hoiquy.nn.shards import shard_pool
from hoiquy.nn.whole_batch import WholeBatch

ROWS, TIME, FEATURES, UNITS = 37, 6, 5, 7
KINDS = (SimpleRNN, LSTM, GRU)


def data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((ROWS, TIME, FEATURES), np.float32)
    return x, np.arange(TIME) < rng.integers(0, TIME + 1, ROWS)[:, None]


def results(layer: Layer, batch: WholeBatch | None, rows: int = ROWS) -> list[np.ndarray]:
    x, mask = data(1)
    call = layer.call([x[:rows]], [mask[:rows]], Context(Generator(Philox(3)), batch=batch))
    d_outputs = [np.cos(np.arange(y.size, dtype=np.float32)).reshape(y.shape) for y in call.outputs]
    (d_x,), gradients = call.backward(d_outputs)
    assert d_x is not None
    return [*call.outputs, d_x, *(np.asarray(one) for one in gradients.values())]


def built(layer: Layer) -> Layer:
    layer.build([(None, TIME, FEATURES)], np.random.default_rng(2))
    return layer


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sequences", [True, False])
def test_split_rows_give_the_results_of_one_call(kind: Any, sequences: bool) -> None:
    layer = built(
        kind("layer", units=UNITS, return_sequences=sequences, return_state=True, dropout=0.3)
    )
    expected = results(layer, None)
    by_threads = []
    for threads in (1, 2, 5):
        with shard_pool(threads) as pool:
            by_threads.append(results(layer, WholeBatch(ROWS, pool, ROWS, couples_rows=True)))
    for one, *others in zip(expected, *by_threads, strict=True):
        np.testing.assert_allclose(others[0], one, rtol=1e-5, atol=1e-5)
        for other in others[1:]:
            np.testing.assert_array_equal(other, others[0])


@pytest.mark.parametrize("kind", KINDS)
def test_directions_side_by_side_give_the_bits_of_one_after_the_other(kind: Any) -> None:
    inner = kind("inner", units=UNITS, return_sequences=True, dropout=0.3)
    layer = built(Bidirectional.around("both", inner))
    expected = results(layer, None, rows=4)
    for threads in (1, 2, 5):
        with shard_pool(threads) as pool:
            found = results(layer, WholeBatch(4, pool), rows=4)
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(other, one)
