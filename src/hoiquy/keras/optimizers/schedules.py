"""Keras' learning rate schedules."""

from typing import Any

import numpy as np

from hoiquy.keras.configured import Configured
from hoiquy.keras.configured import serialized as _serialized
from hoiquy.keras.registry import Registry
from hoiquy.keras.tensors import EagerTensor, eager_tensor
from hoiquy.nn import optimizers as nn


class LearningRateSchedule(Configured):
    """A learning rate that depends on the number of updates: `schedule(step)`.

    A class of the script has `__call__`.
    """

    MODULE = "keras.optimizers.schedules"
    NEEDS_CONFIG = True
    name: Any = None

    def make(self) -> Any:
        """The schedule of `hoiquy.nn`; that of a script's class runs its `__call__`."""
        if self.defines("__call__", LearningRateSchedule):
            return lambda step: float(np.asarray(self(_tensor(step))))
        return super().make()

    def __call__(self, step: Any) -> Any:
        """The learning rate after `step` updates."""
        rate: float = self.make()(int(step))
        return rate


def _tensor(step: int) -> EagerTensor:
    """The number of updates as Keras gives it to a schedule."""
    return eager_tensor(np.asarray(step, np.int32), None)


class _Decay(LearningRateSchedule):
    initial_learning_rate: float
    decay_steps: float
    decay_rate: float
    staircase: bool = False


class ExponentialDecay(_Decay):
    """initial * decay_rate ^ (step / decay_steps)."""

    NN = nn.ExponentialDecay
    name = "ExponentialDecay"


class InverseTimeDecay(_Decay):
    """initial / (1 + decay_rate * step / decay_steps)."""

    NN = nn.InverseTimeDecay
    name = "InverseTimeDecay"


class PiecewiseConstantDecay(LearningRateSchedule):
    """One value up to each boundary, the last one after them."""

    NN = nn.PiecewiseConstantDecay
    boundaries: Any
    values: Any
    name = "PiecewiseConstant"

    def nn_settings(self) -> dict[str, Any]:
        settings = super().nn_settings()
        return {name: tuple(value) for name, value in settings.items()}


class PolynomialDecay(LearningRateSchedule):
    """From the initial learning rate to the last along (1 - step / decay_steps) ^ power."""

    NN = nn.PolynomialDecay
    initial_learning_rate: float
    decay_steps: float
    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False
    name = "PolynomialDecay"


class CosineDecay(LearningRateSchedule):
    """Half a cosine to alpha times the highest rate, after an optional linear rise."""

    NN = nn.CosineDecay
    initial_learning_rate: float
    decay_steps: float
    alpha: float = 0.0
    name: Any = "CosineDecay"
    warmup_target: float | None = None
    warmup_steps: float = 0


class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decay that restarts."""

    NN = nn.CosineDecayRestarts
    initial_learning_rate: float
    first_decay_steps: float
    t_mul: float = 2.0
    m_mul: float = 1.0
    alpha: float = 0.0
    name = "SGDRDecay"


_REGISTRY = Registry(
    "learning rate schedule",
    LearningRateSchedule,
    (
        ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay, CosineDecay,
        CosineDecayRestarts,
    ),
)  # fmt: skip


def serialize(schedule: Any) -> Any:
    """The configuration of a schedule."""
    return _serialized(schedule)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The schedule of a configuration. Raises KerasError if it is malformed."""
    return _REGISTRY.deserialize(config)
