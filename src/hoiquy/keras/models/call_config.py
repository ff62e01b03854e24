"""Calls of layers in the configurations of models: their inputs and further arguments."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.models.serialized_calls import serialized_arguments
from hoiquy.keras.models.stored_code import repeat_code
from hoiquy.keras.tensors import KerasTensor, Node

_ROLES = ("query", "value", "key")  # of separate inputs, by name
# Keras writes the default training=False of other layers, which means nothing.
_WITHOUT_DEFAULT = ("BatchNormalization", "Functional", "Model", "Sequential")


class _Place(NamedTuple):
    """An output of a call of a layer."""

    layer: str
    number: int
    output: int


def first_call(layer: Layer) -> int:
    """The number of a layer's first call; Keras counts those of functional models from 1."""
    is_model = hasattr(layer, "layers")
    return 1 if is_model and type(layer).__name__ != "Sequential" else 0


def serialized_call(node: Node, place: Callable[[KerasTensor], list[Any]]) -> dict[str, Any]:
    """A call as Keras 3 writes it; place(tensor) → its layer, number of the call and output."""
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {
                "shape": list(tensor.shape),
                "dtype": tensor.dtype,
                "keras_history": place(tensor),
            },
        }
        for tensor in node.inputs
    ]
    if node.arguments is not None:
        return serialized_arguments(node, tensors)
    given = tensors[: len(tensors) - node.states]
    kwargs: dict[str, Any] = dict(node.options)
    if node.states:
        kwargs["initial_state"] = node.layer.packed_states(tensors[len(given) :])
    if node.layer.takes_separate_inputs:
        return {"args": given, "kwargs": kwargs}
    return {"args": [given if node.in_list else given[0]], "kwargs": kwargs}


def first_calls(layers: Mapping[str, Layer], config: Mapping[str, Any]) -> dict[str, int]:
    """The number of the first call of each layer in a configuration.

    Keras 2 counts those of a Sequential from 1, too; all calls in a model have a number there.
    """
    of_calls = [
        _inputs(layers[entry["name"]], call)
        for entry in config["layers"]
        for call in entry["inbound_nodes"]
    ]
    found: dict[str, int] = {}
    for place in _places([*of_calls, _of_keras_2(config["output_layers"])]):
        found[place.layer] = min(place.number, found.get(place.layer, place.number))
    return {
        name: found.get(name, 0) if hasattr(layer, "layers") else 0
        for name, layer in layers.items()
    }


def repeat_call(
    layer: Layer, call: Any, outputs: dict[tuple[str, int], list[Any]], first: int
) -> bool:
    """Call a layer as a configuration says, of Keras 2 or 3, if its inputs are there.

    Args:
        layer: The layer.
        call: An entry of "inbound_nodes".
        outputs: By layer and number of the call; those of this call are added.
        first: The number of the layer's first call.

    Raises:
        KerasError: The entry is malformed.
    """
    if layer.runs_script_code or layer.is_operation:
        return repeat_code(layer, call, outputs)
    args, kwargs = _arguments(layer, call)
    needed = [*_places(args), *_places(kwargs)]
    if any((name, number) not in outputs for name, number, _ in needed):
        return False

    def tensors(value: Any) -> Any:
        if isinstance(value, _Place):
            return outputs[value.layer, value.number][value.output]
        if isinstance(value, list):
            return [tensors(each) for each in value]
        if isinstance(value, dict):
            return {key: tensors(each) for key, each in value.items()}
        return value

    layer(*map(tensors, args), **{key: tensors(value) for key, value in kwargs.items()})
    number = first
    while (layer.name, number) in outputs:
        number += 1
    outputs[layer.name, number] = layer.inbound_nodes[-1].outputs
    return True


def _inputs(layer: Any, call: Any) -> Any:
    """What holds the places of a call's tensors."""
    if layer.runs_script_code or layer.is_operation:
        return _of_keras_3(dict(call)) if isinstance(call, Mapping) else _of_keras_2(call)
    return _arguments(layer, call)


def _arguments(layer: Layer, call: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call by position and by name, with places for tensors."""
    if isinstance(call, Mapping):
        args = [_of_keras_3(each) for each in call.get("args") or []]
        kwargs = {key: _of_keras_3(each) for key, each in (call.get("kwargs") or {}).items()}
        if type(layer).__name__ not in _WITHOUT_DEFAULT and not kwargs.get("training"):
            kwargs.pop("training", None)
    else:
        places = [_of_keras_2(each) for each in call]
        given = [each[3] for each in call if len(each) > 3 and each[3]]
        kwargs = {key: _of_keras_2(each) for key, each in (given[0] if given else {}).items()}
        args = [places if len(places) > 1 else places[0]]
    if layer.takes_separate_inputs:
        args = args[0] if len(args) == 1 and isinstance(args[0], list) else args
        args += [kwargs.pop(role) for role in _ROLES[len(args) :] if kwargs.get(role) is not None]
    elif _has_states(layer) and isinstance(args[0], list):  # Keras 2 lists them after the input
        args, kwargs["initial_state"] = args[0][:1], args[0][1:]
    if len(args) != 1 and not layer.takes_separate_inputs:
        raise KerasError(f"{layer.name}: the configuration has {len(args)} arguments, expected one")
    return args, _kept(layer, kwargs)


def _has_states(layer: Layer) -> bool:
    return hasattr(layer, "reset_states") and not hasattr(layer, "layers")


def _kept(layer: Layer, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by name that count; masks follow from the layers."""
    known = ("training", "initial_state", *layer.call_options)
    for name, value in kwargs.items():
        if name not in (*known, "mask", *_ROLES) and value not in (None, False, [], {}):
            raise NotSupportedError(f"{layer.name}: the argument {name} of a call is not supported")
    return {name: kwargs[name] for name in known if kwargs.get(name) not in (None, [])}


def _of_keras_3(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            layer, number, output = value["config"]["keras_history"]
            return _Place(layer, number, output)
        return {key: _of_keras_3(each) for key, each in value.items()}
    return [_of_keras_3(each) for each in value] if isinstance(value, list) else value


def _of_keras_2(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _of_keras_2(each) for key, each in value.items()}
    if isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int):
            return _Place(*value[:3])
        return [_of_keras_2(each) for each in value]
    return value


def _places(value: Any) -> Iterator[_Place]:
    if isinstance(value, _Place):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _places(each)
    elif isinstance(value, dict):
        yield from _places(list(value.values()))
