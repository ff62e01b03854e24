"""The arrays of a layer as Keras' variables, and lists of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import AnyArray, Shape
from hoiquy.keras.values.operators import TensorOperators
from hoiquy.keras.values.tensor_shape import TensorShape


class Variable(TensorOperators):
    """One array of a layer, such as its kernel. `assign` changes it in place.

    The code of a layer computes with it as with a tensor.

    constraint: of `hoiquy.nn`; what `apply_gradients` of an optimizer projects it to.
    """

    constraint: Any = None

    def __init__(self, array: AnyArray, name: str, path: str, trainable: bool) -> None:
        self.value = array
        self.name = name
        self.path = path
        self.trainable = trainable

    @property
    def shape(self) -> Shape:
        """The sizes of the axes."""
        return TensorShape(self.value.shape)

    @property
    def dtype(self) -> str:
        """The name of the dtype: float32."""
        return str(self.value.dtype)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value.ndim

    def numpy(self) -> AnyArray:
        """A copy of the values."""
        return self.value.copy()

    def eval(self, session: Any = None) -> AnyArray:
        """A copy of the values, by TensorFlow 1's name; `session` has no effect."""
        return self.numpy()

    def assign(self, value: Any) -> None:
        """Replace the values. Raises KerasError for another shape."""
        array = np.asarray(numbers_of(value))
        if array.shape != self.value.shape:
            raise KerasError(
                f"{self.path}: the new value has shape {array.shape}, expected {self.value.shape}"
            )
        self.value[...] = array

    def assign_add(self, value: Any) -> None:
        """Add to the values. Raises KerasError for another shape."""
        self.assign(self.value + np.asarray(numbers_of(value)))

    def assign_sub(self, value: Any) -> None:
        """Subtract from the values. Raises KerasError for another shape."""
        self.assign(self.value - np.asarray(numbers_of(value)))

    def read_value(self) -> Any:
        """The values as a tensor."""
        return self + 0

    def get_shape(self) -> Shape:
        """The sizes of the axes, by TensorFlow's name."""
        return TensorShape(self.value.shape)

    def __len__(self) -> int:
        return len(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        return np.array(self.value, dtype) if copy is not False else self.value

    def __repr__(self) -> str:
        return (
            f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, "
            f"value={self.value}>"
        )


def numbers_of(value: Any) -> Any:
    """The numbers of a tensor in the code of a script, without derivatives; others unchanged."""
    return getattr(value, "array", value)


def assign_all(owner: str, variables: Sequence[Variable], values: Any) -> None:
    """Assign one array to each variable, or none at all. Raises KerasError."""
    arrays = [np.asarray(value) for value in values]
    if len(arrays) != len(variables):
        raise KerasError(
            f"{owner}: set_weights got {len(arrays)} arrays, expected {len(variables)}: "
            f"{', '.join(f'{each.path} {each.shape}' for each in variables) or 'none'}"
        )
    for variable, array in zip(variables, arrays, strict=True):
        if array.shape != variable.shape:
            raise KerasError(
                f"{owner}: set_weights got shape {array.shape} for {variable.path}, expected "
                f"{variable.shape}"
            )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def parameter_count(variables: Sequence[Variable]) -> int:
    """The number of numbers in the variables, each counted once."""
    return sum(variable.value.size for variable in distinct(variables))


def distinct(variables: Sequence[Variable]) -> list[Variable]:
    """Each array once, in the order of its first appearance."""
    return list({id(variable.value): variable for variable in reversed(variables)}.values())[::-1]
