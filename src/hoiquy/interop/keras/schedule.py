"""A recipe's learning-rate schedule as Keras' own.

Keras on JAX keeps the optimiser's state to itself within an epoch: a callback cannot set the rate
of a single step, a schedule object can. A plateau changes it between epochs, which works.
"""

from typing import Any

from hoiquy.interop.keras.backend import load_keras
from hoiquy.recipe.training import CosineSchedule, ExponentialSchedule, TrainingTable


def keras_learning_rate(training: TrainingTable, steps: int) -> Any:
    """What Keras' optimisers take as their learning rate, with `steps` steps an epoch."""
    schedule, rate = training.schedule, training.learning_rate
    schedules = load_keras().optimizers.schedules
    if isinstance(schedule, ExponentialSchedule):
        return schedules.ExponentialDecay(rate, steps, schedule.decay_rate)
    if isinstance(schedule, CosineSchedule):
        warmup = schedule.warmup_epochs
        return schedules.CosineDecay(
            0.0 if warmup else rate,
            # Where it warms up to the end, nothing is left to fall.
            max((training.epochs - warmup) * steps, 1),
            alpha=schedule.final_fraction,
            warmup_target=rate if warmup else None,
            warmup_steps=warmup * steps,
        )
    return rate
