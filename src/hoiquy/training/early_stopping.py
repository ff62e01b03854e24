"""Which epoch is the best so far, and whether training stops: functions of the history alone.

Nothing else is remembered, so a training that is resumed decides as one that never stopped.
"""

from collections.abc import Sequence

import numpy as np

from hoiquy.recipe.training import EarlyStopping
from hoiquy.runs.history import EpochRecord


def best_epoch(history: Sequence[EpochRecord], settings: EarlyStopping) -> int:
    """The last epoch (from 1) that improved on the best before it by more than min_delta.

    0 if there is no epoch. As Keras' EarlyStopping: a loss improves by falling, an accuracy by
    rising, and the first epoch always does.
    """
    best, found = 0.0, 0
    for record in history:
        value = _measure(record, settings.monitor)
        if found == 0 or improves(value, best, settings.min_delta):
            best, found = value, record.epoch
    return found


def improves(value: float, best: float, min_delta: float) -> bool:
    """True if a measure of which less is better has fallen by more than `min_delta`.

    Added to the value, not taken from the best one, and compared in float32: Keras' callbacks do
    so, and exact ties depend on it. NaN never improves, and nothing improves on NaN.
    """
    return bool(np.float32(value + min_delta) < np.float32(best))


def stops_early(history: Sequence[EpochRecord], settings: EarlyStopping) -> bool:
    """True once `patience` epochs in a row have not improved on the best one.

    As in Keras, patience 0 is patience 1: an epoch that improves never stops the training.
    """
    if settings.patience is None or not history:
        return False
    return len(history) - best_epoch(history, settings) >= max(settings.patience, 1)


def _measure(record: EpochRecord, monitor: str) -> float:
    """The monitored measure, turned so that less is better."""
    return record.val_loss if monitor == "val_loss" else -record.val_accuracy
