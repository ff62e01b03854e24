"""Fits targets and predictions to one shape, as Keras does, or says why they do not fit."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError, ShapeError
from hoiquy.nn.kernels import Array

OutputKind = Literal["binary", "categorical", "sparse"]


def same_rank(
    left: NDArray[Any], right: NDArray[Any], expand_vectors: bool = True
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Add or drop a last axis of length 1 where the ranks differ by one (as Keras does).

    A vector gets the axis if `expand_vectors` is true; of other arrays the larger loses it.
    """
    if left.ndim == right.ndim + 1 and left.shape[-1] == 1:
        if right.ndim == 1 and expand_vectors:
            return left, right[..., None]
        return left[..., 0], right
    if right.ndim == left.ndim + 1 and right.shape[-1] == 1:
        if left.ndim == 1 and expand_vectors:
            return left[..., None], right
        return left, right[..., 0]
    return left, right


def fitted_targets(
    predictions: Array, targets: NDArray[Any], name: str
) -> tuple[Array, NDArray[Any]]:
    """Predictions and targets in one shape, targets in the predictions' dtype.

    Targets (N,) fit predictions (N, 1), and targets (N, T) predictions (N, T, 1).

    Raises ShapeError where shapes disagree and DataError where a target is not a number.
    """
    fitted, wanted = same_rank(predictions, np.asarray(targets))
    if fitted.shape != wanted.shape:
        raise ShapeError(
            f"{name}: targets {targets.shape} do not fit predictions {predictions.shape}"
            + _remedy(predictions.shape, targets.shape)
        )
    wanted = wanted.astype(fitted.dtype, copy=False)
    if np.isnan(wanted).any():
        raise DataError(f"{name}: a target is NaN; remove or fill missing targets")
    return fitted, wanted


def _remedy(predictions: tuple[int, ...], targets: tuple[int, ...]) -> str:
    """What to change, where the shapes tell."""
    is_index = targets == predictions[:-1] or targets == (*predictions[:-1], 1)
    if is_index and predictions[-1] > 1:
        return f": class indices need a sparse loss, others one-hot targets of {predictions[-1]}"
    return f": expected targets {predictions}"


def class_indices(
    predictions: Array, targets: NDArray[Any], name: str, ignore_class: int | None = None
) -> NDArray[np.int64]:
    """Targets as class indices of shape predictions.shape[:-1]; ignored ones become -1.

    Raises ShapeError where shapes disagree, DataError where a target is not a class.
    """
    targets = np.asarray(targets)
    expected, classes = predictions.shape[:-1], predictions.shape[-1]
    if targets.shape == (*expected, 1):
        targets = targets[..., 0]
    if targets.shape != expected:
        one_hot = "; use the categorical loss for one-hot targets"
        raise ShapeError(
            f"{name}: class indices {targets.shape} do not fit predictions {predictions.shape}: "
            f"expected {expected}" + (one_hot if targets.shape == predictions.shape else "")
        )
    if targets.dtype.kind == "f" and not (targets == np.floor(targets)).all():  # NaN, too
        wrong = targets[~(targets == np.floor(targets))].flat[0]
        raise DataError(f"{name}: target {wrong:g} is not a class; expected 0 to {classes - 1}")
    indices = targets.astype(np.int64)
    if ignore_class is not None:
        indices = np.where(indices == ignore_class, -1, indices)
    outside = (indices < 0) | (indices >= classes)
    if ignore_class is not None:
        outside &= targets != ignore_class
    if outside.any():
        wrong = indices[outside].flat[0]
        raise DataError(
            f"{name}: target {wrong} is outside the classes 0 to {classes - 1} ({classes} outputs)"
        )
    return indices


def output_kind(targets: tuple[int | None, ...], predictions: tuple[int | None, ...]) -> OutputKind:
    """Which of its three forms Keras takes for "accuracy" and "crossentropy", from the shapes."""
    if predictions[-1] == 1:
        return "binary"
    if len(targets) < len(predictions) or targets[-1] == 1:
        return "sparse"
    return "categorical"
