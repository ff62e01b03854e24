"""A Keras layer's config as a table of a recipe; what a recipe cannot express is an error."""

from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_settings import (
    POOLING,
    RECURRENT,
    TRAINING_ONLY,
    check_settings,
    l2_factor,
    left_out,
    refuse_custom_class,
    unfit,
)

SUPPORTED = (
    "Embedding", "Dropout", *RECURRENT, "Bidirectional", *POOLING, "Dense", *TRAINING_ONLY,
)  # fmt: skip
_DENSE_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "softmax")


def layer_table(layer: KerasLayer, source: str, notes: list[str]) -> dict[str, Any] | None:
    """The table of one layer, for `Recipe`; None for a layer that only matters in training.

    What is not kept is added to `notes`. Raises InputError, naming layer, setting and value.
    """
    kind, config = layer.kind, layer.config
    if kind not in SUPPORTED:
        raise InputError(
            f"{source}: layer {layer.name} is of the class {kind}, which hoiquy does not have; it "
            f"reads {', '.join(SUPPORTED)}"
        )
    notes += check_settings(layer, source)
    if kind in TRAINING_ONLY:
        notes.append(left_out(layer))
        return None
    if kind == "Bidirectional":
        return _bidirectional(layer, source, notes)
    if kind == "Embedding":
        return {
            "type": "embedding",
            "rows": _whole(layer, "input_dim", source),
            "units": _whole(layer, "output_dim", source),
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
            raise unfit(layer, "activation", activation, allowed, source)
        units = _whole(layer, "units", source)
        return {"type": "dense", "units": units, "activation": activation}
    return _recurrent(layer, source, backwards=False)


def _recurrent(layer: KerasLayer, source: str, *, backwards: bool) -> dict[str, Any]:
    config = layer.config
    if config.get("go_backwards", False) is not backwards:
        raise unfit(layer, "go_backwards", config.get("go_backwards"), backwards, source)
    for key in ("return_sequences", "zero_output_for_mask"):
        if config.get(key, False) not in (True, False):
            raise unfit(layer, key, config[key], "true and false", source)
    table = {
        "type": RECURRENT[layer.kind],
        "units": _whole(layer, "units", source),
        "return_sequences": config.get("return_sequences", False),
        "dropout": _rate(layer, "dropout", source),
        "kernel_l2": l2_factor(config.get("kernel_regularizer")) or 0.0,
        "recurrent_l2": l2_factor(config.get("recurrent_regularizer")) or 0.0,
    }
    if layer.kind == "SimpleRNN":
        table["activation"] = config.get("activation", "tanh")
    return table


def _bidirectional(layer: KerasLayer, source: str, notes: list[str]) -> dict[str, Any]:
    """The table of both directions, which must be alike."""
    tables = []
    for key, backwards in (("layer", False), ("backward_layer", True)):
        inner = layer.config.get(key)
        if inner is None and backwards:
            continue  # Keras made it of the forward one
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
        raise InputError(f"{source}: layer {layer.name}: its two directions are not alike")
    return tables[0] | {"bidirectional": True}


def _whole(layer: KerasLayer, key: str, source: str) -> int:
    value = layer.config.get(key)
    if type(value) is not int or value < 1:
        raise unfit(layer, key, value, "whole numbers from 1", source)
    return value


def _rate(layer: KerasLayer, key: str, source: str) -> float:
    value = layer.config.get(key, 0.0)
    if type(value) not in (int, float) or not 0 <= value < 1:
        raise unfit(layer, key, value, "numbers from 0 to below 1", source)
    return float(value)
