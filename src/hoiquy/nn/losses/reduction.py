"""Combines the values of a loss into the loss of a batch, by Keras 3's rules.

The loss of a batch is linear in its values: it is Σ scale × value. `value_scale` gives the scales
of any part of the batch from the constants of the whole (`BatchConstants`), so that the losses and
gradients of the shards of a batch add up to those of the batch.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.losses.base import Reduction

_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")
_MASK_SCALED = ("sum_over_batch_size", "mean")


@dataclass(frozen=True)
class BatchConstants:
    """What the scale of one value depends on in the rest of the batch.

    mask_scale: the factor of values that the mask keeps: all / kept; 0 if it keeps none.
    divisor: of the sum of the weighted values; 0 makes the loss 0.
    """

    mask_scale: float
    divisor: float


def batch_constants(
    shape: tuple[int, ...],
    weights: NDArray[Any] | None,
    mask: Mask | None,
    reduction: Reduction,
) -> BatchConstants:
    """Constants of a whole batch.

    Args:
        shape: Of the batch's values: (N,), or (N, T) for predictions of every step.
        weights: Sample weights (N,), or of the shape of the values; None for 1 each.
        mask: (N, T), which values count; None for all.
        reduction: As in `Loss`.

    Raises:
        ShapeError: Weights or mask do not fit the values.
    """
    mask_scale = 1.0
    if mask is not None and reduction in _MASK_SCALED:
        kept = int(np.count_nonzero(mask))
        mask_scale = mask.size / kept if kept else 0.0
    divisor = float(np.prod(shape)) if reduction in _MEANS else 1.0
    if reduction == "mean_with_sample_weight" and not (weights is None and mask is None):
        factors = _factors(shape, weights, mask, mask_scale)
        divisor = float(np.sum(factors, dtype=np.float64))
    return BatchConstants(mask_scale, divisor)


def value_scale(
    values: Array, weights: NDArray[Any] | None, mask: Mask | None, constants: BatchConstants
) -> Array:
    """The derivative of the batch's loss with respect to each of some values, in their shape.

    `values`, `weights` and `mask` are of the same rows; `constants` are of the whole batch.
    Raises ShapeError where weights or mask do not fit the values.
    """
    scale = 1 / constants.divisor if constants.divisor else 0.0
    factors = _factors(values.shape, weights, mask, constants.mask_scale)
    return np.broadcast_to(factors * scale, values.shape).astype(values.dtype)


def reduced(
    values: Array, weights: NDArray[Any] | None, mask: Mask | None, reduction: Reduction
) -> tuple[float, Array]:
    """The loss of a whole batch and its gradient with respect to the values.

    With the reduction "none" this is the sum: the gradient that a loss for each value has.
    """
    constants = batch_constants(values.shape, weights, mask, reduction)
    scale = value_scale(values, weights, mask, constants)
    return weighted_sum(values, scale), scale


def weighted_sum(values: Array, scale: Array) -> float:
    """Σ scale × value, added in float64."""
    return float(np.sum(np.multiply(values, scale, dtype=np.float64)))


def weighted_values(values: Array, weights: NDArray[Any] | None, mask: Mask | None) -> Array:
    """The values times weights and mask: what Keras returns for the reduction "none"."""
    return np.asarray(values * _factors(values.shape, weights, mask, 1.0)).astype(values.dtype)


def _factors(
    shape: tuple[int, ...], weights: NDArray[Any] | None, mask: Mask | None, mask_scale: float
) -> NDArray[np.float64]:
    """Sample weights times scaled mask, in a shape that broadcasts to `shape`; float64."""
    factors = np.ones((1,) * len(shape))
    if weights is not None:
        factors = _fitted(np.asarray(weights, np.float64), shape, "sample weights")
    if mask is not None:
        factors = factors * (_fitted(np.asarray(mask), shape, "mask") * mask_scale)
    return factors


def _fitted(array: NDArray[Any], shape: tuple[int, ...], name: str) -> NDArray[Any]:
    """Give an array of a batch the rank of the values. Raises ShapeError."""
    original = array.shape
    if array.ndim == len(shape) + 1 and array.shape[-1] == 1:
        array = array[..., 0]
    array = array.reshape(array.shape + (1,) * (len(shape) - array.ndim))
    sizes: tuple[int, ...] = array.shape
    fits = len(sizes) == len(shape) and sizes[:1] == shape[:1]
    if not fits or any(size not in (1, want) for size, want in zip(sizes, shape, strict=True)):
        steps = len(original) > len(shape)
        remedy = "; add a last axis to the targets (targets[..., None])" if steps else ""
        raise ShapeError(f"{name} {original} do not fit losses {shape}{remedy}")
    return array
