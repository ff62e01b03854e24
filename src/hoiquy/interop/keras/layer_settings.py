"""Every setting of the Keras layers that are imported: allowed, noted or refused.

A table names each key of a layer's config, in Keras 3 and in the `.keras` files of Keras 2. A key
that no table names is refused whatever its value: hoiquy cannot know what it changes.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer


@dataclass(frozen=True)
class Only:
    """A setting that must have one of these values."""

    values: tuple[Any, ...]

    def __contains__(self, value: Any) -> bool:
        # 1 and True are equal in Python, but different settings
        return any(value == one and type(value) is type(one) for one in self.values)


@dataclass(frozen=True)
class Noted:
    """A setting that matters in training only: another value than this one becomes a note."""

    default: Any


READ = None  # read by `keras_tables`, or without any effect on a trained layer

RECURRENT = {"SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru"}
POOLING = {"GlobalMaxPooling1D": "max", "GlobalAveragePooling1D": "mean"}
# Layers that change nothing in prediction, and have no counterpart in a recipe.
TRAINING_ONLY = (
    "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "ActivityRegularization",
)  # fmt: skip

Rules = dict[str, Only | Noted | None]
_COMMON: Rules = {"name": READ, "trainable": Noted(True), "dtype": READ, "batch_input_shape": READ}
_RECURRENT: Rules = _COMMON | {
    "units": READ, "return_sequences": READ, "dropout": READ, "go_backwards": READ,
    "kernel_regularizer": READ, "recurrent_regularizer": READ, "zero_output_for_mask": READ,
    "return_state": Only((False,)), "time_major": Only((False,)), "use_bias": Only((True,)),
    "stateful": Noted(False), "recurrent_dropout": Noted(0), "bias_regularizer": Noted(None),
    "activity_regularizer": Noted(None), "kernel_constraint": Noted(None),
    "recurrent_constraint": Noted(None), "bias_constraint": Noted(None),
    "unroll": READ, "implementation": READ, "seed": READ, "kernel_initializer": READ,
    "recurrent_initializer": READ, "bias_initializer": READ,
}  # fmt: skip
_GATED: Rules = _RECURRENT | {
    "activation": Only(("tanh",)),
    "recurrent_activation": Only(("sigmoid",)),
}
_NOISE: Rules = _COMMON | {
    "rate": READ, "stddev": READ, "l1": READ, "l2": READ, "seed": READ, "noise_shape": READ,
}  # fmt: skip
_POOLING: Rules = _COMMON | {
    "keepdims": Only((False,)), "data_format": Only(("channels_last",)),
}  # fmt: skip
RULES: dict[str, Rules] = {
    "Embedding": _COMMON | {
        "input_dim": READ, "output_dim": READ, "mask_zero": Only((False, True)),
        "input_length": READ, "embeddings_initializer": READ, "seed": READ,
        "sparse": Only((False,)), "embeddings_regularizer": Noted(None),
        "activity_regularizer": Noted(None), "embeddings_constraint": Noted(None),
        "quantization_config": Only((None,)), "lora_rank": Only((None,)),
        "lora_alpha": READ,
    },
    "Dropout": _COMMON | {"rate": READ, "seed": READ, "noise_shape": Noted(None)},
    "SimpleRNN": _RECURRENT | {"activation": Only(("tanh", "relu"))},
    "LSTM": _GATED | {"unit_forget_bias": READ},
    "GRU": _GATED | {"reset_after": Only((True,))},
    "Bidirectional": _COMMON | {
        "merge_mode": Only(("concat",)), "layer": READ, "backward_layer": READ,
    },
    "Dense": _COMMON | {
        "units": READ, "activation": READ, "use_bias": Only((True,)), "kernel_initializer": READ,
        "bias_initializer": READ, "kernel_regularizer": Noted(None),
        "bias_regularizer": Noted(None), "activity_regularizer": Noted(None),
        "kernel_constraint": Noted(None), "bias_constraint": Noted(None),
        "quantization_config": Only((None,)), "lora_rank": Only((None,)),
        "lora_alpha": READ,
    },
    "InputLayer": {
        "name": READ, "batch_shape": READ, "batch_input_shape": READ,
        # indices up to 2**24 are exact in float32, and a file holds no more rows
        "dtype": Only(("float32", "float64", "int32", "int64", "uint32", "uint64")),
        "sparse": Only((False,)), "ragged": Only((False,)), "optional": Only((False,)),
    },
    **dict.fromkeys(POOLING, _POOLING),
    **dict.fromkeys(TRAINING_ONLY, _NOISE),
}  # fmt: skip


def check_by_rules(layer: KerasLayer, rules: Rules, source: str) -> list[str]:
    """Check every setting of a layer; returns those that are not kept, as "key = value".

    Raises InputError, naming layer, setting and value.
    """
    noted = []
    for key, value in layer.config.items():
        if key not in rules:
            raise InputError(
                f"{source}: layer {layer.name} ({layer.kind}) has {key} = {shown(value)}, a "
                f"setting that hoiquy does not know: save the model without it"
            )
        rule = rules[key]
        if isinstance(rule, Only) and value not in rule:
            raise unfit(layer, key, value, " or ".join(map(str, rule.values)), source)
        if isinstance(rule, Noted) and value != rule.default:
            noted.append(f"{key} = {shown(value)}")
    return noted


def check_settings(layer: KerasLayer, source: str) -> list[str]:
    """Check every setting of a layer whose class is in RULES; returns notes, one line or none.

    Raises InputError, naming layer, setting and value.
    """
    noted = check_by_rules(layer, RULES[layer.kind], source)
    if layer.kind != "InputLayer":
        _check_dtype(layer, source)
    for key in ("kernel_regularizer", "recurrent_regularizer"):
        if layer.kind in RECURRENT and l2_factor(layer.config.get(key)) is None:
            noted.append(f"{key} = {shown(layer.config[key])}")
    return [_note(layer, noted)] if noted else []


def is_keras_own(node: dict[str, Any], kind: str) -> bool:
    """Whether a serialized object of the class `kind` is Keras', not one that bears its name."""
    from_keras = str(node.get("module", "keras")).split(".")[0] in ("keras", "tf_keras")
    return from_keras and node.get("registered_name") in (None, kind)


def refuse_custom_class(node: dict[str, Any], name: str, source: str) -> None:
    """Raise InputError for a layer whose class only bears the name of one of Keras'."""
    kind, registered = node["class_name"], node.get("registered_name")
    if not is_keras_own(node, kind):
        raise InputError(
            f"{source}: layer {name} is a {registered or kind}, a class that is not Keras' own: "
            f"hoiquy cannot know what it computes"
        )


def left_out(layer: KerasLayer) -> str:
    """The note on a layer of TRAINING_ONLY."""
    return (
        f"layer {layer.name} ({layer.kind}) is left out: it changes no prediction; a further "
        f"training in hoiquy does without it"
    )


def l2_factor(regularizer: Any) -> float | None:
    """The factor of an l2 regularizer, 0 without one; None for any other, which is not kept."""
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


def unfit(layer: KerasLayer, key: str, value: Any, only: Any, source: str) -> InputError:
    """The error for a setting that hoiquy cannot compute."""
    return InputError(
        f"{source}: layer {layer.name} ({layer.kind}) has {key} = {shown(value)}; hoiquy only has "
        f"{only}"
    )


def shown(value: Any) -> str:
    """A value as one line: the class of a serialized object, the rest cut where it is long."""
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
        raise unfit(layer, "dtype", policy, "float32", source)


def _note(layer: KerasLayer, settings: Iterable[str]) -> str:
    return (
        f"layer {layer.name} ({layer.kind}): {', '.join(settings)}: this changes no prediction; a "
        f"further training in hoiquy does without it"
    )
