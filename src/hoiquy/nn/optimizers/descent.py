"""Gradient descent with momentum, and optimizers that divide by past gradients."""

from dataclasses import dataclass

import numpy as np

from hoiquy.errors import InputError
from hoiquy.nn.kernels import Array
from hoiquy.nn.optimizers.base import Optimizer
from hoiquy.nn.optimizers.schedules import Schedule

MOMENTUM, VELOCITY, ACCUMULATOR = "momentum", "velocity", "accumulator"


@dataclass
class SGD(Optimizer):
    """Gradient descent; with momentum, also Nesterov's (Sutskever et al. 2013)."""

    learning_rate: float | Schedule = 0.01
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.momentum <= 1:
            raise InputError(f"momentum={self.momentum}: expected a number from 0 to 1")

    def _slot_values(self) -> dict[str, float]:
        return {MOMENTUM: 0.0} if self.momentum else {}

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        change = gradient * parameter.dtype.type(rate)
        if not slots:
            parameter -= change
            return
        kind, velocity = parameter.dtype.type, slots[0]
        velocity *= kind(self.momentum)
        velocity -= change
        parameter += velocity * kind(self.momentum) - change if self.nesterov else velocity


@dataclass
class RMSprop(Optimizer):
    """Divides by the root of a moving average of squares (Hinton 2012).

    rho: of the moving averages. momentum: of the changes.
    centered: whether to subtract the squared moving average of the gradients (Graves 2013).
    """

    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False

    def _slot_values(self) -> dict[str, float]:
        momentum = [MOMENTUM] if self.momentum > 0 else []
        average = ["average_gradient"] if self.centered else []
        return dict.fromkeys((VELOCITY, *momentum, *average), 0.0)

    @property
    def moves_without_gradient(self) -> bool:
        return self.epsilon <= 0  # 0 / 0

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        kind, velocity = parameter.dtype.type, slots[0]
        _average(velocity, np.square(gradient), self.rho)
        denominator = velocity + kind(self.epsilon)
        if self.centered:
            _average(slots[-1], gradient, self.rho)
            denominator -= np.square(slots[-1])
        change = gradient * kind(rate) / np.sqrt(denominator)
        if self.momentum > 0:
            slots[1] *= kind(self.momentum)
            slots[1] += change
            parameter -= slots[1]
        else:
            parameter -= change


@dataclass
class Adagrad(Optimizer):
    """Divides by the root of the sum of squares (Duchi et al. 2011)."""

    initial_accumulator_value: float = 0.1
    epsilon: float = 1e-7

    def _slot_values(self) -> dict[str, float]:
        return {ACCUMULATOR: self.initial_accumulator_value}

    @property
    def moves_without_gradient(self) -> bool:
        return self.initial_accumulator_value + self.epsilon <= 0  # 0 / 0

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        kind, (accumulator,) = parameter.dtype.type, slots
        accumulator += np.square(gradient)
        parameter -= gradient * kind(rate) / np.sqrt(accumulator + kind(self.epsilon))


@dataclass
class Adadelta(Optimizer):
    """Adagrad over a window, with changes in the parameters' own unit (Zeiler 2012)."""

    rho: float = 0.95
    epsilon: float = 1e-7

    def _slot_values(self) -> dict[str, float]:
        return {"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}

    @property
    def moves_without_gradient(self) -> bool:
        return self.epsilon <= 0  # 0 / 0

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        kind, (squares, changes) = parameter.dtype.type, slots
        epsilon = kind(self.epsilon)
        _average(squares, np.square(gradient), self.rho)
        change = np.sqrt(changes + epsilon) * gradient / np.sqrt(squares + epsilon)
        _average(changes, np.square(change), self.rho)
        parameter -= kind(rate) * change


@dataclass
class Ftrl(Optimizer):
    """Follow the regularised leader (McMahan et al. 2013), as in Keras.

    A parameter whose gradients are all zero becomes 0.
    """

    learning_rate_power: float = -0.5
    initial_accumulator_value: float = 0.1
    l1_regularization_strength: float = 0.0
    l2_regularization_strength: float = 0.0
    l2_shrinkage_regularization_strength: float = 0.0
    beta: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.learning_rate_power > 0:
            raise InputError(f"learning_rate_power={self.learning_rate_power}: expected 0 or less")
        for name in (
            "initial_accumulator_value", "l1_regularization_strength",
            "l2_regularization_strength", "l2_shrinkage_regularization_strength",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise InputError(f"{name}={getattr(self, name)}: expected 0 or more")
        if self.lr_multipliers:
            raise InputError("lr_multipliers do not work with Ftrl, which replaces parameters")

    def _slot_values(self) -> dict[str, float]:
        return {ACCUMULATOR: self.initial_accumulator_value, "linear": 0.0}

    @property
    def moves_without_gradient(self) -> bool:
        return True

    def _update_array(
        self, parameter: Array, gradient: Array, slots: list[Array], rate: float
    ) -> None:
        kind, (accumulator, linear) = parameter.dtype.type, slots
        power = kind(-self.learning_rate_power)
        shrinkage = kind(2 * self.l2_shrinkage_regularization_strength)
        grown = accumulator + np.square(gradient)
        root = grown**power
        linear += gradient + shrinkage * parameter
        linear -= (root - accumulator**power) / kind(rate) * parameter
        l2 = self.l2_regularization_strength + self.beta / (2 * rate)
        limit = kind(self.l1_regularization_strength)
        pull = np.clip(linear, -limit, limit) - linear
        parameter[...] = pull / (root / kind(rate) + kind(2 * l2))
        accumulator[...] = grown


def _average(average: Array, value: Array, rho: float) -> None:
    """rho * average + (1 - rho) * value, in place."""
    kind = average.dtype.type
    average *= kind(rho)
    average += kind(1 - rho) * value
