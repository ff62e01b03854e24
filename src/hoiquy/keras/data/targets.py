"""Targets and sample weights, one of each for every output."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hoiquy.keras.data.conversion import as_array, refuse_nan
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.tensors import AnyArray


def separate_targets(y: Any, names: Sequence[str], what: str) -> list[AnyArray | None]:
    """The targets of each output; None where there are none."""
    if y is None:
        return [None] * len(names)
    values = _by_output(y, names, what)
    arrays = []
    for value, name in zip(values, names, strict=True):
        label = what if len(names) == 1 else f"{what} of {name!r}"
        arrays.append(None if value is None else _target(value, label))
    return arrays


def _target(value: Any, what: str) -> AnyArray:
    array = as_array(_numbers_of_texts(value), what)
    refuse_nan(array, what)
    if array.dtype.kind == "f":
        return array.astype(np.float32, copy=False)
    if array.dtype.kind == "b":
        return array.astype(np.float32)
    return array.astype(np.int64, copy=False)


def _numbers_of_texts(value: Any) -> Any:
    """Labels such as "0" and "1" as numbers, which Keras 1 and 2 did; other values as they are."""
    items = value.to_numpy() if hasattr(value, "to_numpy") else value
    is_array = isinstance(items, np.ndarray)
    if not (is_array and items.size and isinstance(items.flat[0], str)):
        return value
    try:
        return items.astype(np.float64)
    except ValueError:
        return value


def separate_weights(
    weights: Any, names: Sequence[str], has_target: Sequence[bool]
) -> list[AnyArray | None]:
    """The sample weights of each output; one array holds for all of them."""
    if weights is None:
        return [None] * len(names)
    if isinstance(weights, Mapping) or (isinstance(weights, list | tuple) and len(names) > 1):
        values = _by_output(weights, names, "sample_weight")
    else:
        values = [weights if has else None for has in has_target]
    arrays = []
    for value in values:
        array = None
        if value is not None:
            array = as_array(value, "sample_weight").astype(np.float32, copy=False)
            refuse_nan(array, "sample_weight")
        arrays.append(array)
    return arrays


def _by_output(values: Any, names: Sequence[str], what: str) -> list[Any]:
    if isinstance(values, Mapping):
        unknown = [name for name in values if name not in names]
        if unknown:
            raise KerasError(
                f"{what}: no output is named {unknown[0]!r}; the outputs are {', '.join(names)}"
            )
        return [values.get(name) for name in names]
    if len(names) == 1:
        is_singleton = isinstance(values, list | tuple) and len(values) == 1
        if is_singleton and getattr(values[0], "ndim", 0) > 0:
            return [values[0]]
        return [values]
    if not isinstance(values, list | tuple) or len(values) != len(names):
        count = len(values) if isinstance(values, list | tuple) else 1
        raise KerasError(
            f"{what}: the model has {len(names)} outputs ({', '.join(names)}), got {count} arrays"
        )
    return list(values)


def class_weights_as_sample_weights(
    class_weight: Any, targets: Sequence[AnyArray | None]
) -> list[AnyArray | None]:
    """The weight of the class of each row; 1 for classes without a weight.

    Classes are whole numbers, or the largest entry of each row of one-hot targets.
    Raises KerasError or KerasTypeError.
    """
    if not isinstance(class_weight, Mapping):
        raise KerasTypeError(
            f"class_weight={class_weight!r}, expected a dictionary from classes to weights, such "
            "as {0: 1.0, 1: 2.5}"
        )
    if len(targets) != 1 or targets[0] is None:
        raise KerasError("class_weight needs a model with one output: use sample_weight instead")
    labels = targets[0]
    if labels.ndim > 2:
        raise KerasError(
            f"class_weight needs one class for each row, got targets of shape {labels.shape}: use "
            "sample_weight instead"
        )
    if labels.ndim == 2:
        labels = labels.argmax(axis=1) if labels.shape[1] > 1 else labels[:, 0]
    classes = np.round(labels).astype(np.int64)
    known = {int(key): float(value) for key, value in class_weight.items()}
    present, inverse = np.unique(classes, return_inverse=True)
    weights = np.array([known.get(int(label), 1.0) for label in present], np.float32)
    return [weights[inverse.reshape(-1)]]
