"""Convert a recipe's learning-rate schedule to Keras'.

With JAX a callback cannot set the rate of a single step, but a schedule object can. A plateau
changes the rate between epochs, which a callback can do.
"""

from typing import Any

from hoiquy.interop.keras.backend import load_keras
from hoiquy.recipe.training import CosineSchedule, ExponentialSchedule, TrainingTable


def keras_learning_rate(training: TrainingTable, steps: int) -> Any:
    """Return the learning rate or schedule for Keras' optimisers, with `steps` per epoch."""
    schedule, rate = training.schedule, training.learning_rate
    schedules = load_keras().optimizers.schedules
    if isinstance(schedule, ExponentialSchedule):
        return schedules.ExponentialDecay(rate, steps, schedule.decay_rate)
    if isinstance(schedule, CosineSchedule):
        warmup = schedule.warmup_epochs
        return schedules.CosineDecay(
            0.0 if warmup else rate,
            # At least 1, also if the warm-up takes all epochs.
            max((training.epochs - warmup) * steps, 1),
            alpha=schedule.final_fraction,
            warmup_target=rate if warmup else None,
            warmup_steps=warmup * steps,
        )
    return rate
