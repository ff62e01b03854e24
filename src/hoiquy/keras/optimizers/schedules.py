"""Keras' learning rate schedules."""

from collections.abc import Mapping
from typing import Any, ClassVar

from hoiquy.keras.arguments import REQUIRED
from hoiquy.keras.configured import Configured
from hoiquy.keras.configured import serialized as _serialized
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.registry import Registry
from hoiquy.nn import optimizers as nn


class LearningRateSchedule(Configured):
    """A learning rate that depends on the number of updates: `schedule(step)`."""

    MODULE = "keras.optimizers.schedules"

    def _check(self) -> None:
        if self.NN is None:
            raise NotSupportedError(
                "schedules of the script's own are not supported; use one of "
                "keras.optimizers.schedules or the callback LearningRateScheduler"
            )
        self.make()

    def __call__(self, step: Any) -> float:
        """The learning rate after `step` updates."""
        rate: float = self.make()(int(step))
        return rate

    def serialized(self) -> Any:
        """Keras 3's configuration with the class."""
        return {
            "module": self.MODULE,
            "class_name": type(self).__name__,
            "config": self.get_config(),
            "registered_name": None,
        }


class ExponentialDecay(LearningRateSchedule):
    """initial * decay_rate ^ (step / decay_steps)."""

    NN = nn.ExponentialDecay
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "initial_learning_rate": REQUIRED, "decay_steps": REQUIRED, "decay_rate": REQUIRED,
        "staircase": False, "name": "ExponentialDecay",
    }  # fmt: skip


class InverseTimeDecay(LearningRateSchedule):
    """initial / (1 + decay_rate * step / decay_steps)."""

    NN = nn.InverseTimeDecay
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "initial_learning_rate": REQUIRED, "decay_steps": REQUIRED, "decay_rate": REQUIRED,
        "staircase": False, "name": "InverseTimeDecay",
    }  # fmt: skip


class PiecewiseConstantDecay(LearningRateSchedule):
    """One value up to each boundary, the last one after them."""

    NN = nn.PiecewiseConstantDecay
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "boundaries": REQUIRED, "values": REQUIRED, "name": "PiecewiseConstant",
    }  # fmt: skip

    def nn_settings(self) -> dict[str, Any]:
        settings = super().nn_settings()
        return {name: tuple(value) for name, value in settings.items()}


class PolynomialDecay(LearningRateSchedule):
    """From the initial learning rate to the last along (1 - step / decay_steps) ^ power."""

    NN = nn.PolynomialDecay
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "initial_learning_rate": REQUIRED, "decay_steps": REQUIRED,
        "end_learning_rate": 0.0001, "power": 1.0, "cycle": False, "name": "PolynomialDecay",
    }  # fmt: skip


class CosineDecay(LearningRateSchedule):
    """Half a cosine to alpha times the highest rate, after an optional linear rise."""

    NN = nn.CosineDecay
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "initial_learning_rate": REQUIRED, "decay_steps": REQUIRED, "alpha": 0.0,
        "name": "CosineDecay", "warmup_target": None, "warmup_steps": 0,
    }  # fmt: skip


class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decay that restarts."""

    NN = nn.CosineDecayRestarts
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "initial_learning_rate": REQUIRED, "first_decay_steps": REQUIRED, "t_mul": 2.0,
        "m_mul": 1.0, "alpha": 0.0, "name": "SGDRDecay",
    }  # fmt: skip


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
