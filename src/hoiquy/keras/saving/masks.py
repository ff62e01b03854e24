"""The operations by which Keras 3 saves masks in the configurations of models.

Keras writes the mask of an Embedding as `NotEqual(indices, 0)`, that of Masking with its value, and
what follows from them, such as `Any` after a concatenation, as further entries. Here masks follow
from the layers themselves: the entries are left out when a model is read. Keras then computes masks
anew when it reads a model of ours, and gives names to their operations, for which room is made.
"""

import re
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
        NotSupportedError: There is a mask that no layer gives.
        KerasError: The configuration is malformed.
    """
    settings = config.get("config")
    if not isinstance(settings, Mapping) or not isinstance(settings.get("layers"), list):
        return dict(config)
    entries = [without_mask_operations(_mapping(entry)) for entry in settings["layers"]]
    operations = {str(one.get("name")): one for one in entries if _is_operation(one)}
    computing = _computing(entries, operations, settings.get("output_layers"))
    kept = [one for one in entries if not _is_operation(one) or one.get("name") in computing]
    for name, operation in operations.items():
        if name not in computing:
            _check(name, operation, kept)
    return {**config, "config": {**settings, "layers": kept}}


def _computing(
    entries: list[dict[str, Any]], operations: Mapping[str, Mapping[str, Any]], outputs: Any
) -> set[str]:
    """The operations that layers compute with, or that give outputs; the others give masks."""
    pending = [one for one in entries if str(one.get("name")) not in operations]
    found = {name for name in _names_in(outputs) if name in operations}
    pending += [dict(operations[name]) for name in found]
    while pending:
        for call in pending.pop().get("inbound_nodes") or []:
            arguments = call.get("args", []) if isinstance(call, Mapping) else []
            for place in _places(arguments):
                if place[0] in operations and place[0] not in found:
                    found.add(place[0])
                    pending.append(dict(operations[place[0]]))
    return found


def _names_in(structure: Any) -> Iterator[str]:
    """The names of layers in a structure of [layer, node, tensor]."""
    if isinstance(structure, Mapping):
        structure = list(structure.values())
    if isinstance(structure, list):
        if len(structure) == 3 and isinstance(structure[0], str):
            yield structure[0]
            return
        for one in structure:
            yield from _names_in(one)


def with_room_for_masks(config: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a configuration, and the models in it, with names left for Keras' masks.

    The operation that concatenates masks gets the next automatic name of a Concatenate layer. Keras
    refuses a model in which a layer has this name already; so layers without a use, which Keras
    drops, take the names up to the highest number.
    """
    settings = config.get("config")
    if not isinstance(settings, Mapping) or not isinstance(settings.get("layers"), list):
        return dict(config)
    entries = [with_room_for_masks(entry) for entry in settings["layers"]]
    numbers = [_number(one["config"].get("name", "")) for one in entries]
    highest = max(numbers, default=0)
    if highest and "input_layers" in settings and any(map(_gives_masks, entries)):
        for i in range(highest):
            unused = {"module": "keras.layers", "class_name": "Concatenate", "config": {}}
            entries.append({**unused, "name": f"unused_{i}", "inbound_nodes": []})
    return {**config, "config": {**settings, "layers": entries}}


def _number(name: str) -> int:
    """1 for "concatenate", 2 for "concatenate_1" and so on; 0 for other names."""
    found = re.fullmatch(r"concatenate(?:_(\d{1,3}))?", name)
    return 0 if found is None else int(found[1] or 0) + 1


def _gives_masks(entry: Mapping[str, Any]) -> bool:
    if isinstance(entry["config"].get("layers"), list):
        return any(map(_gives_masks, entry["config"]["layers"]))
    return entry["class_name"] == "Masking" or bool(entry["config"].get("mask_zero"))


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
