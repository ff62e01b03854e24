"""The best epoch and early stopping, as functions of the history alone.

There is no other state, so a resumed training decides as an uninterrupted one.
"""

from collections.abc import Sequence

import numpy as np

from hoiquy.recipe.training import EarlyStopping
from hoiquy.runs.history import EpochRecord


def best_epoch(history: Sequence[EpochRecord], settings: EarlyStopping) -> int:
    """The last epoch (from 1) that improved on the best before it by more than min_delta.

    0 without epochs. As in Keras' EarlyStopping, the first epoch always improves.
    """
    best, found = 0.0, 0
    for record in history:
        value = _measure(record, settings.monitor)
        if found == 0 or improves(value, best, settings.min_delta):
            best, found = value, record.epoch
    return found


def improves(value: float, best: float, min_delta: float) -> bool:
    """True if a measure, less being better, has fallen by more than `min_delta`.

    `min_delta` is added to the value and compared in float32: exact ties in Keras depend on it.
    NaN never improves, and nothing improves on NaN.
    """
    return bool(np.float32(value + min_delta) < np.float32(best))


def stops_early(history: Sequence[EpochRecord], settings: EarlyStopping) -> bool:
    """True once `patience` epochs in a row have not improved; as in Keras, patience 0 is 1."""
    if settings.patience is None or not history:
        return False
    return len(history) - best_epoch(history, settings) >= max(settings.patience, 1)


def _measure(record: EpochRecord, monitor: str) -> float:
    """The monitored measure, signed so that less is better."""
    return record.val_loss if monitor == "val_loss" else -record.val_accuracy
