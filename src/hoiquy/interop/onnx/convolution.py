"""Convolutions as ONNX operators: kernels and sequences transposed.

ONNX (opset 17): X (batch, features, time), W (filters, features, steps).
"""

from hoiquy.interop.onnx.nodes import Nodes
from hoiquy.nn.layers import Conv1D

_OPERATORS = {"linear": "", "relu": "Relu", "tanh": "Tanh"}


def add_convolution(nodes: Nodes, layer: Conv1D, x: str) -> str:
    """Add a layer on x (time, batch, features); return the name of its output."""
    windows = layer.windows
    before = {"valid": 0, "same": (windows.reach - 1) // 2, "causal": windows.reach - 1}
    left = before[windows.padding]
    right = 0 if windows.padding == "valid" else windows.reach - 1 - left
    kernel = layer.parameters["kernel"].transpose(2, 1, 0)
    operands = [nodes.constant(kernel, f"{layer.name}/kernel")]
    if layer.use_bias:
        operands.append(nodes.constant(layer.parameters["bias"], f"{layer.name}/bias"))
    y = nodes.add(
        "Conv",
        nodes.add("Transpose", x, perm=[1, 2, 0]),
        *operands,
        strides=[windows.stride],
        dilations=[windows.dilation],
        group=layer.groups,
        pads=[left, right],
    )
    operator = _OPERATORS[str(layer.activation)]
    y = nodes.add(operator, y) if operator else y
    return nodes.add("Transpose", y, perm=[2, 0, 1])


def convolution_without_operator(layer: Conv1D) -> str | None:
    """The setting of a layer that has no operator here, None if there is none."""
    if layer.activation not in _OPERATORS:
        return f"activation = {layer.activation!r}"
    if layer.strides > 1 and layer.padding == "same":
        return f"strides = {layer.strides} with padding = 'same'"
    return None
