"""A Keras layer's config as a table of a recipe; what a recipe cannot say is an error."""

from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras_line import KerasLayer

_TYPES = {"SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru"}
SUPPORTED = (
    "Embedding", "Dropout", *_TYPES, "Bidirectional", "GlobalMaxPooling1D",
    "GlobalAveragePooling1D", "Dense",
)  # fmt: skip
# What each setting must be where a config has it: Keras' defaults, and all that hoiquy computes.
_ONLY: dict[str, Any] = {
    "activity_regularizer": None, "bias_regularizer": None, "embeddings_regularizer": None,
    "kernel_constraint": None, "recurrent_constraint": None, "bias_constraint": None,
    "embeddings_constraint": None, "quantization_config": None, "lora_rank": None,
    "noise_shape": None, "use_bias": True, "return_state": False, "stateful": False,
    "recurrent_dropout": 0, "recurrent_activation": "sigmoid", "reset_after": True,
    "merge_mode": "concat", "keepdims": False, "data_format": "channels_last",
}  # fmt: skip


def layer_table(layer: KerasLayer, source: str) -> dict[str, Any]:
    """The table of one layer, for `Recipe`. Raises InputError, naming layer, setting and value."""
    kind, config = layer.kind, layer.config
    if kind not in SUPPORTED:
        raise InputError(
            f"{source}: layer {layer.name} is a {kind}, which hoiquy does not have; it reads "
            f"{', '.join(SUPPORTED)}"
        )
    _check(layer, config, source)
    if kind == "Bidirectional":
        return _bidirectional(layer, source)
    if kind == "Embedding":
        return {
            "type": "embedding",
            "rows": _whole(layer, config, "input_dim", source),
            "units": _whole(layer, config, "output_dim", source),
            "mask_zero": config.get("mask_zero", False),
        }
    if kind == "Dropout":
        return {"type": "dropout", "rate": config.get("rate")}
    if kind.startswith("Global"):
        return {"type": "pooling", "over_time": "max" if "Max" in kind else "mean"}
    if kind == "Dense":
        _check_setting(layer, config, "kernel_regularizer", None, source)
        units = _whole(layer, config, "units", source)
        return {"type": "dense", "units": units, "activation": config.get("activation")}
    return _recurrent(layer, config, source, backwards=False)


def _recurrent(
    layer: KerasLayer, config: dict[str, Any], source: str, *, backwards: bool
) -> dict[str, Any]:
    _check_setting(layer, config, "go_backwards", backwards, source)
    table = {
        "type": _TYPES[layer.kind],
        "units": _whole(layer, config, "units", source),
        "return_sequences": config.get("return_sequences", False),
        "dropout": config.get("dropout", 0.0),
        "kernel_l2": _l2(layer, config, "kernel_regularizer", source),
        "recurrent_l2": _l2(layer, config, "recurrent_regularizer", source),
    }
    if layer.kind == "SimpleRNN":
        table["activation"] = config.get("activation", "tanh")
    else:
        _check_setting(layer, config, "activation", "tanh", source)
    return table


def _bidirectional(layer: KerasLayer, source: str) -> dict[str, Any]:
    """The table of both directions, which must be alike."""
    tables = []
    for key, backwards in (("layer", False), ("backward_layer", True)):
        inner = layer.config.get(key)
        if inner is None and backwards:
            continue  # Keras made it of the forward one
        kind = inner.get("class_name") if isinstance(inner, dict) else None
        config = inner.get("config") if isinstance(inner, dict) else None
        if kind not in _TYPES or not isinstance(config, dict):
            raise InputError(
                f"{source}: layer {layer.name} (Bidirectional) holds a {kind}, expected "
                f"{', '.join(_TYPES)}"
            )
        part = KerasLayer(kind, layer.name, config, layer.weights)
        _check(part, config, source)
        tables.append(_recurrent(part, config, source, backwards=backwards))
    if tables[0] != tables[-1]:
        raise InputError(f"{source}: layer {layer.name}: its two directions are not alike")
    return tables[0] | {"bidirectional": True}


def _check(layer: KerasLayer, config: dict[str, Any], source: str) -> None:
    for key, only in _ONLY.items():
        _check_setting(layer, config, key, only, source)
    policy = config.get("dtype", "float32")
    if isinstance(policy, dict):
        policy = policy.get("config")
        policy = policy.get("name") if isinstance(policy, dict) else None
    if policy != "float32":
        raise _unfit(layer, "dtype", policy, "float32", source)


def _check_setting(
    layer: KerasLayer, config: dict[str, Any], key: str, only: Any, source: str
) -> None:
    value = config.get(key, only)
    if value != only:
        raise _unfit(layer, key, value, only, source)


def _whole(layer: KerasLayer, config: dict[str, Any], key: str, source: str) -> int:
    value = config.get(key)
    if type(value) is not int or value < 1:
        raise _unfit(layer, key, value, "whole numbers from 1", source)
    return value


def _l2(layer: KerasLayer, config: dict[str, Any], key: str, source: str) -> Any:
    """The l2 factor of a regulariser; 0 without one."""
    regulariser = config.get(key)
    if regulariser is None:
        return 0.0
    settings = regulariser.get("config") if isinstance(regulariser, dict) else None
    if not isinstance(settings, dict) or settings.get("l1", 0) != 0 or "l2" not in settings:
        raise _unfit(layer, key, regulariser, "L2, or none", source)
    return settings["l2"]


def _unfit(layer: KerasLayer, key: str, value: Any, only: Any, source: str) -> InputError:
    shown = str(value)
    return InputError(
        f"{source}: layer {layer.name} ({layer.kind}) has {key} = "
        f"{shown if len(shown) < 80 else shown[:80] + '…'}; hoiquy only has {only}"
    )
