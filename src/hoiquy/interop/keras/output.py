"""The last layer of a Keras model as a recipe's: a softmax, or a sigmoid for each class."""

from dataclasses import replace
from typing import Any

import numpy as np

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_settings import is_keras_own
from hoiquy.nn.kernels import Array
from hoiquy.recipe.model import LOSSES

# Losses by the class and by the names that Keras takes, with the activation that fits their logits.
_OF_LOGITS = {
    "BinaryFocalCrossentropy": "sigmoid", "CategoricalFocalCrossentropy": "softmax",
    "BinaryCrossentropy": "sigmoid", "binary_crossentropy": "sigmoid", "bce": "sigmoid",
    "CategoricalCrossentropy": "softmax", "categorical_crossentropy": "softmax",
    "SparseCategoricalCrossentropy": "softmax", "sparse_categorical_crossentropy": "softmax",
}  # fmt: skip


def joined_activation(layers: list[KerasLayer], source: str) -> list[KerasLayer]:
    """The layers, with a last `Activation` or `Softmax` layer joined to the `Dense` before it.

    Raises InputError for one that computes in another type, or along another axis.
    """
    if len(layers) < 2 or layers[-1].kind not in ("Activation", "Softmax"):
        return layers
    dense, last = layers[-2:]
    if dense.kind != "Dense" or dense.config.get("activation", "linear") != "linear":
        return layers
    settings = {"axis": -1, "activation": "softmax"} | last.config
    policy = settings.pop("dtype", "float32")
    if isinstance(policy, dict) and isinstance(policy.get("config"), dict):
        policy = policy["config"].get("name")
    if policy != "float32" or settings["axis"] not in (-1, 1, [-1], [1]):
        raise InputError(
            f"{source}: layer {last.name} ({last.kind}) has dtype = {str(policy)[:60]} and axis = "
            f"{settings['axis']}; hoiquy only has float32 and -1"
        )
    unknown = settings.keys() - {"name", "trainable", "axis", "activation"}
    if unknown:
        raise InputError(
            f"{source}: layer {last.name} ({last.kind}) has {min(unknown)}, which hoiquy does not "
            f"have"
        )
    config = dense.config | {"activation": settings["activation"]}
    return [*layers[:-2], replace(dense, config=config)]


def output_of_each_class(
    table: dict[str, Any], weights: dict[str, Array], compiled: Any, source: str
) -> tuple[int, str]:
    """Turn the last layer into one output a class, in place; returns classes and a note.

    table, weights: of the last layer, which is dense. compiled: the file's `compile_config`, which
    tells what the logits of a linear last layer mean. One sigmoid p is that of the second of two
    classes, and 1 - sigmoid(z) = sigmoid(-z): exact. Raises InputError for other outputs.
    """
    notes = []
    if table["activation"] in (None, "linear"):
        table["activation"] = activation = _activation_of_logits(compiled, source)
        notes.append(f"the last layer gives logits: their {activation} was added")
    units, activation = table["units"], table["activation"]
    if (units, activation) == (1, "sigmoid"):
        kernel, bias = weights["kernel"], weights["bias"]
        weights["kernel"] = np.concatenate([-kernel, kernel], axis=1)
        weights["bias"] = np.concatenate([-bias, bias])
        notes.append("one sigmoid p became two, 1 - p and p")
    elif (units, activation) == (1, "softmax"):
        raise InputError(
            f"{source}: the last layer is a softmax of one output, which is always 1: expected one "
            f"output a class"
        )
    elif activation not in list(LOSSES):  # a function of the user's is a dictionary here
        raise InputError(
            f"{source}: the last layer has the activation {f'{activation!r}'[:80]}; hoiquy has "
            f"{' and '.join(LOSSES)} there"
        )
    table["units"] = "classes"
    return len(weights["bias"]), "; ".join(notes)


def _only_loss(loss: Any) -> Any:
    """Keras takes the one loss also in a list, or under the name of the output."""
    if isinstance(loss, dict) and "class_name" not in loss:
        loss = list(loss.values())
    return loss[0] if isinstance(loss, list) and len(loss) == 1 else loss


def _activation_of_logits(compiled: Any, source: str) -> str:
    """The activation that a linear last layer leaves to the loss. Raises InputError."""
    loss = _only_loss(compiled.get("loss") if isinstance(compiled, dict) else None)
    settings = loss.get("config") if isinstance(loss, dict) else None
    kind = loss.get("class_name") if isinstance(loss, dict) else loss
    if isinstance(loss, dict) and not is_keras_own(loss, str(kind)):
        kind = loss.get("registered_name") or f"{loss.get('module')}.{kind}"
    from_logits = isinstance(settings, dict) and settings.get("from_logits") is True
    if from_logits and str(kind) in _OF_LOGITS:
        return _OF_LOGITS[str(kind)]
    name = "no known loss" if kind is None else f"the loss {str(kind)[:60]!r}"
    raise InputError(
        f"{source}: the last layer is linear and the model is compiled with {name}, which does not "
        f"say what its logits mean: end the model with a softmax or a sigmoid, or compile it with "
        f"a cross-entropy of from_logits=True"
    )
