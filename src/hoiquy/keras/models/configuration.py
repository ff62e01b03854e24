"""Configurations of layers and models, as Keras 3 writes them, and models from them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from hoiquy.keras import layers as all_layers
from hoiquy.keras.custom_objects import custom_object
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.layers.dtype import dtype_policy
from hoiquy.keras.layers.input_layer import InputLayer
from hoiquy.keras.models.call_config import first_call, first_calls, repeat_call, serialized_call
from hoiquy.keras.models.model import Functional, Model
from hoiquy.keras.models.sequential import Sequential
from hoiquy.keras.models.serialized_calls import operation_of
from hoiquy.keras.models.stored_code import StoredOperation, serialized_code
from hoiquy.keras.structures import map_leaves
from hoiquy.keras.tensors import KerasTensor, Node

_MODELS: dict[Any, type[Model]] = {
    "Sequential": Sequential, "Functional": Functional, "Model": Functional,
}  # fmt: skip


def serialized_layer(layer: Layer) -> dict[str, Any]:
    """A layer or a model as an entry of a configuration."""
    kind = Functional if _joins_branches(layer) else type(layer)
    if layer.runs_script_code or layer.is_operation:
        return serialized_code(layer)
    is_model = isinstance(layer, Model)
    entry: dict[str, Any] = {
        "module": _module(layer),
        "class_name": kind.__name__,
        "config": layer.get_config(),
        "registered_name": None if not is_model or kind is Sequential else kind.__name__,
    }
    build_config = layer.build_config()
    if build_config is not None:
        entry["build_config"] = build_config
    return entry


def _module(layer: Layer) -> str:
    if isinstance(layer, Sequential) and not layer.joins_branches:
        return "keras"
    return "keras.src.models.functional" if isinstance(layer, Model) else "keras.layers"


def _joins_branches(layer: Layer) -> bool:
    return isinstance(layer, Sequential) and layer.joins_branches


def sequential_config(model: Sequential) -> dict[str, Any]:
    """The layers of a Sequential, its input first."""
    given = model.input_layer
    parts: list[Layer] = [*model.layers] if given is None else [given, *model.layers]
    config: dict[str, Any] = {
        "name": model.name,
        "trainable": model.trainable,
        "dtype": dtype_policy(),
        "layers": [serialized_layer(layer) for layer in parts],
    }
    if given is not None:
        config["build_input_shape"] = list(given.batch_shape)
    return config


def functional_config(model: Model) -> dict[str, Any]:
    """Layers and connections of a functional model."""
    network = model.network
    for tensor in network.inputs:
        if not isinstance(tensor.node.layer, InputLayer):
            raise NotSupportedError(
                f"{model.name} begins inside another model and has no configuration: its inputs "
                "have to be those of Input"
            )
    places = _places(network.nodes)
    entries = []
    for layer in network.layers:
        calls = [node for node in layer.inbound_nodes if id(node) in places and node.inputs]
        entry = serialized_layer(layer)
        entry["name"] = layer.name
        entry["inbound_nodes"] = [
            serialized_call(node, partial(_source, places=places)) for node in calls
        ]
        entries.append(entry)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": entries,
        "input_layers": map_leaves(lambda tensor: _source(tensor, places), model.input),
        "output_layers": map_leaves(lambda tensor: _source(tensor, places), model.output),
    }


def _places(nodes: Sequence[Node]) -> dict[int, int]:
    """The number of each node among those of its layer that belong to the model.

    Those of models are counted from 1, as in Keras.
    """
    known = {id(node) for node in nodes}
    places = {}
    for node in nodes:
        own = [each for each in node.layer.inbound_nodes if id(each) in known]
        places[id(node)] = first_call(node.layer) + own.index(node)
    return places


def _source(tensor: KerasTensor, places: Mapping[int, int]) -> list[Any]:
    return [tensor.node.layer.name, places[id(tensor.node)], tensor.index]


def layer_from_config(entry: Mapping[str, Any]) -> Any:
    """A layer or a model from an entry of a configuration. Raises KerasError."""
    name, config = entry.get("class_name"), dict(entry.get("config", {}))
    registered = entry.get("registered_name")
    own = custom_object(registered) or custom_object(name)
    if own is not None and hasattr(own, "from_config"):
        return own.from_config(config)
    if _is_stored_operation(entry, config):
        return StoredOperation.of(str(name), config)
    if name in _MODELS:
        return model_from_config(_MODELS[name], config)
    if name not in all_layers.__all__:
        remedy = "" if entry.get("module") else (
            f"; if it is a class of the script, give it in custom_objects={{{name!r}: {name}}}"
        )  # fmt: skip
        raise NotSupportedError(
            f"the configuration holds a layer {name!r}, which is not supported{remedy}"
        )
    return getattr(all_layers, str(name)).from_config(config)


def _is_stored_operation(entry: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """HDF5 files do not say the module, but layers have the setting `trainable`."""
    if entry.get("module") is not None:
        return str(entry["module"]).startswith("keras.src.ops")
    name = entry.get("class_name")
    if not all(isinstance(call, Mapping) for call in entry.get("inbound_nodes", ())):
        return False  # Keras 2 has layers alone
    is_layer = "trainable" in config or name in (*_MODELS, "InputLayer", "SpatialDropout1D")
    return not is_layer and "inbound_nodes" in entry and operation_of(name) is not None


def model_from_config(cls: type[Model], config: Mapping[str, Any]) -> Any:
    """A model from its configuration, without weights. Raises KerasError."""
    if issubclass(cls, Sequential) or "input_layers" not in config:
        return _sequential_from(config)
    return _functional_from(config)


def _sequential_from(config: Mapping[str, Any]) -> Sequential:
    layers = [layer_from_config(entry) for entry in config["layers"]]
    model = Sequential(layers, name=config.get("name"))
    shape = config.get("build_input_shape")
    if not model.built and shape:
        model.build(shape)
    return model


def _functional_from(config: Mapping[str, Any]) -> Model:
    layers = {entry["name"]: layer_from_config(entry) for entry in config["layers"]}
    for name, layer in layers.items():
        if layer.runs_script_code:
            layer._name = name
    pending = [
        (layers[entry["name"]], call)
        for entry in config["layers"]
        for call in entry["inbound_nodes"]
    ]
    outputs: dict[tuple[str, int], list[KerasTensor]] = {
        (layer.name, 0): layer.inbound_nodes[0].outputs
        for layer in layers.values()
        if isinstance(layer, InputLayer)
    }
    first = first_calls(layers, config)
    while pending:
        waiting = []
        for layer, call in pending:
            if not repeat_call(layer, call, outputs, first[layer.name]):
                waiting.append((layer, call))
        if len(waiting) == len(pending):
            raise KerasError("the configuration of the model has calls without inputs")
        pending = waiting

    def tensor(place: Sequence[Any]) -> KerasTensor:
        name, node, index = place
        found: KerasTensor = outputs[name, node][index]
        return found

    return Functional(
        inputs=_map_places(tensor, config["input_layers"]),
        outputs=_map_places(tensor, config["output_layers"]),
        name=config.get("name"),
        trainable=None if config.get("trainable", True) else False,  # True would unfreeze layers
    )


def _map_places(function: Callable[[Any], Any], structure: Any) -> Any:
    """The structure with function(place) for every [layer, node, tensor]."""
    if isinstance(structure, Mapping):
        return {key: _map_places(function, each) for key, each in structure.items()}
    if len(structure) == 3 and isinstance(structure[0], str):
        return function(structure)
    return [_map_places(function, each) for each in structure]
