"""Keras' optimizers, with the defaults of Keras 3."""

from hoiquy.keras.optimizers.base import Optimizer, arguments
from hoiquy.nn import optimizers as nn


class SGD(Optimizer):
    """Gradient descent, with momentum and Nesterov's momentum."""

    NN = nn.SGD
    ARGUMENTS = arguments(0.01, momentum=0.0, nesterov=False)


class RMSprop(Optimizer):
    """Divides by the root of a moving average of squares."""

    NN = nn.RMSprop
    ARGUMENTS = arguments(rho=0.9, momentum=0.0, epsilon=1e-7, centered=False)


class Adam(Optimizer):
    """Adam."""

    NN = nn.Adam
    ARGUMENTS = arguments(beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False)


class AdamW(Optimizer):
    """Adam with decoupled weight decay."""

    NN = nn.AdamW
    ARGUMENTS = arguments(weight_decay=0.004, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False)


class Nadam(Optimizer):
    """Adam with Nesterov's momentum."""

    NN = nn.Nadam
    ARGUMENTS = arguments(beta_1=0.9, beta_2=0.999, epsilon=1e-7)


class Adamax(Optimizer):
    """Adam with the infinity norm."""

    NN = nn.Adamax
    ARGUMENTS = arguments(beta_1=0.9, beta_2=0.999, epsilon=1e-7)


class Adagrad(Optimizer):
    """Divides by the root of the sum of squares."""

    NN = nn.Adagrad
    ARGUMENTS = arguments(initial_accumulator_value=0.1, epsilon=1e-7)


class Adadelta(Optimizer):
    """Adagrad over a window."""

    NN = nn.Adadelta
    ARGUMENTS = arguments(rho=0.95, epsilon=1e-7)


class Ftrl(Optimizer):
    """Follow the regularised leader."""

    NN = nn.Ftrl
    ARGUMENTS = arguments(
        learning_rate_power=-0.5, initial_accumulator_value=0.1, l1_regularization_strength=0.0,
        l2_regularization_strength=0.0, l2_shrinkage_regularization_strength=0.0, beta=0.0,
    )  # fmt: skip


class Lion(Optimizer):
    """The sign of a momentum."""

    NN = nn.Lion
    ARGUMENTS = arguments(beta_1=0.9, beta_2=0.99)
