"""Products of inputs or states with the matrices of all gates, with dropout gate by gate.

A matrix is (features, gates * units). Factors, for dropout, are (batch, features) for all gates or
(gates, batch, features) with one set for each; None multiplies nothing.
"""

import numpy as np

from hoiquy.nn.kernels.types import Array


def gate_products(a: Array, matrix: Array, factors: Array | None = None) -> Array:
    """(..., batch, features) times the factors, times the matrix → (..., batch, gates * units)."""
    if factors is None or factors.ndim == 2:
        return np.asarray(_scaled(a, factors) @ matrix)
    blocks = np.split(matrix, len(factors), axis=1)
    products = [(a * factor) @ block for factor, block in zip(factors, blocks, strict=True)]
    return np.concatenate(products, axis=-1)


def d_operand(d_products: Array, matrix: Array, factors: Array | None = None) -> Array:
    """The gradient of `a` in `gate_products`."""
    if factors is None or factors.ndim == 2:
        return _scaled(np.asarray(d_products @ matrix.T), factors)
    gates = len(factors)
    parts = zip(
        np.split(d_products, gates, axis=-1), np.split(matrix, gates, axis=1), factors, strict=True
    )
    return np.asarray(sum((d @ block.T) * factor for d, block, factor in parts))


def d_matrix(d_products: Array, a: Array, factors: Array | None = None) -> Array:
    """The gradient of `matrix` in `gate_products`, summed over all steps and rows."""
    if factors is None or factors.ndim == 2:
        return _rows(_scaled(a, factors)).T @ _rows(d_products)
    parts = zip(np.split(d_products, len(factors), axis=-1), factors, strict=True)
    return np.concatenate([_rows(a * factor).T @ _rows(d) for d, factor in parts], axis=1)


def _scaled(a: Array, factors: Array | None) -> Array:
    return a if factors is None else a * factors


def _rows(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])
