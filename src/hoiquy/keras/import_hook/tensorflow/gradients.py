"""`tf.GradientTape`, and what its gradients are clipped by."""

from typing import Any

import numpy as np

from hoiquy.keras.tensors import EagerTensor, eager_tensor
from hoiquy.keras.values.tape import GradientTape

__all__ = ["GradientTape", "clip_by_global_norm", "clip_by_norm", "global_norm"]


def _array(tensor: Any) -> Any:
    return np.asarray(getattr(tensor, "array", tensor))


def global_norm(t_list: Any, name: Any = None) -> EagerTensor:
    """The norm of all tensors as one vector; None among them does not count."""
    squares = [float(np.sum(np.square(_array(one)))) for one in t_list if one is not None]
    return eager_tensor(np.asarray(np.sqrt(sum(squares)), np.float32), None)


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: Any = None
) -> tuple[list[Any], EagerTensor]:
    """The tensors, scaled so that their common norm is at most `clip_norm`, and the norm before."""
    norm = global_norm(t_list) if use_norm is None else use_norm
    factor = float(clip_norm) / max(float(norm), float(clip_norm))
    clipped = [one if one is None else _scaled(one, factor) for one in t_list]
    return clipped, norm


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: Any = None) -> EagerTensor:
    """The tensor, scaled so that its norm (along axes) is at most `clip_norm`."""
    array = _array(t)
    norm = np.sqrt(np.sum(np.square(array), axis=axes, keepdims=True))
    return _scaled(array, clip_norm / np.maximum(norm, clip_norm))


def _scaled(tensor: Any, factor: Any) -> EagerTensor:
    array = _array(tensor)
    return eager_tensor(np.asarray(array * factor, array.dtype), None)
