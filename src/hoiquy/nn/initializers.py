"""Keras' initialisers. Each returns a new array."""

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from hoiquy.nn.kernels import Array


def zeros(shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
    return np.zeros(shape, dtype)


def ones(shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
    return np.ones(shape, dtype)


def glorot_uniform(shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
    """Uniform within ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    The dimensions before the last two are those of a convolution's window.
    """
    fans = 2 * shape[0] if len(shape) == 1 else sum(shape[-2:]) * math.prod(shape[:-2])
    limit = math.sqrt(6 / fans)
    return rng.uniform(-limit, limit, shape).astype(dtype)


def orthogonal(shape: tuple[int, int], rng: Generator, dtype: DTypeLike) -> Array:
    """Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014)."""
    tall = (max(shape), min(shape))
    q, r = np.linalg.qr(rng.standard_normal(tall))
    q = q * np.sign(np.diag(r))  # makes the decomposition unique, and its distribution uniform
    return np.ascontiguousarray((q if shape[0] >= shape[1] else q.T).astype(dtype))


def uniform(shape: tuple[int, ...], rng: Generator, dtype: DTypeLike, limit: float = 0.05) -> Array:
    """Uniform within ± limit, by default 0.05, as Keras' embeddings."""
    return rng.uniform(-limit, limit, shape).astype(dtype)
