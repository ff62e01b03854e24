"""TensorFlow's functions of tensors, for arrays, numbers and texts: they give arrays of NumPy.

Of symbolic tensors they raise KerasTypeError: within a model, use layers.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hoiquy.keras.concrete import STRING, as_dtype, as_tensor
from hoiquy.keras.errors import KerasError
from hoiquy.keras.pipeline.elements import TensorSpec
from hoiquy.keras.tensors import EagerTensor, eager_tensor
from hoiquy.keras.vectorization.ragged import RaggedTensor

__all__ = [
    "RaggedTensor", "Tensor", "TensorSpec", "argmax", "cast", "concat", "constant",
    "convert_to_tensor", "expand_dims", "is_tensor", "numpy_function", "one_hot", "py_function",
    "reshape", "shape", "squeeze", "stack",
]  # fmt: skip

Tensor = EagerTensor


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> EagerTensor:
    """A tensor of a value; `shape` repeats a single value. Raises KerasError."""
    tensor = as_tensor(value, dtype)
    if shape is None:
        return tensor
    if tensor.size == 1:
        return eager_tensor(np.full(tuple(shape), tensor.item(), tensor.dtype), None)
    return reshape(tensor, shape)


def convert_to_tensor(
    value: Any, dtype: Any = None, dtype_hint: Any = None, name: Any = None
) -> EagerTensor:
    """A tensor of a value. Raises KerasError."""
    return as_tensor(value, dtype)


def is_tensor(x: object) -> Any:
    """Whether it is a tensor, not an array of NumPy or a list."""
    return isinstance(x, EagerTensor | RaggedTensor)


def cast(x: Any, dtype: Any, name: Any = None) -> EagerTensor:
    """Numbers in another type. Raises KerasError for texts."""
    tensor = as_tensor(x)
    if (tensor.dtype == STRING) != (as_dtype(dtype) == STRING):
        raise KerasError(
            "cast: texts do not become numbers, nor numbers texts; use tf.strings.to_number or "
            "tf.strings.as_string"
        )
    return as_tensor(tensor, dtype)


def expand_dims(input: Any, axis: int, name: Any = None) -> EagerTensor:
    """A new axis of size 1."""
    return _tensor(np.expand_dims(as_tensor(input), int(axis)))


def squeeze(input: Any, axis: Any = None, name: Any = None) -> EagerTensor:
    """Without axes of size 1. Raises KerasError for an axis of another size."""
    axes = tuple(axis) if isinstance(axis, list) else axis
    try:
        return _tensor(np.squeeze(as_tensor(input), axes))
    except ValueError as error:
        raise KerasError(f"squeeze: {error}") from error


def reshape(tensor: Any, shape: Any, name: Any = None) -> EagerTensor:
    """The entries in another shape; one size may be -1. Raises KerasError."""
    given = as_tensor(tensor)
    sizes = tuple(int(size) for size in np.atleast_1d(np.asarray(shape, np.int64)))
    try:
        return _tensor(np.reshape(given, sizes))
    except ValueError as error:
        raise KerasError(f"reshape: {given.shape} does not fit into {sizes}") from error


def one_hot(
    indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: int | None = None,
    dtype: Any = None, name: Any = None,
) -> EagerTensor:  # fmt: skip
    """A vector for each index, with `on_value` (1) at its place and `off_value` (0) elsewhere."""
    places = np.equal(np.asarray(as_tensor(indices))[..., None], np.arange(int(depth)))
    kind = np.float32 if dtype is None else as_dtype(dtype)
    on, off = 1 if on_value is None else on_value, 0 if off_value is None else off_value
    vectors = np.where(places, on, off).astype(kind)
    return _tensor(vectors if axis in (None, -1) else np.moveaxis(vectors, -1, int(axis)))


def argmax(
    input: Any, axis: int | None = None, output_type: Any = np.int64, name: Any = None
) -> EagerTensor:
    """The place of the largest entry along an axis, by default the first."""
    return _tensor(np.argmax(as_tensor(input), axis=axis or 0).astype(as_dtype(output_type)))


def concat(values: Any, axis: int, name: Any = None) -> EagerTensor:
    """Tensors one after another along an axis. Raises KerasError where shapes differ."""
    return _joined("concat", np.concatenate, values, axis)


def stack(values: Any, axis: int = 0, name: Any = None) -> EagerTensor:
    """Tensors along a new axis. Raises KerasError where shapes differ."""
    return _joined("stack", np.stack, values, axis)


def shape(input: Any, out_type: Any = np.int32, name: Any = None) -> EagerTensor:
    """The sizes of the axes as a tensor."""
    sizes = np.array(as_tensor(input).shape, as_dtype(out_type))
    return _tensor(sizes)


def py_function(func: Callable[..., Any], inp: Sequence[Any], Tout: Any, name: Any = None) -> Any:  # noqa: N803
    """A function of tensors, with results of these types."""
    return _called(func, [as_tensor(each) for each in inp], Tout)


def numpy_function(
    func: Callable[..., Any], inp: Sequence[Any], Tout: Any, stateful: Any = True,  # noqa: N803
    name: Any = None,
) -> Any:  # fmt: skip
    """As `py_function`, of arrays of NumPy."""
    return _called(func, [as_tensor(each).numpy() for each in inp], Tout)


def _called(function: Callable[..., Any], values: Sequence[Any], types: Any) -> Any:
    given = function(*values)
    if isinstance(types, list | tuple):
        results = given if isinstance(given, list | tuple) else [given]
        return [as_tensor(one, kind) for one, kind in zip(results, types, strict=True)]
    return as_tensor(given, types)


def _joined(name: str, function: Any, values: Any, axis: int) -> EagerTensor:
    tensors = [as_tensor(value) for value in values]
    try:
        return _tensor(function(tensors, axis=int(axis)))
    except ValueError as error:
        shapes = ", ".join(str(tuple(each.shape)) for each in tensors)
        raise KerasError(f"{name}: shapes {shapes} do not fit together on axis {axis}") from error


def _tensor(array: Any) -> EagerTensor:
    return eager_tensor(np.asarray(array), None)
