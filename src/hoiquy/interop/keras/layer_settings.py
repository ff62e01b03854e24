"""The settings of imported Keras layers: required, ignored with a note, or unrestricted.

The tables list the config keys of Keras 3 and of Keras 2's `.keras` files. Any other key is an
error, because its effect is unknown.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer


@dataclass(frozen=True)
class Only:
    """The setting must have one of these values."""

    values: tuple[Any, ...]

    def __contains__(self, value: Any) -> bool:
        # 1 == True in Python, but they are different settings
        return any(value == one and type(value) is type(one) for one in self.values)


@dataclass(frozen=True)
class Ignored:
    """The setting matters only in training; a note reports any other value than the default."""

    default: Any


ANY = None  # used by `layer_tables`, or without effect on a trained layer

RECURRENT = {"SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru"}
POOLING = {"GlobalMaxPooling1D": "max", "GlobalAveragePooling1D": "mean"}
# Layers without effect in prediction and without a counterpart in a recipe.
TRAINING_ONLY = (
    "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "ActivityRegularization",
)  # fmt: skip

Rules = dict[str, Only | Ignored | None]
_COMMON: Rules = {"name": ANY, "trainable": Ignored(True), "dtype": ANY, "batch_input_shape": ANY}
_RECURRENT: Rules = _COMMON | {
    "units": ANY, "return_sequences": ANY, "dropout": ANY, "go_backwards": ANY,
    "kernel_regularizer": ANY, "recurrent_regularizer": ANY, "zero_output_for_mask": ANY,
    "return_state": Only((False,)), "time_major": Only((False,)), "use_bias": Only((True,)),
    "stateful": Ignored(False), "recurrent_dropout": Ignored(0), "bias_regularizer": Ignored(None),
    "activity_regularizer": Ignored(None), "kernel_constraint": Ignored(None),
    "recurrent_constraint": Ignored(None), "bias_constraint": Ignored(None),
    "unroll": ANY, "implementation": ANY, "seed": ANY, "kernel_initializer": ANY,
    "recurrent_initializer": ANY, "bias_initializer": ANY,
}  # fmt: skip
_GATED: Rules = _RECURRENT | {
    "activation": Only(("tanh",)),
    "recurrent_activation": Only(("sigmoid",)),
}
_NOISE: Rules = _COMMON | {
    "rate": ANY, "stddev": ANY, "l1": ANY, "l2": ANY, "seed": ANY, "noise_shape": ANY,
}  # fmt: skip
_POOLING: Rules = _COMMON | {
    "keepdims": Only((False,)), "data_format": Only(("channels_last",)),
}  # fmt: skip
RULES: dict[str, Rules] = {
    "Embedding": _COMMON | {
        "input_dim": ANY, "output_dim": ANY, "mask_zero": Only((False, True)),
        "input_length": ANY, "embeddings_initializer": ANY, "seed": ANY,
        "sparse": Only((False,)), "embeddings_regularizer": Ignored(None),
        "activity_regularizer": Ignored(None), "embeddings_constraint": Ignored(None),
        "quantization_config": Only((None,)), "lora_rank": Only((None,)),
        "lora_alpha": ANY,
    },
    "Dropout": _COMMON | {"rate": ANY, "seed": ANY, "noise_shape": Ignored(None)},
    "SimpleRNN": _RECURRENT | {"activation": Only(("tanh", "relu"))},
    "LSTM": _GATED | {"unit_forget_bias": ANY},
    "GRU": _GATED | {"reset_after": Only((True,))},
    "Bidirectional": _COMMON | {
        "merge_mode": Only(("concat",)), "layer": ANY, "backward_layer": ANY,
    },
    "Dense": _COMMON | {
        "units": ANY, "activation": ANY, "use_bias": Only((True,)), "kernel_initializer": ANY,
        "bias_initializer": ANY, "kernel_regularizer": Ignored(None),
        "bias_regularizer": Ignored(None), "activity_regularizer": Ignored(None),
        "kernel_constraint": Ignored(None), "bias_constraint": Ignored(None),
        "quantization_config": Only((None,)), "lora_rank": Only((None,)),
        "lora_alpha": ANY,
    },
    "InputLayer": {
        "name": ANY, "batch_shape": ANY, "batch_input_shape": ANY,
        # float32 holds indices up to 2**24 exactly, more than a file has rows
        "dtype": Only(("float32", "float64", "int32", "int64", "uint32", "uint64")),
        "sparse": Only((False,)), "ragged": Only((False,)), "optional": Only((False,)),
    },
    **dict.fromkeys(POOLING, _POOLING),
    **dict.fromkeys(TRAINING_ONLY, _NOISE),
}  # fmt: skip


def check_by_rules(layer: KerasLayer, rules: Rules, source: str) -> list[str]:
    """Check every setting of a layer; return the ignored ones as "key = value".

    Raises InputError with layer, setting and value.
    """
    ignored = []
    for key, value in layer.config.items():
        if key not in rules:
            raise InputError(
                f"{source}: layer {layer.name} ({layer.kind}) has {key} = {shown(value)}, a "
                f"setting that hoiquy does not know: save the model without it"
            )
        rule = rules[key]
        if isinstance(rule, Only) and value not in rule:
            raise unsupported(layer, key, value, " or ".join(map(str, rule.values)), source)
        if isinstance(rule, Ignored) and value != rule.default:
            ignored.append(f"{key} = {shown(value)}")
    return ignored


def check_settings(layer: KerasLayer, source: str) -> list[str]:
    """Check every setting of a layer whose class is in RULES; return at most one note.

    Raises InputError with layer, setting and value.
    """
    ignored = check_by_rules(layer, RULES[layer.kind], source)
    if layer.kind != "InputLayer":
        _check_dtype(layer, source)
    for key in ("kernel_regularizer", "recurrent_regularizer"):
        if layer.kind in RECURRENT and l2_factor(layer.config.get(key)) is None:
            ignored.append(f"{key} = {shown(layer.config[key])}")
    return [_note(layer, ignored)] if ignored else []


def is_keras_own(node: dict[str, Any], kind: str) -> bool:
    """Return whether a serialized object is Keras' class `kind`, not a custom class."""
    from_keras = str(node.get("module", "keras")).split(".")[0] in ("keras", "tf_keras")
    return from_keras and node.get("registered_name") in (None, kind)


def refuse_custom_class(node: dict[str, Any], name: str, source: str) -> None:
    """Raise InputError for a custom layer with the name of one of Keras' classes."""
    kind, registered = node["class_name"], node.get("registered_name")
    if not is_keras_own(node, kind):
        raise InputError(
            f"{source}: layer {name} is a {registered or kind}, a class that is not Keras' own: "
            f"what it computes is unknown"
        )


def ignored_layer_note(layer: KerasLayer) -> str:
    """Return the note on a layer of TRAINING_ONLY."""
    return (
        f"layer {layer.name} ({layer.kind}) was not imported: it has no effect on predictions, but "
        f"further training in hoiquy is without it"
    )


def l2_factor(regularizer: Any) -> float | None:
    """Return the factor of an L2 regularizer, 0 without one, None for any other kind."""
    if regularizer is None:
        return 0.0
    settings = regularizer.get("config") if isinstance(regularizer, dict) else None
    if not isinstance(settings, dict) or regularizer.get("class_name") not in ("L2", "L1L2"):
        return None
    factor = settings.get("l2")
    known = settings.keys() <= {"l1", "l2"} and settings.get("l1", 0) == 0
    if not known or not isinstance(factor, int | float) or not 0 <= factor < math.inf:
        return None
    return float(factor)


def unsupported(layer: KerasLayer, key: str, value: Any, only: Any, source: str) -> InputError:
    """Return the error for an unsupported value of a setting."""
    return InputError(
        f"{source}: layer {layer.name} ({layer.kind}) has {key} = {shown(value)}; hoiquy only has "
        f"{only}"
    )


def shown(value: Any) -> str:
    """Return a value as one short line; of a serialized object the class."""
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        value = value["class_name"]
    text = " ".join(str(value).split())
    return text if len(text) < 80 else text[:80] + "…"


def _check_dtype(layer: KerasLayer, source: str) -> None:
    policy = layer.config.get("dtype", "float32")
    if isinstance(policy, dict):
        settings = policy.get("config")
        policy = settings.get("name") if isinstance(settings, dict) else policy
    if policy != "float32":
        raise unsupported(layer, "dtype", policy, "float32", source)


def _note(layer: KerasLayer, settings: Iterable[str]) -> str:
    return (
        f"layer {layer.name} ({layer.kind}): {', '.join(settings)} was not imported: it has no "
        f"effect on predictions, but further training in hoiquy is without it"
    )
