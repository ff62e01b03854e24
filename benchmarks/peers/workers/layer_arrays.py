"""The arrays of a recurrent layer alone, which hoiquy draws and the native libraries read."""

from typing import Any, NamedTuple

import numpy as np


class LayerArrays(NamedTuple):
    x: Any  # (time, batch, inputs)
    kernel: Any
    recurrent_kernel: Any
    bias: Any
    d_y: Any  # (batch, units): the gradient of the last state


def read_arrays(path: str) -> LayerArrays:
    with np.load(path) as arrays:
        return LayerArrays(
            **{name: np.ascontiguousarray(arrays[name]) for name in LayerArrays._fields}
        )


def outputs_of(last_state: Any, *gradients: Any) -> Any:
    """What all libraries have to agree on: the last state, and gradients of the largest 1."""
    scaled = [gradient / np.abs(gradient).max() for gradient in gradients]
    return np.concatenate([array.ravel() for array in (last_state, *scaled)])
