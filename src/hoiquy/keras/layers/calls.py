"""Calls of layers: on symbolic tensors, which are recorded, and on arrays, which compute."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hoiquy.keras.concrete import STRING, as_tensor
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError, as_value_errors
from hoiquy.keras.seed import next_generator
from hoiquy.keras.structures import flatten
from hoiquy.keras.tensors import AnyArray, KerasTensor, Node, eager_tensor
from hoiquy.nn.layers import Context


class _InTraining:
    """What `call` of a model is given as `training` while the model is connected."""


IN_TRAINING: Any = _InTraining()


def is_symbolic(inputs: Any) -> bool:
    """Whether inputs hold a symbolic tensor."""
    if isinstance(inputs, dict):
        return any(map(is_symbolic, inputs.values()))
    if isinstance(inputs, list | tuple):
        return any(map(is_symbolic, inputs))
    return isinstance(inputs, KerasTensor)


def call_symbolically(
    layer: Any, inputs: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """Build the layer, record the call and return its symbolic outputs."""
    tensors, in_list = layer.flat_inputs(inputs)
    _refuse_texts(layer, tensors)
    options = call_options(layer, args, kwargs)
    if options["mask"] is not None:
        raise NotSupportedError(f"{layer.name}: mask=… is not supported; masks pass from layer to "
                                "layer by themselves")  # fmt: skip
    states = states_in(options["initial_state"])
    for tensor in (*tensors, *states):
        if not isinstance(tensor, KerasTensor):
            raise KerasTypeError(
                f"{layer.name} was called on symbolic tensors and {type(tensor).__name__}: all "
                "inputs have to be symbolic tensors"
            )
    training = options["training"]
    kept = {} if training in (None, IN_TRAINING) else {"training": bool(training)}
    kept |= {name: value for name in layer.call_options if (value := options[name])}
    node = Node(layer, [*tensors, *states], in_list=in_list, states=len(states), options=kept)
    shapes = [tensor.shape for tensor in node.inputs]
    layer.build_for(shapes)
    with as_value_errors():
        outputs = layer.nn_layer.output_shapes(shapes)
    dtype = layer.output_dtype([tensor.dtype for tensor in tensors])
    layer.inbound_nodes.append(node)
    node.outputs = [KerasTensor(tuple(each), dtype, node, i) for i, each in enumerate(outputs)]
    return layer.packed_outputs(node.outputs)


def _takes_texts(layer: Any, place: int) -> bool:
    """Whether an input of a layer or model is texts."""
    if layer.built and hasattr(layer, "input_names"):
        return place < len(layer.inputs) and layer.inputs[place].dtype == "string"
    first = next(iter(getattr(layer, "layers", ())), layer)
    return getattr(first, "input_dtype", None) == "string"


def _refuse_texts(layer: Any, tensors: Sequence[Any]) -> None:
    """Raise KerasError where a layer of numbers is called on an input of texts."""
    takes_texts = getattr(layer, "input_dtype", None) == "string" or hasattr(layer, "input_names")
    for tensor in tensors:
        if getattr(tensor, "dtype", None) == "string" and not takes_texts:
            raise KerasError(
                f"{layer.name} takes numbers, and its input has dtype string: put a "
                "TextVectorization layer between them"
            )


def call_eagerly(layer: Any, inputs: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Compute the outputs for arrays, as at inference unless `training=True`."""
    arrays, _ = layer.flat_inputs(inputs)
    options = call_options(layer, args, kwargs)
    states, given = states_in(options["initial_state"]), options["mask"]
    if states and given is not None:
        raise NotSupportedError(
            f"{layer.name}: mask=… together with initial_state is not supported"
        )
    arrays += states
    masks = [getattr(array, "_keras_mask", None) for array in arrays]
    if given is not None:
        masks[: len(arrays)] = given if isinstance(given, list | tuple) else [given]
    arrays = [_as_array(layer, array, i) for i, array in enumerate(arrays)]
    layer.build_for([(None, *array.shape[1:]) for array in arrays])
    rng = next_generator() if options["training"] else None
    with as_value_errors():
        layer.nn_layer.output_shapes([(None, *array.shape[1:]) for array in arrays])
        call = layer.nn_layer.call(arrays, masks, Context(rng, slice(0, len(arrays[0])), False))
    return layer.packed_outputs(
        [eager_tensor(y, mask) for y, mask in zip(call.outputs, call.masks, strict=True)]
    )


def call_options(layer: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The further arguments of a call."""
    options: dict[str, Any] = {"mask": None, "training": None, "initial_state": None}
    options |= dict.fromkeys(layer.call_options)
    for name, value in kwargs.items():
        if name not in options:
            raise KerasTypeError(f"{layer.name}: a call has no argument {name!r}")
        options[name] = value
    if args:
        raise KerasTypeError(f"{layer.name} takes one argument without a name: its inputs")
    return options


def states_in(states: Any) -> list[Any]:
    """The initial states as a flat list; those of stacked cells are in lists."""
    return [] if states is None else flatten(states)


def _as_array(layer: Any, value: Any, place: int) -> AnyArray:
    """An array of float32, of the integers that it holds, or of texts."""
    if _takes_texts(layer, place):
        return np.atleast_1d(
            as_tensor(value, STRING, f"the input of {layer.name}").view(np.ndarray)
        )
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise KerasError(
            f"{layer.name}: the input has dtype {array.dtype}, expected numbers of one shape"
        )
    return array.astype(np.int32 if array.dtype.kind in "iu" else np.float32, copy=False)
