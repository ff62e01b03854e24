"""Convert a Keras layer's config to a layer of a recipe."""

from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_settings import (
    POOLING,
    RECURRENT,
    TRAINING_ONLY,
    check_settings,
    ignored_layer_note,
    l2_factor,
    refuse_custom_class,
    unsupported,
)

SUPPORTED = (
    "Embedding", "Dropout", *RECURRENT, "Bidirectional", *POOLING, "Dense", *TRAINING_ONLY,
)  # fmt: skip
_DENSE_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "softmax")


def layer_table(layer: KerasLayer, source: str, notes: list[str]) -> dict[str, Any] | None:
    """Return the layer's table for a recipe; None if it has no effect in prediction.

    Ignored settings are added to `notes`. Raises InputError with layer, setting and value.
    """
    kind, config = layer.kind, layer.config
    if kind not in SUPPORTED:
        raise InputError(
            f"{source}: layer {layer.name} is of the class {kind}, which is not supported; "
            f"supported are {', '.join(SUPPORTED)}"
        )
    notes += check_settings(layer, source)
    if kind in TRAINING_ONLY:
        notes.append(ignored_layer_note(layer))
        return None
    if kind == "Bidirectional":
        return _bidirectional(layer, source, notes)
    if kind == "Embedding":
        return {
            "type": "embedding",
            "rows": _positive_int(layer, "input_dim", source),
            "units": _positive_int(layer, "output_dim", source),
            "mask_zero": config.get("mask_zero", False),
        }
    if kind == "Dropout":
        return {"type": "dropout", "rate": _rate(layer, "rate", source)}
    if kind in POOLING:
        return {"type": "pooling", "over_time": POOLING[kind]}
    if kind == "Dense":
        activation = config.get("activation")
        if activation not in _DENSE_ACTIVATIONS:
            allowed = ", ".join(_DENSE_ACTIVATIONS)
            raise unsupported(layer, "activation", activation, allowed, source)
        units = _positive_int(layer, "units", source)
        return {"type": "dense", "units": units, "activation": activation}
    return _recurrent(layer, source, backwards=False)


def _recurrent(layer: KerasLayer, source: str, *, backwards: bool) -> dict[str, Any]:
    config = layer.config
    if config.get("go_backwards", False) is not backwards:
        raise unsupported(layer, "go_backwards", config.get("go_backwards"), backwards, source)
    for key in ("return_sequences", "zero_output_for_mask"):
        if config.get(key, False) not in (True, False):
            raise unsupported(layer, key, config[key], "true and false", source)
    table = {
        "type": RECURRENT[layer.kind],
        "units": _positive_int(layer, "units", source),
        "return_sequences": config.get("return_sequences", False),
        "dropout": _rate(layer, "dropout", source),
        "kernel_l2": l2_factor(config.get("kernel_regularizer")) or 0.0,
        "recurrent_l2": l2_factor(config.get("recurrent_regularizer")) or 0.0,
    }
    if layer.kind == "SimpleRNN":
        table["activation"] = config.get("activation", "tanh")
    return table


def _bidirectional(layer: KerasLayer, source: str, notes: list[str]) -> dict[str, Any]:
    """Return the table of both directions, which must be equal."""
    tables = []
    for key, backwards in (("layer", False), ("backward_layer", True)):
        inner = layer.config.get(key)
        if inner is None and backwards:
            continue  # Keras copies the forward layer
        inner = inner if isinstance(inner, dict) else {}
        kind, config = inner.get("class_name"), inner.get("config")
        if not isinstance(kind, str) or kind not in RECURRENT or not isinstance(config, dict):
            raise InputError(
                f"{source}: layer {layer.name} (Bidirectional) holds a {kind}, expected "
                f"{', '.join(RECURRENT)}"
            )
        part = KerasLayer(kind, f"{layer.name}/{key}", config, layer.weights)
        refuse_custom_class(inner, part.name, source)
        notes += check_settings(part, source)
        tables.append(_recurrent(part, source, backwards=backwards))
    if tables[0] != tables[-1]:
        raise InputError(f"{source}: layer {layer.name}: its two directions differ")
    return tables[0] | {"bidirectional": True}


def _positive_int(layer: KerasLayer, key: str, source: str) -> int:
    value = layer.config.get(key)
    if type(value) is not int or value < 1:
        raise unsupported(layer, key, value, "integers from 1", source)
    return value


def _rate(layer: KerasLayer, key: str, source: str) -> float:
    value = layer.config.get(key, 0.0)
    if type(value) not in (int, float) or not 0 <= value < 1:
        raise unsupported(layer, key, value, "numbers from 0 to below 1", source)
    return float(value)
