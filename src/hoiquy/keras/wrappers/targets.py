"""The classes of labels, and labels as a model takes them."""

from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.names import snake_case
from hoiquy.keras.structures import flatten
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.utils.numerical import to_categorical


def class_indices(y: Any) -> tuple[AnyArray, AnyArray]:
    """(the classes, the targets): indices of classes, or a matrix of 0 and 1 as it is.

    Args:
        y: Labels (rows,) or (rows, 1) of any kind, or a matrix (rows, classes).

    Raises:
        KerasError: It has another shape.
    """
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1:
        return np.arange(labels.shape[1]), labels
    if labels.ndim > 2 or labels.ndim == 0:
        raise KerasError(f"y has the shape {labels.shape}, expected one label for each row")
    classes, indices = np.unique(labels.ravel(), return_inverse=True)
    return classes, indices


def as_model_takes(model: Any, targets: AnyArray, classes: int) -> AnyArray:
    """The targets one-hot where the loss of the model compares all classes."""
    if targets.ndim == 1 and "categorical_crossentropy" in _losses(model):
        return to_categorical(targets, num_classes=classes)
    return targets


def chosen(probabilities: AnyArray) -> AnyArray:
    """The index of the class of each row: the largest of several outputs, or one above 0.5."""
    if probabilities.ndim > 1 and probabilities.shape[-1] > 1:
        return np.asarray(probabilities.argmax(axis=-1))
    return (probabilities > 0.5).astype("int32")


def of_both_classes(probabilities: AnyArray) -> AnyArray:
    """(rows, 2) where a model has one output: that of the second class."""
    if probabilities.ndim == 2 and probabilities.shape[1] == 1:
        return np.hstack([1 - probabilities, probabilities])
    return probabilities


def _losses(model: Any) -> list[str]:
    settings = model.compiled_settings
    given = flatten(None if settings is None else settings.loss)
    return [each if isinstance(each, str) else snake_case(_name(each)) for each in given]


def _name(loss: Any) -> str:
    return str(getattr(loss, "__name__", None) or type(loss).__name__)
