"""The functions of `keras.backend` on tensors, by those of `keras.ops`."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hoiquy.keras import backend_sequences, backend_variables, ops, random
from hoiquy.keras.backend_sequences import *  # noqa: F403
from hoiquy.keras.backend_variables import *  # noqa: F403
from hoiquy.keras.ops import neural, products
from hoiquy.keras.tensors import EagerTensor
from hoiquy.keras.values.operation import with_name
from hoiquy.keras.values.scope import current_scope

_SAME = (
    "abs", "all", "any", "cos", "cumprod", "cumsum", "dot", "elu", "equal", "exp", "expand_dims",
    "eye", "greater", "greater_equal", "hard_sigmoid", "less", "less_equal", "log", "log_softmax",
    "logsumexp", "max", "maximum", "mean", "min", "minimum", "not_equal", "one_hot", "ones_like",
    "prod", "round", "shape", "sigmoid", "sign", "sin", "softmax", "softplus", "softsign", "sqrt",
    "square", "squeeze", "stack", "std", "stop_gradient", "sum", "tanh", "tile", "var",
    "zeros_like",
)  # fmt: skip
__all__ = [
    *_SAME, *backend_sequences.__all__, *backend_variables.__all__,
    "arange", "argmax", "argmin", "batch_dot", "batch_flatten", "bias_add", "binary_crossentropy",
    "cast", "categorical_crossentropy", "clip", "concatenate", "constant", "conv1d", "dropout",
    "dtype",
    "flatten", "foldl", "gather", "identity", "in_test_phase", "in_train_phase", "is_tensor",
    "l2_normalize", "map_fn", "permute_dimensions", "pow", "print_tensor", "relu", "repeat",
    "repeat_elements", "reshape", "reverse", "sparse_categorical_crossentropy", "switch",
    "temporal_padding", "transpose",
]  # fmt: skip


globals().update({name: with_name(getattr(ops, name)) for name in _SAME})


def argmax(x: Any, axis: int = -1) -> Any:
    """The place of the largest."""
    return ops.argmax(x, axis=axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """The place of the smallest."""
    return ops.argmin(x, axis=axis)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Any:
    """Whole numbers at equal distances."""
    return ops.arange(start, stop, step, dtype)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Products of the rows of two batches."""
    return products.batch_dot(x, y, axes)


def batch_flatten(x: Any) -> Any:
    """One axis beside that of the batch."""
    sizes = ops.shape(x)[1:]
    return ops.reshape(x, (-1, int(np.prod(sizes))))


def flatten(x: Any) -> Any:
    """One axis."""
    return ops.reshape(x, (-1,))


def bias_add(x: Any, bias: Any, data_format: Any = None) -> Any:
    """The sum with a bias of the last axis."""
    return ops.add(x, bias)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """The binary cross-entropy of each number."""
    return ops.binary_crossentropy(target, output, from_logits)


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """The cross-entropy of each row, for one-hot targets."""
    return ops.categorical_crossentropy(target, output, from_logits, axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """The cross-entropy of each row, for class indices."""
    return ops.sparse_categorical_crossentropy(target, output, from_logits, axis)


def cast(x: Any, dtype: Any) -> Any:
    """Another dtype."""
    return ops.cast(x, dtype)


def clip(x: Any, min_value: Any = None, max_value: Any = None) -> Any:
    """Numbers within limits."""
    low = -np.inf if min_value is None else min_value
    return ops.clip(x, low, np.inf if max_value is None else max_value)


def concatenate(tensors: Sequence[Any], axis: int = -1) -> Any:
    """Side by side along an axis."""
    return ops.concatenate(tensors, axis=axis)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> EagerTensor:
    """Numbers as a tensor."""
    found: EagerTensor = ops.array(value, dtype or "float32")
    return found if shape is None else np.broadcast_to(found, tuple(shape)).view(EagerTensor)


def dtype(x: Any) -> str:
    """The name of the dtype."""
    return str(getattr(x.dtype, "name", x.dtype))


def is_tensor(x: Any) -> bool:
    """Whether it is a tensor."""
    return bool(ops.is_tensor(x))


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Some numbers set to 0, the others scaled up."""
    return random.dropout(x, level, noise_shape, seed)


def gather(reference: Any, indices: Any) -> Any:
    """The rows of these numbers."""
    return ops.take(reference, indices, axis=0)


def identity(x: Any, name: Any = None) -> Any:
    """The same."""
    return ops.convert_to_tensor(x)


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """Divided by the Euclidean norm along axes."""
    return neural.l2_normalize(x, axis)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """The axes in another order."""
    return ops.transpose(x, pattern)


def transpose(x: Any) -> Any:
    """The axes in reverse order."""
    return ops.transpose(x)


def pow(x: Any, a: Any) -> Any:
    """A power."""
    return ops.power(x, a)


def print_tensor(x: Any, message: str = "", **kwargs: Any) -> Any:
    """Print the tensor and return it."""
    print(message, x)
    return x


def relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    """max(x, 0), with a slope below, a limit and a threshold."""
    if not alpha and max_value is None and not threshold:
        return ops.relu(x)
    positive = ops.where(ops.greater_equal(x, threshold), x, alpha * (x - threshold))
    return positive if max_value is None else ops.minimum(positive, max_value)


def repeat(x: Any, n: int) -> Any:
    """A vector (batch, features) as every step of a sequence."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each part of an axis several times."""
    return ops.repeat(x, rep, axis=axis)


def reshape(x: Any, shape: Any) -> Any:
    """Another shape."""
    return ops.reshape(x, shape)


def reverse(x: Any, axes: Any) -> Any:
    """In reverse order along axes."""
    return ops.flip(x, axis=axes)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One or the other; a condition of fewer axes holds for whole rows."""
    one = then_expression() if callable(then_expression) else then_expression
    other = else_expression() if callable(else_expression) else else_expression
    missing = len(ops.shape(one)) - len(ops.shape(condition))
    for _ in range(missing if len(ops.shape(condition)) else 0):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, one, other)


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """x in training, else alt; either may be a function."""
    if training is None:
        scope = current_scope()
        training = scope is not None and scope.training
    chosen = x if training else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """alt in training, else x."""
    return in_train_phase(alt, x, training)


def conv1d(
    x: Any, kernel: Any, strides: int = 1, padding: str = "valid", data_format: Any = None,
    dilation_rate: int = 1,
) -> Any:  # fmt: skip
    """A convolution along the steps."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def temporal_padding(x: Any, padding: tuple[int, int] = (1, 1)) -> Any:
    """Zeros before and after the steps."""
    return ops.pad(x, [(0, 0), tuple(padding), (0, 0)])


def map_fn(fn: Callable[[Any], Any], elems: Any, name: Any = None, dtype: Any = None) -> Any:
    """fn of each part of the first axis."""
    return ops.stack([fn(part) for part in ops.unstack(elems, axis=0)])


def foldl(fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None) -> Any:
    """fn(what was found so far, part) along the first axis."""
    parts = list(ops.unstack(elems, axis=0))
    found = parts.pop(0) if initializer is None else initializer
    for part in parts:
        found = fn(found, part)
    return found
