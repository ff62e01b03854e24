"""Products of matrices and tensors."""

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval

from hoiquy.keras.values.operation import operation

__all__ = ["batch_dot", "dot", "einsum", "inner", "matmul", "outer", "tensordot"]


def _rank(x: Any) -> int:
    return int(np.ndim(getval(x)))


@operation("x1", "x2")
def matmul(x1: Any, x2: Any) -> Any:
    """The product of matrices, for each of the leading axes."""
    if _rank(x1) > 2 and _rank(x2) == 2:
        return anp.tensordot(x1, x2, axes=([_rank(x1) - 1], [0]))
    return anp.matmul(x1, x2)


@operation("x1", "x2")
def dot(x1: Any, x2: Any) -> Any:
    """As NumPy's: the last axis with the last but one."""
    if _rank(x1) == 0 or _rank(x2) == 0:
        return x1 * x2
    return anp.tensordot(x1, x2, axes=([_rank(x1) - 1], [max(_rank(x2) - 2, 0)]))


@operation("x1", "x2")
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """The sum of products over some axes of both."""
    if isinstance(axes, int):
        return anp.tensordot(x1, x2, axes)
    first, second = (list(np.atleast_1d(one)) for one in axes)
    return anp.tensordot(x1, x2, axes=(first, second))


def einsum(subscripts: str, *operands: Any) -> Any:
    """Einstein's sum of products."""
    return _einsum(list(operands), subscripts)


@operation("operands", name="Einsum")
def _einsum(operands: list, subscripts: str) -> Any:  # type: ignore[type-arg]
    return anp.einsum(subscripts, *operands)


@operation("x1", "x2")
def outer(x1: Any, x2: Any) -> Any:
    """All products of two vectors."""
    return anp.reshape(x1, (-1, 1)) * anp.reshape(x2, (1, -1))


@operation("x1", "x2")
def inner(x1: Any, x2: Any) -> Any:
    """The sum of products over the last axes."""
    return anp.tensordot(x1, x2, axes=([_rank(x1) - 1], [_rank(x2) - 1]))


@operation("x1", "x2")
def batch_dot(x1: Any, x2: Any, axes: Any = None) -> Any:
    """Products of the rows of two batches, as `keras.backend.batch_dot`.

    Where one has four axes or more, and both agree in all but the last two, these two are
    matrices, as in Keras before 2.3: code that has such tensors is mostly of that time.

    axes: the axis of each that is summed; by default the last and the last but one.
    """
    first, second = _batch_axes(_rank(x1), _rank(x2), axes)
    of_matrices = _matrix_subscripts(np.shape(getval(x1)), np.shape(getval(x2)), first, second)
    if of_matrices is not None:
        return anp.einsum(of_matrices, x1, x2)
    letters = "abcdefgh"
    left = ["z", *letters[: _rank(x1) - 1]]
    right = ["z", *letters[_rank(x1) - 1 : _rank(x1) + _rank(x2) - 2]]
    right[second] = left[first]
    kept = [letter for letter in left[1:] if letter != left[first]]
    kept += [letter for letter in right[1:] if letter != left[first]]
    result = anp.einsum(f"{''.join(left)},{''.join(right)}->z{''.join(kept)}", x1, x2)
    return result if kept else anp.reshape(result, (-1, 1))


def _matrix_subscripts(
    one: tuple[int, ...], other: tuple[int, ...], first: int, second: int
) -> str | None:
    """Einstein's subscripts for the products of matrices on the last axes, or None.

    A tensor of one axis fewer has vectors in place of matrices.
    """
    rank = max(len(one), len(other))
    shared = rank - 2
    if rank < 4 or abs(len(one) - len(other)) > 1 or min(first, second) < shared:
        return None
    if one[:shared] != other[:shared]:
        return None
    left, right = list("pq"[: len(one) - shared]), list("rt"[: len(other) - shared])
    left[first - shared] = right[second - shared] = "s"
    common = "abcdefgh"[:shared]
    kept = "".join(letter for letter in [*left, *right] if letter != "s")
    return f"{common}{''.join(left)},{common}{''.join(right)}->{common}{kept}"


def _batch_axes(first: int, second: int, axes: Any) -> tuple[int, int]:
    if axes is None:
        axes = (first - 1, 1 if second == 2 else second - 2)
    one, other = (axes, axes) if isinstance(axes, int) else axes
    return one % first, other % second
