"""Calls of built-in layers inside the code of a layer of the script."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hoiquy.keras.errors import as_value_errors
from hoiquy.keras.layers.calls import call_options, states_in
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.values.conversion import as_data
from hoiquy.keras.values.primitives import LayerCall, layer_outputs
from hoiquy.keras.values.scope import CallScope, current_scope
from hoiquy.keras.values.value import Value
from hoiquy.nn.kernels import Mask
from hoiquy.nn.layers import Call, Context
from hoiquy.nn.layers import Layer as NNLayer


def call_within_code(
    layer: Any, inputs: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """The outputs of a layer for tensors that autograd may follow, as one step."""
    tensors, _ = layer.flat_inputs(inputs)
    options = call_options(layer, args, kwargs)
    tensors = [*tensors, *states_in(options["initial_state"])]
    masks = [getattr(tensor, "_keras_mask", None) for tensor in tensors]
    if options["mask"] is not None:
        given = options["mask"]
        for i, mask in enumerate(given if isinstance(given, list | tuple) else [given]):
            masks[i] = None if mask is None else np.asarray(as_data(mask), bool)
    values = [_value(tensor) for tensor in tensors]
    layer.build_for([(None, *value.shape[1:]) for value in values])
    scope = current_scope() or CallScope()
    training = scope.training if options["training"] is None else bool(options["training"])
    outputs, output_masks = _step(layer.nn_layer, values, masks, scope, training)
    if layer.penalty_layer is not None:
        outputs, _ = _step(layer.penalty_layer, outputs, output_masks, scope, training)
    for output, mask in zip(outputs, output_masks, strict=True):
        output._keras_mask = mask
    return layer.packed_outputs(outputs)


def _value(tensor: Any) -> Value:
    """A tensor in a dtype that layers take: float32 or int32 for arrays of the script."""
    if isinstance(tensor, Value):
        return Value(as_data(tensor), tensor._keras_mask)
    data = as_data(tensor)
    if isinstance(data, np.ndarray | list | int | float):
        array = np.asarray(data)
        data = array.astype(np.int32 if array.dtype.kind in "iu" else np.float32, copy=False)
    return Value(data)


def _step(
    nn_layer: NNLayer, values: Sequence[Value], masks: Sequence[Mask | None], scope: CallScope,
    training: bool,
) -> tuple[list[Value], list[Mask | None]]:  # fmt: skip
    trained = nn_layer.trained_parameters
    parameters = [scope.variables.get(id(array), array) for array in trained.values()]

    def run(arrays: Sequence[AnyArray]) -> Call:
        with as_value_errors():
            nn_layer.output_shapes([(None, *array.shape[1:]) for array in arrays])
            rng = scope.generator() if training else None
            context = Context(rng, slice(0, len(arrays[0])), penalties=scope.penalties)
            return nn_layer.call(list(arrays), masks, context)

    step = LayerCall(run, list(trained))
    found = layer_outputs(step, *(value.data for value in values), *parameters)
    assert step.call is not None
    outputs = [Value(found[i]) for i in range(len(step.call.outputs))]
    return outputs, list(step.call.masks)
