"""The learning rate of each step, as a function of recipe, step and history."""

import math
from collections.abc import Sequence

from hoiquy.recipe.training import (
    CosineSchedule,
    ExponentialSchedule,
    PlateauSchedule,
    TrainingTable,
)
from hoiquy.runs.history import EpochRecord
from hoiquy.training.early_stopping import improves


def learning_rate(
    training: TrainingTable, epochs_done: float, history: Sequence[EpochRecord]
) -> float:
    """The rate of a step after `epochs_done` epochs; 1.5 is in the middle of the second one.

    exponential, cosine: Keras' ExponentialDecay and CosineDecay (Loshchilov and Hutter 2017), in
    epochs. plateau: Keras' ReduceLROnPlateau on the validation loss, which changes between epochs.
    """
    schedule, rate = training.schedule, training.learning_rate
    if isinstance(schedule, ExponentialSchedule):
        return float(rate * schedule.decay_rate**epochs_done)
    if isinstance(schedule, CosineSchedule):
        return rate * _cosine(schedule, epochs_done, training.epochs)
    if isinstance(schedule, PlateauSchedule):
        return _after_plateaus(schedule, rate, history)
    return rate


def _cosine(schedule: CosineSchedule, epochs_done: float, epochs: int) -> float:
    """Linear from 0 to 1 during warm-up, then half a cosine."""
    warmup = schedule.warmup_epochs
    if epochs_done < warmup:
        return epochs_done / warmup
    if warmup >= epochs:
        return 1.0
    progress = min((epochs_done - warmup) / (epochs - warmup), 1.0)
    fall = 0.5 * (1 + math.cos(math.pi * progress))
    return schedule.final_fraction + (1 - schedule.final_fraction) * fall


def _after_plateaus(
    schedule: PlateauSchedule, rate: float, history: Sequence[EpochRecord]
) -> float:
    best, waited = 0.0, 0
    for at, record in enumerate(history):
        if at == 0 or improves(record.val_loss, best, schedule.min_delta):
            best, waited = record.val_loss, 0
            continue
        waited += 1
        if waited >= schedule.patience and rate > schedule.min_learning_rate:
            rate, waited = max(rate * schedule.factor, schedule.min_learning_rate), 0
    return rate
