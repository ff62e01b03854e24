"""Convert the last layer of a Keras model to a softmax, or one sigmoid per class."""

from dataclasses import replace
from typing import Any

import numpy as np

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_settings import is_keras_own
from hoiquy.nn.kernels import Array
from hoiquy.recipe.model import LOSSES

# Keras' losses, by class and by name, and the activation of their logits.
_OF_LOGITS = {
    "BinaryFocalCrossentropy": "sigmoid", "CategoricalFocalCrossentropy": "softmax",
    "BinaryCrossentropy": "sigmoid", "binary_crossentropy": "sigmoid", "bce": "sigmoid",
    "CategoricalCrossentropy": "softmax", "categorical_crossentropy": "softmax",
    "SparseCategoricalCrossentropy": "softmax", "sparse_categorical_crossentropy": "softmax",
}  # fmt: skip


def merge_activation(layers: list[KerasLayer], source: str) -> list[KerasLayer]:
    """Merge a last `Activation` or `Softmax` layer into the `Dense` layer before it.

    Raises InputError if it computes in another dtype or along another axis.
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
            f"{source}: layer {last.name} ({last.kind}) has {min(unknown)}, which is not supported"
        )
    config = dense.config | {"activation": settings["activation"]}
    return [*layers[:-2], replace(dense, config=config)]


def one_output_per_class(
    table: dict[str, Any], weights: dict[str, Array], compiled: Any, source: str
) -> tuple[int, str]:
    """Convert the last layer to one output per class, in place.

    table, weights: of the last layer, which is dense. compiled: the file's `compile_config`, whose
    loss shows the activation of logits. Returns the number of classes, and a note or "".
    One sigmoid p becomes two, 1 - p and p, exactly: 1 - sigmoid(z) = sigmoid(-z).
    Raises InputError if the output is not supported.
    """
    notes = []
    if table["activation"] in (None, "linear"):
        table["activation"] = activation = _activation_of_logits(compiled, source)
        notes.append(f"the last layer outputs logits: a {activation} was added")
    units, activation = table["units"], table["activation"]
    if (units, activation) == (1, "sigmoid"):
        kernel, bias = weights["kernel"], weights["bias"]
        weights["kernel"] = np.concatenate([-kernel, kernel], axis=1)
        weights["bias"] = np.concatenate([-bias, bias])
        notes.append("one sigmoid p became two, 1 - p and p")
    elif (units, activation) == (1, "softmax"):
        raise InputError(
            f"{source}: the last layer is a softmax of one output, which is always 1: expected one "
            f"output per class"
        )
    elif activation not in list(LOSSES):  # a dict for a custom function
        raise InputError(
            f"{source}: the last layer has the activation {f'{activation!r}'[:80]}; hoiquy has "
            f"{' and '.join(LOSSES)} there"
        )
    table["units"] = "classes"
    return len(weights["bias"]), "; ".join(notes)


def _only_loss(loss: Any) -> Any:
    """Return the loss; Keras also accepts it in a list or under the name of the output."""
    if isinstance(loss, dict) and "class_name" not in loss:
        loss = list(loss.values())
    return loss[0] if isinstance(loss, list) and len(loss) == 1 else loss


def _activation_of_logits(compiled: Any, source: str) -> str:
    """Return the activation that the loss applies to the logits. Raises InputError."""
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
