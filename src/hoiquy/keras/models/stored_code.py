"""Layers of a script and operations in configurations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hoiquy.keras.custom_objects import get_registered_name
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.models.serialized_calls import operation_of, read_arguments, split_settings
from hoiquy.keras.structures import flatten
from hoiquy.keras.tensors import KerasTensor


def serialized_code(layer: Any) -> dict[str, Any]:
    """The entry of a layer of the script, or of an operation."""
    kind = type(layer).__name__
    if layer.is_operation:
        return {
            "module": f"keras.src.ops.{layer.operation.module}",
            "class_name": kind,
            "config": {"name": layer.name, **split_settings(layer)[1]},
            "registered_name": kind,
        }
    if type(layer).__module__.startswith("hoiquy."):
        entry = {"module": "keras.layers", "class_name": kind, "config": layer.get_config()}
        return {**entry, "registered_name": None}
    entry = {"module": None, "class_name": kind, "config": layer.get_config()}
    entry["registered_name"] = get_registered_name(type(layer))
    build_config = layer.build_config()
    return entry if build_config is None else {**entry, "build_config": build_config}


@dataclass
class StoredOperation:
    """An operation of a configuration, before it is called."""

    name: str
    operation: Any
    settings: dict[str, Any]
    runs_script_code: bool = False
    is_operation: bool = True

    @classmethod
    def of(cls, kind: str, config: dict[str, Any]) -> "StoredOperation":
        """The operation of Keras' class name. Raises NotSupportedError."""
        operation = operation_of(kind)
        if operation is None:
            raise NotSupportedError(f"the operation {kind} of keras.ops is not supported")
        settings = {name: value for name, value in config.items() if name in operation.settings}
        return cls(str(config.get("name", kind)), operation, settings)

    def repeat(self, args: Any, kwargs: Any) -> list[KerasTensor]:
        """Call it; returns its outputs."""
        args = [_as_key(item) for item in args] if self.operation.name == "GetItem" else args
        found = self.operation(*args, **kwargs, **self.settings)
        outputs: list[KerasTensor] = flatten(found)
        outputs[0].node.layer._name = self.name
        return outputs


def _as_key(item: Any) -> Any:
    return tuple(item) if isinstance(item, list) else item


def repeat_code(layer: Any, call: Any, outputs: dict[tuple[str, int], list[Any]]) -> bool:
    """Call code as a configuration says, if its inputs are there."""
    if not isinstance(call, Mapping):  # of Keras 2: the places of the inputs
        places = [{"class_name": "__keras_tensor__", "config": {"keras_history": place[:3]}}
                  for place in call]  # fmt: skip
        call = {"args": [places if len(places) > 1 else places[0]], "kwargs": {}}
    missing: list[Any] = []

    def tensor(place: Any) -> Any:
        name, node, index = place
        if (name, node) not in outputs:
            missing.append(place)
            return None
        return outputs[name, node][index]

    args = read_arguments(call.get("args", []), tensor)
    kwargs = {
        name: read_arguments(item, tensor)
        for name, item in call.get("kwargs", {}).items()
        if item is not None and not name.endswith("mask")
    }
    if missing:
        return False
    number = 0
    while (layer.name, number) in outputs:
        number += 1
    outputs[layer.name, number] = layer.repeat(args, kwargs)
    return True
