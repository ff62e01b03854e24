"""Adam and its relatives."""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from hoiquy.nn.kernels import Array, RowGradient, kernels_for
from hoiquy.nn.optimizers.base import Optimizer

MOMENTUM, VELOCITY, MAXIMUM, NORM = "momentum", "velocity", "velocity_hat", "norm"


@dataclass
class _TwoMoments(Optimizer):
    """The settings of Adam and its relatives, with Keras' defaults.

    beta_1, beta_2: how slowly the first and the second moment change.
    epsilon: added to the divisor, at Keras' place.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    @property
    def moves_without_gradient(self) -> bool:
        return self.epsilon <= 0  # 0 / 0


@dataclass
class Adam(_TwoMoments):
    """Adam (Kingma and Ba 2015).

    amsgrad: whether to divide by the largest second moment so far (Reddi et al. 2018).
    """

    amsgrad: bool = False

    @property
    def first(self) -> dict[str, Array]:
        """The first moment of each parameter."""
        return self.slots.setdefault(MOMENTUM, {})

    @first.setter
    def first(self, arrays: dict[str, Array]) -> None:
        self.slots[MOMENTUM] = arrays

    @property
    def second(self) -> dict[str, Array]:
        """The second moment of each parameter."""
        return self.slots.setdefault(VELOCITY, {})

    @second.setter
    def second(self, arrays: dict[str, Array]) -> None:
        self.slots[VELOCITY] = arrays

    def _slot_values(self) -> dict[str, float]:
        return dict.fromkeys((MOMENTUM, VELOCITY, *([MAXIMUM] if self.amsgrad else [])), 0.0)

    def _step_size(self, rate: float) -> float:
        """The learning rate with the correction for the moments' first steps."""
        return rate * math.sqrt(1 - self.beta_2**self.step) / (1 - self.beta_1**self.step)

    def _update_rows(
        self, name: str, arrays: list[Array], gradient: RowGradient, rate: float
    ) -> None:
        in_place = arrays[0].ndim == 2 and all(array.flags.c_contiguous for array in arrays)
        if self.amsgrad or name in self.lr_multipliers or not in_place:
            super()._update_rows(name, arrays, gradient, rate)
            return
        numbers = self._step_size(rate), self.beta_1, self.beta_2, self.epsilon
        update = partial(kernels_for(arrays[0].dtype).adam_update_rows, *arrays)
        tasks = [
            (gradient.values[chunk], gradient.rows[chunk], *numbers)
            for chunk in self.chunks(gradient.values)
        ]
        self.run(update, tasks)

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        first, second = slots[:2]
        if not self.amsgrad:
            kernels_for(parameter.dtype).adam_update(
                parameter, gradient, first, second, self._step_size(rate), self.beta_1,
                self.beta_2, self.epsilon,
            )  # fmt: skip
            return
        kind, largest = parameter.dtype.type, slots[2]
        _move(first, gradient, self.beta_1)
        _move(second, np.square(gradient), self.beta_2)
        np.maximum(largest, second, out=largest)
        step_size = kind(self._step_size(rate))
        parameter -= first * step_size / (np.sqrt(largest) + kind(self.epsilon))


@dataclass
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""

    weight_decay: float | None = 0.004


@dataclass
class Nadam(_TwoMoments):
    """Adam with Nesterov momentum (Dozat 2016)."""

    def _slot_values(self) -> dict[str, float]:
        return {MOMENTUM: 0.0, VELOCITY: 0.0}

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        kind, (first, second) = parameter.dtype.type, slots
        now, following = self._momentum(self.step), self._momentum(self.step + 1)
        product = self.momentum_product
        _move(first, gradient, self.beta_1)
        _move(second, np.square(gradient), self.beta_2)
        ahead = first * kind(following / (1 - product * following))
        ahead += gradient * kind((1 - now) / (1 - product))
        root = np.sqrt(second / kind(1 - self.beta_2**self.step))
        parameter -= ahead * kind(rate) / (root + kind(self.epsilon))

    def _momentum(self, step: int) -> float:
        return self.beta_1 * (1 - 0.5 * 0.96**step)

    @property
    def momentum_product(self) -> float:
        """The product of the momenta of all steps so far; after 1000 their factor is 1."""
        factors = 1 - 0.5 * 0.96 ** np.arange(1, min(self.step, 1000) + 1)
        return float(self.beta_1**self.step * np.prod(factors))


@dataclass
class Adamax(_TwoMoments):
    """Adam with the infinity norm (Kingma and Ba 2015, section 7)."""

    def _slot_values(self) -> dict[str, float]:
        return {MOMENTUM: 0.0, NORM: 0.0}

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        kind, (first, norm) = parameter.dtype.type, slots
        _move(first, gradient, self.beta_1)
        norm *= kind(self.beta_2)
        np.maximum(norm, np.abs(gradient), out=norm)
        step_size = kind(rate / (1 - self.beta_1**self.step))
        parameter -= first * step_size / (norm + kind(self.epsilon))


@dataclass
class Lion(Optimizer):
    """The sign of a momentum (Chen et al. 2023)."""

    beta_1: float = 0.9
    beta_2: float = 0.99

    def _slot_values(self) -> dict[str, float]:
        return {MOMENTUM: 0.0}

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        kind, (first,) = parameter.dtype.type, slots
        direction = np.sign(first * kind(self.beta_1) + gradient * kind(1 - self.beta_1))
        parameter -= kind(rate) * direction
        first *= kind(self.beta_2)
        first += gradient * kind(1 - self.beta_2)


def _move(moment: Array, value: Array, beta: float) -> None:
    """Move a moment towards a value, in place."""
    moment += (value - moment) * moment.dtype.type(1 - beta)
