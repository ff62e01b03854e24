"""The arrays of a layer as Keras' variables, and lists of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import AnyArray, Shape


class Variable:
    """One array of a layer, such as its kernel. `assign` changes it in place."""

    def __init__(self, array: AnyArray, name: str, path: str, trainable: bool) -> None:
        self.value = array
        self.name = name
        self.path = path
        self.trainable = trainable

    @property
    def shape(self) -> Shape:
        """The sizes of the axes."""
        return self.value.shape

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

    def assign(self, value: Any) -> None:
        """Replace the values. Raises KerasError for another shape."""
        array = np.asarray(value)
        if array.shape != self.value.shape:
            raise KerasError(
                f"{self.path}: the new value has shape {array.shape}, expected {self.value.shape}"
            )
        self.value[...] = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        return np.array(self.value, dtype) if copy is not False else self.value

    def __repr__(self) -> str:
        return (
            f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, "
            f"value={self.value}>"
        )


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
