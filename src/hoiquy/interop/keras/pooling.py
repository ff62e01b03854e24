"""Pooling over the unmasked steps in Keras, with Keras' own layers and operations."""

from typing import Any

import numpy as np

from hoiquy.recipe.layer_tables import PoolingLayer


def add_pooling(
    keras: Any, name: str, table: PoolingLayer, x: Any, mask: Any, backward_features: int
) -> Any:
    """Pool x (batch, time, features) over the unmasked steps.

    A document whose steps are all masked gives zeros in hoiquy. Here its mean is NaN, its maximum
    the lowest number; it can occur only without a start token.

    Args:
        keras: The module.
        name: Of the layer.
        table: Of the recipe.
        x: The input.
        mask: (batch, time), None without one.
        backward_features: How many features, at the end, are of a layer that runs backward.
    """
    layers = keras.layers
    if table.over_time == "mean":
        return layers.GlobalAveragePooling1D(name=name)(x)
    if table.over_time == "max":
        return _maximum(keras, name, x, mask)
    return layers.Concatenate(name=name)(
        [
            *_last_states(keras, x, mask, backward_features),
            _maximum(keras, f"{name}_maximum", x, mask),
            layers.GlobalAveragePooling1D(name=f"{name}_mean")(x),
        ]
    )


def _maximum(keras: Any, name: str, x: Any, mask: Any) -> Any:
    """Keras' maximum ignores the mask: masked steps are set to the lowest number first."""
    if mask is not None:
        lowest = float(np.finfo(keras.config.floatx()).min)
        x = keras.ops.where(keras.ops.expand_dims(mask, -1), x, lowest)
    return keras.layers.GlobalMaxPooling1D(name=name)(x)


def _last_states(keras: Any, x: Any, mask: Any, backward_features: int) -> list[Any]:
    """The state of each direction after its last step."""
    forward_features = x.shape[-1] - backward_features
    forward, backward = x[:, :, :forward_features], x[:, :, forward_features:]
    directions = [(forward, False), (backward, True)] if backward_features else [(x, False)]
    return [_state_at_end(keras, of_one, mask, at_first) for of_one, at_first in directions]


def _state_at_end(keras: Any, x: Any, mask: Any, at_first: bool) -> Any:
    """x (batch, time, features) at its first or last unmasked step; zeros without one."""
    ops = keras.ops
    if mask is None:
        return x[:, 0] if at_first else x[:, -1]
    number = ops.cumsum(ops.cast(mask, "int32"), axis=1)  # of each unmasked step, from 1
    wanted = 1 if at_first else ops.max(number, axis=1, keepdims=True)
    is_end = ops.logical_and(mask, ops.equal(number, wanted))
    return ops.sum(ops.where(ops.expand_dims(is_end, -1), x, 0.0), axis=1)
