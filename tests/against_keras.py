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
    twin.set_weights([*layer.parameters.values(), *layer.state.values()])
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
    weights = [variable.value for variable in twin.trainable_variables]
    found_mask: list[Any] = []

    def forward(*arrays: Any) -> Any:
        tensors = list(arrays[: len(inputs)])
        for tensor, mask in zip(tensors, masks, strict=True):
            if mask is not None:
                set_keras_mask(tensor, jax.numpy.asarray(mask))
        mapping = zip(twin.trainable_variables, arrays[len(inputs) :], strict=True)
        with keras.StatelessScope(list(mapping)):
            y = twin(_one_or_several(tensors))
        found_mask.append(get_keras_mask(y))
        return y

    is_float = [x.dtype.kind == "f" for x in inputs]
    indices = [i for i, kind in enumerate(is_float) if not kind]

    def of_floats(*floats: Any) -> Any:
        arrays = list(floats)
        for i in indices:
            arrays.insert(i, jax.numpy.asarray(inputs[i]))
        return forward(*arrays)

    floats = [jax.numpy.asarray(x) for x, kind in zip(inputs, is_float, strict=True) if kind]
    y, pull_back = jax.vjp(of_floats, *floats, *weights)
    gradients = list(pull_back(jax.numpy.asarray(d_y)))
    for i in indices:
        gradients.insert(i, None)
    return np.asarray(y), _concrete(found_mask[-1]), gradients


def _concrete(mask: Any) -> Any:
    return None if mask is None else np.asarray(mask)


def _one_or_several(items: Sequence[Any]) -> Any:
    return items[0] if len(items) == 1 else list(items)
