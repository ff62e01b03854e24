"""Removes the operations by which Keras 3 saves masks from the configurations of models.

Keras writes the mask of an Embedding as `NotEqual(indices, 0)`, that of Masking with its value, and
what follows from them, such as `Any` after a concatenation, as further entries. Here masks follow
from the layers themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from hoiquy.keras.errors import KerasError, NotSupportedError

_OPERATIONS = "keras.src.ops"
_OF_MASKS = (
    "NotEqual", "Any", "ExpandDims", "ZerosLike", "OnesLike", "LogicalOr", "LogicalAnd",
    "Concatenate", "Reshape", "Cast", "BroadcastTo",
)  # fmt: skip


def without_mask_operations(config: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a configuration, and the models in it, without the operations of masks.

    Raises:
        NotSupportedError: There are other operations, or a mask that no layer gives.
        KerasError: The configuration is malformed.
    """
    settings = config.get("config")
    if not isinstance(settings, Mapping) or not isinstance(settings.get("layers"), list):
        return dict(config)
    entries = [without_mask_operations(_mapping(entry)) for entry in settings["layers"]]
    operations = {str(one.get("name")): one for one in entries if _is_operation(one)}
    layers = [one for one in entries if not _is_operation(one)]
    for name, operation in operations.items():
        _check(name, operation, layers)
    for layer in layers:
        for call in layer.get("inbound_nodes") or []:
            _refuse_as_input(layer, call, operations)
    return {**config, "config": {**settings, "layers": layers}}


def _is_operation(entry: Mapping[str, Any]) -> bool:
    """HDF5 files do not say the module, but layers have the setting `trainable`."""
    if entry.get("module") is None:
        settings = _mapping(entry.get("config", {}))
        return entry.get("class_name") in _OF_MASKS and "trainable" not in settings
    return str(entry["module"]).startswith(_OPERATIONS)


def _check(name: str, operation: Mapping[str, Any], layers: list[dict[str, Any]]) -> None:
    """Raise NotSupportedError unless an operation is part of the mask of a layer."""
    kind = operation.get("class_name")
    if kind not in _OF_MASKS:
        raise NotSupportedError(f"the operation {kind} ({name}) of keras.ops is not supported")
    if kind != "NotEqual":
        return
    for call in operation.get("inbound_nodes") or []:
        arguments = _mapping(call).get("args", [])
        if len(arguments) != 2 or not _is_mask(arguments[0], arguments[1], layers):
            raise NotSupportedError(
                f"{name}: masks are supported of Embedding with mask_zero=True and of Masking only"
            )


def _is_mask(tensor: Any, value: Any, layers: list[dict[str, Any]]) -> bool:
    """Whether a layer masks the steps of a tensor that have this value."""
    place = list(_places(tensor))
    for layer in layers:
        settings = _mapping(layer.get("config", {}))
        if layer.get("class_name") == "Embedding" and settings.get("mask_zero"):
            masked = 0
        elif layer.get("class_name") == "Masking":
            masked = settings.get("mask_value", 0.0)
        else:
            continue
        calls = [_mapping(call).get("args") for call in layer.get("inbound_nodes") or []]
        if value == masked and any(list(_places(inputs)) == place for inputs in calls):
            return True
    return False


def _refuse_as_input(
    layer: Mapping[str, Any], call: Any, operations: Mapping[str, Mapping[str, Any]]
) -> None:
    """Raise NotSupportedError where a layer computes with an operation, or always trains."""
    if not isinstance(call, Mapping):
        return
    name = layer.get("name")
    for place in _places(call.get("args", [])):
        if place[0] in operations:
            kind = operations[place[0]].get("class_name")
            raise NotSupportedError(f"{name}: its input is the operation {kind} of keras.ops")
    if _mapping(call.get("kwargs", {})).get("training") is True:
        raise NotSupportedError(f"{name} is called with training=True, which is not supported")


def _places(value: Any) -> Iterator[tuple[str, Any, Any]]:
    """[layer, node, tensor] of all tensors in a call of Keras 3."""
    if isinstance(value, Mapping):
        history = _mapping(value.get("config", {})).get("keras_history")
        if isinstance(history, list) and len(history) == 3:
            yield str(history[0]), history[1], history[2]
    elif isinstance(value, list):
        for one in value:
            yield from _places(one)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise KerasError(f"the configuration is malformed: {str(value)[:60]!r} is not an object")
    return dict(value)
