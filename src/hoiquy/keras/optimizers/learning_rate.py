"""Numbers of an optimizer that can be assigned to, as in `K.set_value(optimizer.lr, 0.1)`."""

from typing import Any

import numpy as np


class AssignableNumber(float):
    """The value of an attribute of an optimizer; `assign` sets the attribute."""

    _optimizer: Any
    _name: str

    def __new__(cls, value: float, optimizer: Any, name: str) -> "AssignableNumber":
        number = super().__new__(cls, value)
        number._optimizer, number._name = optimizer, name
        return number

    def assign(self, value: Any) -> None:
        """Set the attribute of the optimizer."""
        setattr(self._optimizer, self._name, value)

    def numpy(self) -> np.float32:
        """The number as NumPy's float32."""
        return np.float32(self)

    def value(self) -> float:
        """The number."""
        return float(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return float, (float(self),)


class LearningRate(AssignableNumber):
    """A float32 number; `assign` sets the learning rate of its optimizer."""

    def __new__(cls, value: float, optimizer: Any) -> "LearningRate":
        rate = super().__new__(cls, float(np.float32(value)), optimizer, "learning_rate")
        assert isinstance(rate, cls)
        return rate
