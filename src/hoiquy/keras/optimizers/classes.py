"""Keras' optimizers, with the defaults of Keras 3."""

from hoiquy.keras.optimizers.base import Optimizer
from hoiquy.nn import optimizers as nn

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lion", "Nadam", "RMSprop",
]  # fmt: skip


class SGD(Optimizer):
    """Gradient descent, with momentum and Nesterov's momentum."""

    NN = nn.SGD
    RATE = 0.01
    momentum: float = 0.0
    nesterov: bool = False


class RMSprop(Optimizer):
    """Divides by the root of a moving average of squares."""

    NN = nn.RMSprop
    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float | None = 1e-7
    centered: bool = False


class _AdamLike(Optimizer):
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float | None = 1e-7
    amsgrad: bool = False


class Adam(_AdamLike):
    """Adam."""

    NN = nn.Adam


class AdamW(_AdamLike):
    """Adam with decoupled weight decay."""

    NN = nn.AdamW
    weight_decay: float | None = 0.004


class Nadam(Optimizer):
    """Adam with Nesterov's momentum."""

    NN = nn.Nadam
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float | None = 1e-7


class Adamax(Optimizer):
    """Adam with the infinity norm."""

    NN = nn.Adamax
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float | None = 1e-7


class Adagrad(Optimizer):
    """Divides by the root of the sum of squares."""

    NN = nn.Adagrad
    initial_accumulator_value: float = 0.1
    epsilon: float | None = 1e-7


class Adadelta(Optimizer):
    """Adagrad over a window."""

    NN = nn.Adadelta
    rho: float = 0.95
    epsilon: float | None = 1e-7


class Ftrl(Optimizer):
    """Follow the regularised leader."""

    NN = nn.Ftrl
    learning_rate_power: float = -0.5
    initial_accumulator_value: float = 0.1
    l1_regularization_strength: float = 0.0
    l2_regularization_strength: float = 0.0
    l2_shrinkage_regularization_strength: float = 0.0
    beta: float = 0.0


class Lion(Optimizer):
    """The sign of a momentum."""

    NN = nn.Lion
    beta_1: float = 0.9
    beta_2: float = 0.99
