"""Optimisers: state by parameter name, updated in place."""

import math
from dataclasses import dataclass, field

import numpy as np

from hoiquy.kernels import Array, kernels_for


def clip_by_global_norm(gradients: dict[str, Array], most: float) -> None:
    """Shorten all gradients together, in place, so that their norm is at most `most`.

    The norm is that of all numbers as one vector (Pascanu et al. 2013; Keras' global_clipnorm).
    """
    # One array after the other in the order of the names, in float64: always the same bits.
    squares = (
        float(np.sum(np.square(gradients[name], dtype=np.float64))) for name in sorted(gradients)
    )
    norm = math.sqrt(sum(squares))
    if norm > most:
        for gradient in gradients.values():
            gradient *= gradient.dtype.type(most / norm)


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
