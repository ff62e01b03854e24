"""The learning rate of an optimizer: a number that can also be assigned to, as in Keras."""

from typing import Any

import numpy as np


class LearningRate(float):
    """A float32 number; `assign` sets the learning rate of its optimizer."""

    _optimizer: Any

    def __new__(cls, value: float, optimizer: Any) -> "LearningRate":
        rate = super().__new__(cls, np.float32(value))
        rate._optimizer = optimizer
        return rate

    def assign(self, value: Any) -> None:
        """Set the learning rate of the optimizer."""
        self._optimizer.learning_rate = value

    def numpy(self) -> np.float32:
        """The number as NumPy's float32."""
        return np.float32(self)

    def value(self) -> float:
        """The number."""
        return float(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return float, (float(self),)
