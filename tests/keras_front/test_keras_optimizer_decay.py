"""Keras 2's `optimizer.decay` can be read and set, as the learning rate can, and takes effect."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hoiquy.keras import backend
from hoiquy.keras.layers import Dense, Input
from hoiquy.keras.models import Sequential
from hoiquy.keras.optimizers import SGD, Adam


def _trained(optimizer: Any, then: Callable[[Any], None] = lambda _: None) -> np.ndarray:
    model = Sequential([Input((2,)), Dense(1, kernel_initializer="ones")])
    model.compile(loss="mse", optimizer=optimizer)
    then(model.optimizer)
    rows = np.arange(8.0).reshape(4, 2) / 8
    model.fit(rows, rows[:, :1], epochs=5, shuffle=False, verbose=0)
    return np.asarray(model.get_weights()[0])


def _set_value(optimizer: Any) -> None:
    backend.set_value(optimizer.decay, 0.5)


def _assign(optimizer: Any) -> None:
    optimizer.decay = 0.5


@pytest.mark.parametrize("then", [_set_value, _assign])
@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_decay_that_was_set_is_that_of_the_argument(
    kind: Any, then: Callable[[Any], None]
) -> None:
    expected = _trained(kind(learning_rate=0.1, decay=0.5))
    np.testing.assert_array_equal(_trained(kind(learning_rate=0.1), then), expected)
    assert np.abs(_trained(kind(learning_rate=0.1)) - expected).max() > 1e-3


def test_the_decay_is_a_number() -> None:
    optimizer = SGD(decay=1e-6)
    assert backend.get_value(optimizer.decay) == 1e-6
    assert type(pickle.loads(pickle.dumps(optimizer.decay))) is float
    assert optimizer.get_config()["decay"] == 1e-6
    backend.set_value(optimizer.decay, 0)
    assert "decay" not in optimizer.get_config()
