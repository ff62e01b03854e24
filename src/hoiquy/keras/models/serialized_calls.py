"""The arguments of calls in configurations, as Keras 3 writes them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.late import late
from hoiquy.keras.layers.call_arguments import Slot
from hoiquy.keras.tensors import Node

_SLICE = "__slice__"


def serialized_arguments(node: Node, tensors: list[Any]) -> dict[str, Any]:
    """The arguments of a call of code or of an operation.

    Args:
        node: The call.
        tensors: The entries of its tensors.

    Raises NotSupportedError for an argument that JSON cannot hold.
    """
    layer = node.layer
    args, kwargs = node.arguments
    if layer.is_operation:
        args, kwargs = split_settings(layer)[0], {}
    return {
        "args": [_serialized(item, tensors, layer.name) for item in args],
        "kwargs": {name: _serialized(item, tensors, layer.name) for name, item in kwargs.items()},
    }


def split_settings(layer: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of an operation that its call takes, and those of its class in Keras."""
    operation = layer.operation
    bound = operation.signature.bind(*layer.written.args, **layer.written.kwargs)
    bound.apply_defaults()
    settings = {
        name: _plain_setting(value)
        for name, value in bound.arguments.items()
        if name in operation.settings
    }
    called = [value for name, value in bound.arguments.items() if name not in settings]
    return called, settings


def _plain_setting(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain_setting(part) for part in value]
    if isinstance(value, np.generic):
        return value.item()
    return getattr(value, "name", value)


def _serialized(item: Any, tensors: list[Any], owner: str) -> Any:
    if isinstance(item, Slot):
        return tensors[item.index]
    if isinstance(item, list | tuple):
        return [_serialized(part, tensors, owner) for part in item]
    if isinstance(item, dict):
        return {key: _serialized(part, tensors, owner) for key, part in item.items()}
    if isinstance(item, slice):
        bounds = {name: getattr(item, name) for name in ("start", "stop", "step")}
        return {"class_name": _SLICE, "config": bounds}
    if isinstance(item, np.ndarray):
        plain = np.asarray(item)
        return {
            "class_name": "__numpy__",
            "config": {"value": plain.tolist(), "dtype": str(plain.dtype)},
        }
    if isinstance(item, np.generic):
        return item.item()
    if item is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if item is None or isinstance(item, bool | int | float | str):
        return item
    raise NotSupportedError(
        f"{owner} was called with {type(item).__name__}, which files cannot hold"
    )


def read_arguments(entry: Any, tensor: Callable[[Any], Any]) -> Any:
    """The arguments of an entry; `tensor` finds the tensor of [layer, node, index]."""
    if isinstance(entry, list):
        return [read_arguments(part, tensor) for part in entry]
    if not isinstance(entry, Mapping):
        return entry
    config = entry.get("config")
    if entry.get("class_name") == "__keras_tensor__" and isinstance(config, Mapping):
        return tensor(config["keras_history"])
    if entry.get("class_name") == _SLICE and isinstance(config, Mapping):
        return slice(config.get("start"), config.get("stop"), config.get("step"))
    if entry.get("class_name") == "__numpy__" and isinstance(config, Mapping):
        return np.asarray(config["value"], config.get("dtype"))
    if entry.get("class_name") == "__ellipsis__":
        return Ellipsis
    return {key: read_arguments(part, tensor) for key, part in entry.items()}


def operation_of(class_name: Any) -> Any:
    """The operation of Keras' class name; None if there is none."""
    ops = late("ops")
    for name in ops.__all__:
        found = getattr(ops, name)
        if getattr(found, "name", None) == class_name and hasattr(found, "by_row"):
            return found
    return None
