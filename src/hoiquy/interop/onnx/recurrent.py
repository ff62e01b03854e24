"""Recurrent layers as ONNX operators: gates reordered, matrices transposed.

ONNX (opset 14): W (directions, gates * units, inputs), R (directions, gates * units, units),
B (directions, 2 * gates * units), the biases of the input before those of the state.
Gates: LSTM i o f c, GRU z r h. Keras and hoiquy: LSTM i f c o, GRU z r h.
"""

from typing import Any

import numpy as np

from hoiquy.interop.onnx.nodes import Nodes
from hoiquy.nn.kernels import Array
from hoiquy.nn.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Recurrent,
    SimpleRNN,
)
from hoiquy.nn.layers.recurrent_activations import named_setting

_IFCO_TO_IOFC = (0, 3, 1, 2)


def add_recurrent_layer(
    nodes: Nodes, layer: Recurrent | Bidirectional, x: str, lengths: str
) -> str:
    """Add a layer on x (time, batch, inputs); return the name of its output.

    lengths: the number of steps of each document, (batch,) int32, or "" for all steps.
    The output is (time, batch, features) or (batch, features).
    """
    parts = [layer]
    if isinstance(layer, Bidirectional):
        assert layer.forward_layer is not None and layer.backward_layer is not None
        parts = [layer.forward_layer, layer.backward_layer]
    directions = [part for part in parts if isinstance(part, Recurrent)]
    matrices = [_matrices(part) for part in directions]
    names = [
        nodes.constant(np.stack(arrays), f"{layer.name}/{letter}")
        for letter, arrays in zip("WRB", zip(*matrices, strict=True), strict=True)
    ]
    operator, attributes = _operator(directions[0], len(directions))
    both = len(directions) == 2
    states, last = nodes.add_recurrent(
        operator,
        layer.name,
        [x, *names, lengths] if lengths else [x, *names],
        hidden_size=directions[0].weights.units,
        direction="bidirectional" if both else "forward",
        **attributes,
    )
    if layer.return_sequences:  # (time, directions, batch, units)
        if not both:
            return nodes.add("Squeeze", states, nodes.axes(1))
        transposed = nodes.add("Transpose", states, perm=[0, 2, 1, 3])
        return nodes.add("Reshape", transposed, nodes.axes(0, 0, -1))
    if not both:  # (directions, batch, units)
        return nodes.add("Squeeze", last, nodes.axes(0))
    transposed = nodes.add("Transpose", last, perm=[1, 0, 2])
    return nodes.add("Reshape", transposed, nodes.axes(0, -1))


def _operator(layer: Recurrent, directions: int) -> tuple[str, dict[str, Any]]:
    """Return ONNX' operator for a layer, and attributes of this kind only."""
    if isinstance(layer, LSTM):
        return "LSTM", {}
    if isinstance(layer, GRU):
        return "GRU", {"linear_before_reset": 1}
    assert isinstance(layer, SimpleRNN) and isinstance(layer.activation, str)
    return "RNN", {"activations": [layer.activation.capitalize()] * directions}


def setting_without_operator(layer: Recurrent) -> str | None:
    """The setting of a layer that has no operator here, None if there is none."""
    gated = isinstance(layer, LSTM | GRU)
    if isinstance(layer, GRU) and not layer.reset_after:
        return "reset_after=False"
    if layer.activation not in (("tanh",) if gated else ("tanh", "relu")):
        return named_setting("activation", layer.activation)
    if isinstance(layer, LSTM | GRU) and layer.recurrent_activation != "sigmoid":
        return named_setting("recurrent_activation", layer.recurrent_activation)
    return None


def _matrices(layer: Recurrent) -> tuple[Array, Array, Array]:
    """Return W, R and B of one direction."""
    kernel, recurrent = layer.parameters["kernel"], layer.parameters["recurrent_kernel"]
    bias = layer.weights.bias
    if bias.ndim == 1:  # the bias of the state is 0
        bias = np.stack([bias, np.zeros_like(bias)])
    order = _IFCO_TO_IOFC if isinstance(layer, LSTM) else range(layer.gates)
    kernel, recurrent, bias = (_reordered(array, order) for array in (kernel, recurrent, bias))
    return kernel.T, recurrent.T, bias.ravel()


def _reordered(array: Array, order: Any) -> Array:
    """Reorder the gates, which are blocks of columns."""
    blocks = np.split(array, len(order), axis=-1)
    return np.concatenate([blocks[gate] for gate in order], axis=-1)
