"""How a bidirectional layer merges the outputs of both directions, and the gradients."""

from collections.abc import Sequence

import numpy as np

from hoiquy.nn.kernels import Array

MERGE_MODES = ("concat", "sum", "mul", "ave", None)


def merged(mode: str | None, first: Array, second: Array) -> tuple[Array, ...]:
    """One output, or both for None."""
    if mode is None:
        return first, second
    if mode == "concat":
        return (_concatenated(first, second),)
    if mode == "mul":
        return (first * second,)
    total = first + second
    return (total if mode == "sum" else total / total.dtype.type(2),)


def merged_gradients(
    mode: str | None, d_outputs: Sequence[Array | None], first: Array, second: Array
) -> tuple[Array | None, Array | None]:
    """Gradients of `first` and `second`, given those of the outputs; None for zero."""
    if mode is None:
        return d_outputs[0], d_outputs[1]
    d_y = d_outputs[0]
    if d_y is None:
        return None, None
    if mode == "concat":
        units = first.shape[-1]
        return d_y[..., :units], d_y[..., units:]
    if mode == "mul":
        return d_y * second, d_y * first
    d_both = d_y if mode == "sum" else d_y / d_y.dtype.type(2)
    return d_both, d_both


def _concatenated(first: Array, second: Array) -> Array:
    """Both halves, with the memory order of the first: `np.concatenate` would copy batch-first."""
    if first.ndim == 2:
        return np.concatenate([first, second], axis=-1)
    halves = [first.swapaxes(0, 1), second.swapaxes(0, 1)]
    return np.concatenate(halves, axis=-1).swapaxes(0, 1)
