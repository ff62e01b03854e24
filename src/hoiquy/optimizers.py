"""Optimisers: state by parameter name, updated in place."""

import math
from dataclasses import dataclass, field

import numpy as np

from hoiquy.kernels import Array, kernels_for


@dataclass
class Adam:
    """Adam (Kingma and Ba 2015) with Keras' defaults and Keras' place for epsilon."""

    learning_rate: float
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    step: int = 0
    first: dict[str, Array] = field(default_factory=dict)
    second: dict[str, Array] = field(default_factory=dict)

    def update(self, parameters: dict[str, Array], gradients: dict[str, Array]) -> None:
        """Move the parameters, in place, one step along the gradients."""
        self.step += 1
        correction = math.sqrt(1 - self.beta_2**self.step) / (1 - self.beta_1**self.step)
        for name, parameter in parameters.items():
            if name not in self.first:
                self.first[name] = np.zeros_like(parameter)
                self.second[name] = np.zeros_like(parameter)
            kernels_for(parameter.dtype).adam_update(
                parameter, gradients[name], self.first[name], self.second[name],
                self.learning_rate * correction, self.beta_1, self.beta_2, self.epsilon,
            )  # fmt: skip
