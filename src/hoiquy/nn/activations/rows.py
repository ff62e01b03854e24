"""Activations over the last axis."""

import numpy as np

from hoiquy.nn.activations.base import Activation
from hoiquy.nn.kernels import Array
from hoiquy.nn.losses import output
from hoiquy.nn.losses.output import sigmoid


def _softmax(x: Array) -> Array:
    """Of the last axis, as the outputs of recipes."""
    return output.softmax(x.reshape(-1, x.shape[-1])).reshape(x.shape)


def _softmax_gradient(d_y: Array, x: Array, y: Array) -> Array:
    return np.asarray(y * (d_y - (d_y * y).sum(axis=-1, keepdims=True)))


def _log_softmax(x: Array) -> Array:
    rows = output.log_softmax(x.reshape(-1, x.shape[-1]))
    return np.asarray(rows.astype(x.dtype).reshape(x.shape))


def _log_softmax_gradient(d_y: Array, x: Array, y: Array) -> Array:
    return np.asarray(d_y - np.exp(y) * d_y.sum(axis=-1, keepdims=True))


def _sparsemax(x: Array) -> Array:
    """The nearest distribution to x (Martins and Astudillo 2016); Keras 3.15 differs from it."""
    ordered = np.flip(np.sort(x, axis=-1), axis=-1)
    sums = np.cumsum(ordered, axis=-1)
    ranks = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    support = ordered - (sums - 1) / ranks > 0
    size = support.sum(axis=-1, keepdims=True)
    total = np.take_along_axis(sums, size - 1, axis=-1)
    return np.asarray(np.maximum(x - (total - 1) / size.astype(x.dtype), 0))


def _sparsemax_gradient(d_y: Array, x: Array, y: Array) -> Array:
    support = (y > 0).astype(d_y.dtype)
    mean = (d_y * support).sum(axis=-1, keepdims=True) / support.sum(axis=-1, keepdims=True)
    return np.asarray(support * (d_y - mean))


def _glu(x: Array) -> Array:
    """The first half of the last axis times the sigmoid of the second (Dauphin et al. 2017)."""
    value, gate = np.split(x, 2, axis=-1)
    return value * sigmoid(gate)


def _glu_gradient(d_y: Array, x: Array, y: Array) -> Array:
    gate = sigmoid(np.split(x, 2, axis=-1)[1])
    return np.concatenate([d_y * gate, d_y * y * (1 - gate)], axis=-1)


ROWS = (
    Activation("softmax", _softmax, _softmax_gradient),
    Activation("log_softmax", _log_softmax, _log_softmax_gradient),
    Activation("sparsemax", _sparsemax, _sparsemax_gradient),
    Activation("glu", _glu, _glu_gradient),
)
