"""BatchNormalization in training against Keras: outputs, gradients, moving averages."""

from typing import Any

import jax
import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from against_keras import GRADIENT_ERROR, OUTPUT_ERROR, assert_close
from hoiquy.nn.layers import BatchNormalization

SHAPE = (5, 6, 3)


def mask_of(rng: np.random.Generator) -> NDArray[np.bool_]:
    return rng.random(SHAPE[:2]) < 0.6


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("settings", [{}, {"center": False, "momentum": 0.8}, {"axis": 1}])
def test_training_as_in_keras(settings: dict[str, Any], masked: bool) -> None:
    if masked and "axis" in settings:
        pytest.skip("Keras takes masks of the last axis only")
    rng = np.random.default_rng(1)
    layer = BatchNormalization("layer", **settings)
    layer.build([SHAPE], rng)
    for array in layer.parameters.values():
        array[...] = rng.normal(size=array.shape)
    twin = keras.layers.BatchNormalization(**settings)
    twin.build(SHAPE)
    # Copies: JAX may keep the memory of arrays that it is given.
    arrays = [*layer.parameters.values(), *layer.state.values()]
    twin.set_weights([array.copy() for array in arrays])
    x, d_y = (rng.normal(2, 3, SHAPE).astype(np.float32) for _ in "12")
    mask = mask_of(rng) if masked else None

    y, backward = layer.forward(x, mask, rng)
    d_x, gradients = backward(d_y)

    def forward(x: Any, *weights: Any) -> Any:
        state = [variable.value for variable in twin.non_trainable_variables]
        return twin.stateless_call(list(weights), state, x, training=True, mask=mask)

    theirs_in = [x, *(variable.value for variable in twin.trainable_variables)]
    expected, pull_back, state = jax.vjp(forward, *map(jax.numpy.asarray, theirs_in), has_aux=True)
    expected_d_x, *expected_gradients = pull_back(jax.numpy.asarray(d_y))
    assert_close(y, expected, OUTPUT_ERROR, "output")
    assert_close(d_x, expected_d_x, GRADIENT_ERROR, "gradient of x")
    for (key, gradient), theirs in zip(gradients.items(), expected_gradients, strict=True):
        assert_close(gradient, theirs, GRADIENT_ERROR, f"gradient of {key}")
    for (key, array), theirs in zip(layer.state.items(), state, strict=True):
        assert_close(array, theirs, OUTPUT_ERROR, key)
