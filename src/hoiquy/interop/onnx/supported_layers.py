"""Which networks can be written as ONNX."""

from hoiquy.errors import InputError
from hoiquy.interop.onnx.convolution import convolution_without_operator
from hoiquy.interop.onnx.recurrent import setting_without_operator
from hoiquy.nn.layers import (
    Bidirectional,
    Concatenate,
    ConcatPooling,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    Layer,
    MaxPooling,
    MeanPooling,
    Recurrent,
)
from hoiquy.nn.model import Model

_LAYERS = (
    Bidirectional, Concatenate, ConcatPooling, Conv1D, Dense, Dropout, Embedding, MaxPooling,
    MeanPooling, Recurrent,
)  # fmt: skip


def check_onnx_has_layers(model: Model, name: str) -> None:
    """Raise InputError, naming the layer, for a network that the export cannot write."""
    if not (model.is_chain or _is_graph_of_known_layers(model)):
        raise InputError(
            f"{name}: ONNX export takes a chain of embedding, dropout, recurrent, pooling and "
            f"dense layers, or these with convolutions and concatenations and without a mask; this "
            f"network predicts and serves with hoiquy only"
        )
    for layer in model.layers:
        if isinstance(layer, Concatenate) and layer.axis != -1:
            raise _no_operator(layer, f"axis = {layer.axis}")
        if isinstance(layer, Conv1D) and (setting := convolution_without_operator(layer)):
            raise _no_operator(layer, setting)
        if isinstance(layer, Dense) and layer.activation not in ("linear", "relu", "tanh"):
            raise _no_operator(layer, f"activation = {layer.activation!r}")
        if isinstance(layer, Bidirectional) and layer.merge_mode != "concat":
            raise _no_operator(layer, f"merge_mode = {layer.merge_mode!r}")
        if not isinstance(layer, Recurrent | Bidirectional):
            continue
        directions = layer.directions if isinstance(layer, Bidirectional) else [layer]
        for direction in directions:
            reason = setting_without_operator(direction)
            if reason is not None:
                raise _no_operator(layer, reason)
        if isinstance(layer, Recurrent) and layer.go_backwards:
            raise _no_operator(layer, "go_backwards = true")


def _is_graph_of_known_layers(model: Model) -> bool:
    """Whether each node is a layer with an operator, has one output, and no mask is needed."""
    for node in model.graph.nodes:
        layer = node.layer
        several = len(node.inputs) > 1 and not isinstance(layer, Concatenate)
        if several or any(tensor.output for tensor in node.inputs):
            return False
        if not isinstance(layer, _LAYERS) or (isinstance(layer, Embedding) and layer.mask_zero):
            return False
        if isinstance(layer, MaxPooling | MeanPooling | ConcatPooling) and layer.keepdims:
            return False
    return isinstance(last_layer(model), Dense)


def last_layer(model: Model) -> Layer:
    return model.graph.nodes[model.graph.outputs[0].node].layer


def _no_operator(layer: Layer, setting: str) -> InputError:
    return InputError(f"{layer.name} has {setting}, which ONNX export does not support")
