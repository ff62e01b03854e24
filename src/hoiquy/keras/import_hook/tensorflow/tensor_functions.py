"""Functions of `tensorflow` on tensors and arrays, by those of `keras.ops`.

They have TensorFlow's argument names; `name` has no effect.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hoiquy.keras import backend_functions, initializers, ops
from hoiquy.keras.import_hook.tensorflow import tensor_parts
from hoiquy.keras.import_hook.tensorflow.tensor_parts import *  # noqa: F403
from hoiquy.keras.layers.weights import Variable as _Variable
from hoiquy.keras.tensors import EagerTensor as Tensor
from hoiquy.keras.values.operation import with_name
from hoiquy.keras.values.tensor_shape import TensorShape

_SAME = (
    "abs", "add", "ceil", "cos", "cosh", "cumsum", "divide", "equal", "exp", "eye", "floor",
    "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_not", "logical_or",
    "maximum", "minimum", "multiply", "negative", "not_equal", "ones_like", "round", "sigmoid",
    "sign", "sin", "sinh", "sqrt", "square", "stop_gradient", "subtract", "tan", "tanh",
    "zeros_like", "zeros", "ones",
)  # fmt: skip
__all__ = [
    *_SAME, *tensor_parts.__all__,
    "Tensor", "TensorShape", "Variable", "acos", "add_n", "argmax", "argmin", "argsort", "asin",
    "atan", "cast", "clip_by_value", "cond", "constant", "constant_initializer",
    "convert_to_tensor", "einsum", "identity", "map_fn", "matmul", "mod", "norm",
    "ones_initializer", "pow", "random_normal_initializer", "random_uniform_initializer",
    "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min",
    "reduce_prod", "reduce_sum", "scalar_mul", "softmax", "sort", "squared_difference",
    "tensordot", "to_float", "to_int32", "truediv", "truncated_normal_initializer", "where",
    "zeros_initializer",
]  # fmt: skip


globals().update({name: with_name(getattr(ops, name)) for name in _SAME})
acos, asin, atan = (with_name(getattr(ops, f"arc{name}")) for name in ("cos", "sin", "tan"))
random_normal_initializer = initializers.RandomNormal
random_uniform_initializer = initializers.RandomUniform
truncated_normal_initializer = initializers.TruncatedNormal
constant_initializer = initializers.Constant
zeros_initializer, ones_initializer = initializers.Zeros, initializers.Ones
map_fn = backend_functions.map_fn


class Variable(_Variable):
    """An array that may be assigned to; an attribute of a layer that holds one is a weight."""

    def __init__(
        self, initial_value: Any = None, trainable: bool = True, validate_shape: bool = True,
        name: Any = None, dtype: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Begin with a value, or with what a function gives."""
        value = initial_value() if callable(initial_value) else initial_value
        made = backend_functions.variable(np.asarray(value), _of_variable(value, dtype), name)
        super().__init__(made.value, made.name, made.name, trainable)


def _of_variable(value: Any, dtype: Any) -> Any:
    if dtype is not None:
        return getattr(dtype, "name", dtype)
    kind = np.asarray(value).dtype
    return np.int32 if kind.kind in "iu" else np.float32 if kind.kind == "f" else kind


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Any:
    """Numbers as a tensor."""
    found = convert_to_tensor(value, dtype)
    return found if shape is None else ops.broadcast_to(found, tuple(shape))


def convert_to_tensor(value: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """A tensor of numbers: int32 or float32 of Python's numbers."""
    if dtype is None and not hasattr(value, "dtype"):
        array = np.asarray(value) if not _holds_tensors(value) else None
        if array is not None and array.dtype.kind in "iu":
            dtype = "int32"
    return ops.convert_to_tensor(value, dtype)


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(hasattr(one, "shape") for one in value)


def cast(x: Any, dtype: Any, name: Any = None) -> Any:
    """Another dtype."""
    return ops.cast(x, dtype)


def to_float(x: Any, name: Any = None) -> Any:
    """float32, as in TensorFlow 1."""
    return ops.cast(x, "float32")


def to_int32(x: Any, name: Any = None) -> Any:
    """int32, as in TensorFlow 1."""
    return ops.cast(x, "int32")


def identity(input: Any, name: Any = None) -> Any:
    """The same."""
    return ops.convert_to_tensor(input)


def pow(x: Any, y: Any, name: Any = None) -> Any:
    """A power."""
    return ops.power(x, y)


def mod(x: Any, y: Any, name: Any = None) -> Any:
    """The remainder."""
    return ops.mod(x, y)


def truediv(x: Any, y: Any, name: Any = None) -> Any:
    """The quotient."""
    return ops.divide(x, y)


def scalar_mul(scalar: Any, x: Any, name: Any = None) -> Any:
    """The product with a number."""
    return ops.multiply(scalar, x)


def squared_difference(x: Any, y: Any, name: Any = None) -> Any:
    """The square of the difference."""
    return ops.square(ops.subtract(x, y))


def add_n(inputs: Sequence[Any], name: Any = None) -> Any:
    """The sum of several tensors."""
    total = inputs[0]
    for one in inputs[1:]:
        total = ops.add(total, one)
    return total


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: Any = None) -> Any:
    """Numbers within limits."""
    return ops.clip(t, clip_value_min, clip_value_max)


def where(condition: Any, x: Any = None, y: Any = None, name: Any = None) -> Any:
    """x where the condition holds, else y; without them, the places where it holds."""
    return ops.where(condition, x, y)


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: Any = None) -> Any:
    """What one of two functions gives."""
    return true_fn() if bool(np.asarray(getattr(pred, "array", pred))) else false_fn()


# Reductions


def _reduction(name: str) -> Callable[..., Any]:
    function = getattr(ops, name)

    def reduce(
        input_tensor: Any, axis: Any = None, keepdims: Any = None, name: Any = None, **old: Any
    ) -> Any:
        axis = old.get("reduction_indices", axis)
        return function(input_tensor, axis=axis, keepdims=bool(old.get("keep_dims", keepdims)))

    reduce.__name__, reduce.__doc__ = f"reduce_{name}", function.__doc__
    return reduce


reduce_sum, reduce_mean, reduce_prod = _reduction("sum"), _reduction("mean"), _reduction("prod")
reduce_max, reduce_min = _reduction("max"), _reduction("min")
reduce_all, reduce_any = _reduction("all"), _reduction("any")
reduce_logsumexp = _reduction("logsumexp")
reduce_std, reduce_variance = _reduction("std"), _reduction("var")


def argmax(input: Any, axis: Any = None, output_type: Any = "int64", **old: Any) -> Any:
    """The place of the largest along an axis, the first one by default."""
    found = ops.argmax(input, axis=old.get("dimension", 0 if axis is None else axis))
    return ops.cast(found, output_type)


def argmin(input: Any, axis: Any = None, output_type: Any = "int64", **old: Any) -> Any:
    """The place of the smallest along an axis, the first one by default."""
    found = ops.argmin(input, axis=old.get("dimension", 0 if axis is None else axis))
    return ops.cast(found, output_type)


def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", **kwargs: Any) -> Any:
    """The places of the numbers in order."""
    return ops.argsort(values if direction == "ASCENDING" else -1 * values, axis=axis)


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: Any = None) -> Any:
    """The numbers in order."""
    if direction == "ASCENDING":
        return ops.sort(values, axis=axis)
    return ops.negative(ops.sort(ops.negative(values), axis=axis))


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None,
         name: Any = None) -> Any:  # fmt: skip
    """The norm along axes."""
    return ops.norm(tensor, None if ord == "euclidean" else ord, axis, bool(keepdims))


# Products


def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False,
           **kwargs: Any) -> Any:  # fmt: skip
    """The product of matrices, of which one may be transposed first."""
    first = ops.swapaxes(a, -1, -2) if transpose_a else a
    return ops.matmul(first, ops.swapaxes(b, -1, -2) if transpose_b else b)


def tensordot(a: Any, b: Any, axes: Any, name: Any = None) -> Any:
    """The sum of products over some axes of both."""
    return ops.tensordot(a, b, axes)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """Einstein's sum of products."""
    return ops.einsum(equation, *inputs)


def softmax(logits: Any, axis: Any = None, name: Any = None) -> Any:
    """exp(x) over its sum along an axis, the last one by default."""
    return ops.softmax(logits, axis=-1 if axis is None else axis)
