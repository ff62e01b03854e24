"""Operators that change a tensor of a model, names that scripts set, and calls by their number."""

import numpy as np
import pytest

from hoiquy.keras.layers import Dense, Input
from hoiquy.keras.models import Model

LEFT, RIGHT = np.random.default_rng(0).random((2, 4, 3)).astype(np.float32)


def test_in_place_operators_give_new_tensors() -> None:
    left, right = Input((3,)), Input((3,))
    total = left
    total += right
    total -= right * 2
    model = Model([left, right], total)
    assert np.allclose(model.predict([LEFT, RIGHT], verbose=0), LEFT - RIGHT, atol=1e-6)


def test_models_and_layers_are_renamed() -> None:
    inputs = Input((3,))
    model = Model(inputs, Dense(2)(inputs))
    model.layers[-1].name = "last"
    model.name = "first_version"
    assert model.name == model.get_config()["name"] == "first_version"
    assert model.get_layer("last") is model.layers[-1]
    assert model.predict(LEFT, verbose=0).shape == (4, 2)


def test_the_tensors_of_each_call_are_found() -> None:
    one, other, layer = Input((3,)), Input((3,)), Dense(2)
    outputs = [layer(one), layer(other)]
    assert layer.get_input_at(1) is other
    assert [layer.get_output_at(i) for i in (0, 1)] == outputs
    assert layer.get_input_shape_at(0) == (None, 3)
    assert layer.get_output_shape_at(1) == (None, 2)
    with pytest.raises(ValueError, match="has 2 calls, no call 2"):
        layer.get_output_at(2)
