"""The arrays of layers in files of Keras 1 and 2, changed to what Keras 3 computes with.

CuDNN's layers keep their kernels transposed gate by gate and have two biases; Keras 1 keeps arrays
for each gate. In Keras 1 and 2 hard_sigmoid is 0.2 x + 0.5 between 0 and 1, in Keras 3 x / 6 + 0.5:
weights that are 1.2 times as large give the same numbers.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = list[NDArray[Any]]

# The places of the gates i f c o among the arrays of Keras 1, three for each of its gates.
_LSTM_OF_KERAS_1 = (0, 6, 3, 9)
_GRU_OF_KERAS_1 = (0, 3, 6)
_STEEPER = 1.2
_GATES = {"LSTM": 4, "GRU": 3}


def converted(layer: Any, arrays: Sequence[NDArray[Any]], is_keras_2: bool = True) -> Arrays:
    """The arrays of a layer in Keras 3's shapes, as far as it is known how.

    Args:
        layer: Built, with as many arrays in its weights unless the file is of Keras 1.
        arrays: In the file's order: those that are trained, then the others.
        is_keras_2: Whether Keras 1 or 2 wrote the file, not Keras 3.
    """
    if not is_keras_2:
        return list(arrays)
    kind = type(layer).__name__
    if kind == "Bidirectional":
        half = len(arrays) // 2
        parts = (layer.forward_layer, arrays[:half]), (layer.backward_layer, arrays[half:])
        return [array for part, own in parts for array in converted(part, own)]
    if kind == "TimeDistributed":
        return converted(layer.layer, arrays)
    if hasattr(layer, "layers"):
        return _of_model(layer, arrays)
    if kind in _GATES:
        return _of_gates(layer, _joined(kind, list(arrays)))
    if kind in ("Conv1D", "SeparableConv1D", "DepthwiseConv1D"):
        arrays = [array[:, 0] if array.ndim == 4 else array for array in arrays]
    if getattr(getattr(layer, "activation", None), "name", None) == "hard_sigmoid":
        return _steeper_last(kind, list(arrays))
    return list(arrays)


def convert(model: Any) -> None:
    """Change the arrays of a model that were read as they are in a file of Keras 2."""
    for layer in model.layers:
        variables = [*layer.trainable_weights, *layer.non_trainable_weights]
        arrays = converted(layer, [variable.value for variable in variables])
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)


def _of_model(model: Any, arrays: Sequence[NDArray[Any]]) -> Arrays:
    """Those of its layers, of which a file lists all that are trained first."""
    trained = len(model.trainable_weights)
    queues = [list(arrays[:trained]), list(arrays[trained:])]
    parts: list[Arrays] = [[], []]
    for layer in model.layers:
        counts = len(layer.trainable_weights), len(layer.non_trainable_weights)
        own = [queue[:count] for queue, count in zip(queues, counts, strict=True)]
        queues = [queue[count:] for queue, count in zip(queues, counts, strict=True)]
        found = converted(layer, [*own[0], *own[1]])
        parts[0] += found[: len(own[0])]
        parts[1] += found[len(own[0]) :]
    return [*parts[0], *parts[1], *queues[0], *queues[1]]


def _joined(kind: str, arrays: Arrays) -> Arrays:
    """Kernel, recurrent kernel and bias of what Keras 1 keeps gate by gate."""
    order = _LSTM_OF_KERAS_1 if kind == "LSTM" else _GRU_OF_KERAS_1
    if len(arrays) != 3 * len(order):
        return arrays
    return [np.concatenate([arrays[at + part] for at in order], axis=-1) for part in range(3)]


def _of_gates(layer: Any, arrays: Arrays) -> Arrays:
    """An LSTM or a GRU, of CuDNN or not."""
    if len(arrays) == 3 and arrays[1].ndim == 2:
        gates, units = _GATES[type(layer).__name__], len(arrays[1])
        if arrays[2].shape == (2 * gates * units,) and arrays[1].shape[1] == gates * units:
            arrays = _of_cudnn(layer, arrays, gates)
    if getattr(layer.recurrent_activation, "name", None) == "hard_sigmoid":
        return [_steeper_gates(layer, array) for array in arrays]
    return arrays


def _of_cudnn(layer: Any, arrays: Arrays, gates: int) -> Arrays:
    kernel, recurrent, bias = arrays
    columns = [part.reshape(part.shape[::-1]).T for part in np.split(kernel, gates, axis=1)]
    of_states = [part.T for part in np.split(recurrent, gates, axis=1)]
    two = bias.reshape(2, -1)
    return [
        np.concatenate(columns, axis=1),
        np.concatenate(of_states, axis=1),
        two.sum(axis=0) if type(layer).__name__ == "LSTM" else two,
    ]


def _steeper_gates(layer: Any, array: NDArray[Any]) -> NDArray[Any]:
    """The columns of all gates but the one of the candidate, which has another activation."""
    units = layer.units
    candidate = 2  # of i f c o, and of z r h
    factors = np.full(array.shape[-1], _STEEPER, np.float32)
    factors[candidate * units : (candidate + 1) * units] = 1
    return array * factors


def _steeper_last(kind: str, arrays: Arrays) -> Arrays:
    """Of what an activation follows directly: a product with a kernel, and a bias."""
    if kind in ("Dense", "Conv1D"):
        return [array * np.float32(_STEEPER) for array in arrays]
    if kind in ("SeparableConv1D", "DepthwiseConv1D"):
        kept = 1 if kind == "SeparableConv1D" else 0
        return [*arrays[:kept], *(array * np.float32(_STEEPER) for array in arrays[kept:])]
    return arrays
