"""Steps of a computation that have derivatives of their own, which autograd calls."""

from collections.abc import Callable, Sequence
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.builtins import tuple as followed_tuple
from autograd.extend import defvjp, defvjp_argnums, primitive

from hoiquy.keras.tensors import AnyArray
from hoiquy.nn.activations import Activation
from hoiquy.nn.kernels import Gradient, RowGradient
from hoiquy.nn.layers import Call
from hoiquy.nn.special_functions import erf as _erf

__all__ = [
    "activated", "chosen", "erf", "followed_tuple", "get_item", "guarded", "layer_outputs",
    "loss_values", "penalty_value", "reduced_max", "stopped",
]  # fmt: skip


# Not autograd's own, whose module imports all of SciPy, which takes a second.
erf = primitive(_erf)
defvjp(erf, lambda ans, x: lambda g: 2 / np.sqrt(np.pi) * g * np.exp(-(x**2)))


@primitive
def guarded(x: Any) -> Any:
    """The same, with a gradient of the same dtype: some of autograd's are float64."""
    return x


defvjp(guarded, lambda ans, x: lambda g: np.asarray(g, dtype=ans.dtype))


@primitive
def stopped(x: Any) -> Any:
    """The same, without a gradient."""
    return x


defvjp(stopped, lambda ans, x: lambda g: np.zeros_like(x))


@primitive
def activated(activation: Activation, x: Any) -> Any:
    """An activation of `hoiquy.nn`."""
    return np.asarray(activation.function(x))


defvjp(
    activated,
    lambda ans, activation, x: lambda g: activation.gradient(np.asarray(g), x, ans),
    argnums=(1,),
)


@primitive
def get_item(x: Any, key: Any) -> Any:
    """x[key]; faster than autograd's where the key has no arrays."""
    return x[key]


def _get_item_gradient(ans: Any, x: Any, key: Any) -> Callable[[Any], Any]:
    parts = key if isinstance(key, tuple) else (key,)
    has_arrays = any(isinstance(part, list | np.ndarray) for part in parts)

    def gradient(g: Any) -> Any:
        d_x = np.zeros_like(x)
        if has_arrays:
            np.add.at(d_x, key, g)
        else:
            d_x[key] += g
        return d_x

    return gradient


defvjp(get_item, _get_item_gradient)


@primitive
def reduced_max(x: Any, axis: Any, keepdims: bool) -> Any:
    """The largest numbers along axes; equal ones share the gradient, as in Keras."""
    return np.max(x, axis=axis, keepdims=keepdims)


def _max_gradient(ans: Any, x: Any, axis: Any, keepdims: bool) -> Callable[[Any], Any]:
    def gradient(g: Any) -> Any:
        largest = np.max(x, axis=axis, keepdims=True)
        places = (x == largest).astype(x.dtype)
        share = places / places.sum(axis=axis, keepdims=True)
        return share * np.reshape(g, largest.shape)

    return gradient


defvjp(reduced_max, _max_gradient)


@primitive
def chosen(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y."""
    return np.where(condition, x, y)


defvjp(
    chosen,
    lambda ans, c, x, y: lambda g: _fitted(np.where(c, g, np.zeros((), g.dtype)), np.shape(x)),
    lambda ans, c, x, y: lambda g: _fitted(np.where(c, np.zeros((), g.dtype), g), np.shape(y)),
    argnums=(1, 2),
)


def _fitted(gradient: AnyArray, shape: tuple[int, ...]) -> AnyArray:
    """The gradient of an array of this shape, which was broadcast."""
    extra = tuple(range(gradient.ndim - len(shape)))
    summed = gradient.sum(axis=extra) if extra else gradient
    axes = tuple(i for i, size in enumerate(shape) if size == 1 and summed.shape[i] != 1)
    return np.asarray(summed.sum(axis=axes, keepdims=True) if axes else summed)


class LayerCall:
    """One call of a layer of `hoiquy.nn`, and the names of the parameters that it was given."""

    def __init__(self, run: Callable[[Sequence[AnyArray]], Call], names: Sequence[str]) -> None:
        self.run, self.names = run, names
        self.call: Call | None = None

    def gradients(self, d_outputs: Sequence[AnyArray], arrays: Sequence[AnyArray]) -> list[Any]:
        """Those of the inputs, then of the parameters."""
        assert self.call is not None
        d_inputs, by_name = self.call.backward([np.asarray(g) for g in d_outputs])
        of_inputs = [
            np.zeros_like(x) if d is None else np.asarray(d)
            for d, x in zip(d_inputs, arrays, strict=False)
        ]
        parameters = arrays[len(of_inputs) :]
        return of_inputs + [
            _dense(by_name.get(name), array)
            for name, array in zip(self.names, parameters, strict=True)
        ]


@primitive
def layer_outputs(step: LayerCall, *arrays: Any) -> Any:
    """The outputs of a layer for its inputs; its parameters follow them."""
    count = len(arrays) - len(step.names)
    step.call = step.run([np.asarray(x) for x in arrays[:count]])
    return tuple(np.asarray(y) for y in step.call.outputs)


def _layer_gradients(
    argnums: Sequence[int], ans: Any, args: Sequence[Any], kwargs: Any
) -> Callable[[Any], Any]:
    step, *arrays = args

    def gradient(g: Any) -> Any:
        found = step.gradients(g, arrays)
        return [found[number - 1] for number in argnums]

    return gradient


defvjp_argnums(layer_outputs, _layer_gradients)


@primitive
def loss_values(loss: Any, predictions: Any, targets: Any) -> Any:
    """The values of a loss of `hoiquy.nn`."""
    return np.asarray(loss.values(predictions, targets).values)


defvjp(
    loss_values,
    lambda ans, loss, predictions, targets: (
        lambda g: loss.values(predictions, targets).backward(np.asarray(g, predictions.dtype))
    ),
    argnums=(1,),
)


@primitive
def penalty_value(regularizer: Any, x: Any) -> Any:
    """The penalty of a regularizer of `hoiquy.nn`."""
    return np.asarray(regularizer.penalty(x), x.dtype)


defvjp(
    penalty_value,
    lambda ans, regularizer, x: lambda g: np.asarray(g * regularizer.gradient(x), x.dtype),
    argnums=(1,),
)


def _dense(gradient: Gradient | None, like: AnyArray) -> AnyArray:
    """The gradient of a whole parameter."""
    whole = np.zeros_like(like)
    if isinstance(gradient, RowGradient):
        whole[gradient.rows] += gradient.values
    elif isinstance(gradient, np.ndarray):
        return gradient
    elif gradient is not None:
        return _dense(gradient.added(), like)
    return whole


anp  # noqa: B018 - registers NumPy's arrays with autograd
