"""Recurrent layers as ONNX operators: gates in ONNX' order, matrices turned.

ONNX (opset 14): W (directions, gates * units, inputs), R (directions, gates * units, units),
B (directions, 2 * gates * units): the biases of the input, then those of the state.
Gates: LSTM i o f c, GRU z r h. Keras, and so hoiquy: LSTM i f c o, GRU z r h.
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

_IFCO_TO_IOFC = (0, 3, 1, 2)


def add_recurrent_layer(
    nodes: Nodes, layer: Recurrent | Bidirectional, x: str, lengths: str
) -> str:
    """Add a layer that reads x (time, batch, inputs); returns the name of its output.

    lengths: the name of the steps of each document, (batch,) int32, or "" to read all.
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
    two = len(directions) == 2
    states, last = nodes.add_recurrent(
        operator,
        layer.name,
        [x, *names, lengths] if lengths else [x, *names],
        hidden_size=directions[0].weights.units,
        direction="bidirectional" if two else "forward",
        **attributes,
    )
    if layer.keeps_time:  # (time, directions, batch, units)
        if not two:
            return nodes.add("Squeeze", states, nodes.axes(1))
        turned = nodes.add("Transpose", states, perm=[0, 2, 1, 3])
        return nodes.add("Reshape", turned, nodes.axes(0, 0, -1))
    if not two:  # (directions, batch, units)
        return nodes.add("Squeeze", last, nodes.axes(0))
    turned = nodes.add("Transpose", last, perm=[1, 0, 2])
    return nodes.add("Reshape", turned, nodes.axes(0, -1))


def _operator(layer: Recurrent, directions: int) -> tuple[str, dict[str, Any]]:
    """ONNX' name of a layer, and the attributes that only this kind has."""
    if isinstance(layer, LSTM):
        return "LSTM", {}
    if isinstance(layer, GRU):
        return "GRU", {"linear_before_reset": 1}
    assert isinstance(layer, SimpleRNN)
    return "RNN", {"activations": [layer.activation.capitalize()] * directions}


def _matrices(layer: Recurrent) -> tuple[Array, Array, Array]:
    """W, R and B of one direction."""
    kernel, recurrent = layer.parameters["kernel"], layer.parameters["recurrent_kernel"]
    bias = layer.parameters["bias"]
    if bias.ndim == 1:  # one bias: that of the state is 0
        bias = np.stack([bias, np.zeros_like(bias)])
    order = _IFCO_TO_IOFC if isinstance(layer, LSTM) else range(layer.gates)
    kernel, recurrent, bias = (_reordered(array, order) for array in (kernel, recurrent, bias))
    return kernel.T, recurrent.T, bias.ravel()


def _reordered(array: Array, order: Any) -> Array:
    """The gates, blocks of columns, in another order."""
    blocks = np.split(array, len(order), axis=-1)
    return np.concatenate([blocks[gate] for gate in order], axis=-1)
