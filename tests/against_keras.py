"""One layer of hoiquy and one of Keras on the same weights, inputs and masks."""

from collections.abc import Sequence
from typing import Any

import jax
import keras
import numpy as np
from keras.src.backend import get_keras_mask, set_keras_mask
from numpy.typing import NDArray

from gradients import dense
from hoiquy.nn.layers import Context, Layer

Array = NDArray[Any]
Masks = Sequence[NDArray[np.bool_] | None]
OUTPUT_ERROR, GRADIENT_ERROR = 1e-5, 1e-4


def assert_same_as_keras(
    layer: Layer, twin: keras.Layer, inputs: Sequence[Array], masks: Masks = (None,)
) -> None:
    """Outputs, masks and gradients of a built layer against Keras', where nothing is random.

    The weights of the Keras layer become those of the other.
    """
    masks = list(masks) if len(masks) == len(inputs) else [None] * len(inputs)
    twin.build(_one_or_several([x.shape for x in inputs]))
    # Copies: JAX may keep the memory of arrays that it is given.
    arrays = [*layer.parameters.values(), *layer.state.values()]
    twin.set_weights([array.copy() for array in arrays])
    (y,), (mask,), backward = layer.call(list(inputs), masks, Context())
    d_y = np.random.default_rng(9).standard_normal(y.shape).astype(np.float32)
    d_inputs, gradients = backward([d_y])

    expected, expected_mask, expected_gradients = _keras_pass(twin, inputs, masks, d_y)
    assert_close(y, expected, OUTPUT_ERROR, "output")
    assert (mask is None) == (expected_mask is None), f"mask {mask}, in Keras {expected_mask}"
    if mask is not None:
        np.testing.assert_array_equal(mask, expected_mask)
    found = dense(gradients, layer.parameters)
    for name, theirs in zip(layer.parameters, expected_gradients[len(inputs) :], strict=True):
        assert_close(found[name], theirs, GRADIENT_ERROR, f"gradient of {name}")
    for i, (ours, theirs) in enumerate(zip(d_inputs, expected_gradients, strict=False)):
        if inputs[i].dtype.kind == "f":
            assert_close(ours, theirs, GRADIENT_ERROR, f"gradient of input {i}")


def assert_close(ours: Any, theirs: Any, error: float, what: str) -> None:
    """Within `error` of the largest number, or of 1."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape, f"{what}: {ours.shape}, in Keras {theirs.shape}"
    scale = max(1.0, float(np.abs(theirs).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=error * scale, err_msg=what)


def _keras_pass(
    twin: keras.Layer, inputs: Sequence[Array], masks: Masks, d_y: Array
) -> tuple[Array, Any, list[Any]]:
    """The output, its mask and the gradients of the inputs, then of the weights."""
    is_float = [x.dtype.kind == "f" for x in inputs]
    tensors = [jax.numpy.asarray(x) for x in inputs]
    weights = [variable.value for variable in twin.trainable_variables]

    def forward(floats: Any, weights: Any) -> Any:
        given, remaining = list(tensors), iter(floats)
        for i, mask in enumerate(masks):
            if is_float[i]:
                given[i] = next(remaining)
            if mask is not None:
                set_keras_mask(given[i], jax.numpy.asarray(mask))
        mapping = zip(twin.trainable_variables, weights, strict=True)
        with keras.StatelessScope(list(mapping)):
            y = twin(_one_or_several(given))
        return y, get_keras_mask(y)

    @jax.jit
    def forward_and_backward(floats: Any, weights: Any) -> Any:
        y, pull_back, mask = jax.vjp(forward, floats, weights, has_aux=True)
        return y, mask, *pull_back(jax.numpy.asarray(d_y))

    floats = [x for x, kind in zip(tensors, is_float, strict=True) if kind]
    y, mask, of_floats, of_weights = forward_and_backward(floats, weights)
    found = iter(of_floats)
    gradients = [next(found) if kind else None for kind in is_float]
    return np.asarray(y), None if mask is None else np.asarray(mask), [*gradients, *of_weights]


def _one_or_several(items: Sequence[Any]) -> Any:
    return items[0] if len(items) == 1 else list(items)
