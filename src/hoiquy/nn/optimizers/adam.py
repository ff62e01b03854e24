"""Adam and gradient clipping; parameters are updated in place."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hoiquy.nn.kernels import (
    Array,
    Gradient,
    RowGradient,
    gradient_values,
    kernels_for,
)


def clip_by_global_norm(gradients: Mapping[str, Gradient], most: float) -> None:
    """Scale all gradients, in place, so that their global norm is at most `most`.

    The norm is that of all gradients as one vector (Pascanu et al. 2013; Keras' global_clipnorm).
    """
    # In the order of the names, in float64: the same bits every time.
    squares = (
        float(np.sum(np.square(gradient_values(gradients[name]), dtype=np.float64)))
        for name in sorted(gradients)
    )
    norm = math.sqrt(sum(squares))
    if norm > most:
        for gradient in gradients.values():
            numbers = gradient_values(gradient)
            numbers *= numbers.dtype.type(most / norm)


@dataclass
class Adam:
    """Adam (Kingma and Ba 2015) with Keras' defaults and Keras' place for epsilon.

    Where a gradient is a RowGradient, only its rows and their moments are updated, as in TensorFlow
    Addons' LazyAdam.

    learning_rate, beta_1, beta_2, epsilon: as in Keras.
    step: the number of updates so far.
    first, second: the moments of each parameter, by its name.
    lr_multipliers: for some parameters an array of the parameter's shape by which the learning
        rate is multiplied; 1 for the others.
    """

    learning_rate: float
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    step: int = 0
    first: dict[str, Array] = field(default_factory=dict)
    second: dict[str, Array] = field(default_factory=dict)
    lr_multipliers: dict[str, Array] = field(default_factory=dict)

    def update(self, parameters: dict[str, Array], gradients: Mapping[str, Gradient]) -> None:
        """Update the parameters, in place, by one step."""
        self.step += 1
        correction = math.sqrt(1 - self.beta_2**self.step) / (1 - self.beta_1**self.step)
        for name, parameter in parameters.items():
            if name not in self.first:
                self.first[name] = np.zeros_like(parameter)
                self.second[name] = np.zeros_like(parameter)
            gradient, arrays = gradients[name], (parameter, self.first[name], self.second[name])
            multipliers = self.lr_multipliers.get(name)
            if not isinstance(gradient, RowGradient):
                self._update_scaled(multipliers, *arrays, gradient, correction)
                continue
            rows = [array[gradient.rows] for array in arrays]
            multipliers = None if multipliers is None else multipliers[gradient.rows]
            self._update_scaled(multipliers, rows[0], rows[1], rows[2], gradient.values, correction)
            for array, updated in zip(arrays, rows, strict=True):
                array[gradient.rows] = updated

    def _update_scaled(
        self, multipliers: Array | None, parameter: Array, first: Array, second: Array,
        gradient: Array, correction: float,
    ) -> None:  # fmt: skip
        if multipliers is None:
            self._update_array(parameter, first, second, gradient, correction)
            return
        change = np.zeros_like(parameter)
        self._update_array(change, first, second, gradient, correction)
        parameter += multipliers * change

    def _update_array(
        self, parameter: Array, first: Array, second: Array, gradient: Array, correction: float
    ) -> None:
        kernels_for(parameter.dtype).adam_update(
            parameter, gradient, first, second, self.learning_rate * correction, self.beta_1,
            self.beta_2, self.epsilon,
        )  # fmt: skip
