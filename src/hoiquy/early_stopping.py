"""Which epoch is the best so far, and whether training stops: functions of the history alone.

Nothing else is remembered, so a training that is resumed decides as one that never stopped.
"""

from collections.abc import Sequence

from hoiquy.history import EpochRecord
from hoiquy.recipe_training import EarlyStopping


def best_epoch(history: Sequence[EpochRecord], settings: EarlyStopping) -> int:
    """The last epoch (from 1) that improved on the best before it by more than min_delta.

    0 if there is no epoch. As Keras' EarlyStopping: a loss improves by falling, an accuracy by
    rising, and the first epoch always does.
    """
    best, found = 0.0, 0
    for record in history:
        value = _measure(record, settings.monitor)
        if found == 0 or value < best - settings.min_delta:
            best, found = value, record.epoch
    return found


def stops_early(history: Sequence[EpochRecord], settings: EarlyStopping) -> bool:
    """True once `patience` epochs in a row have not improved on the best one."""
    if settings.patience is None or not history:
        return False
    return len(history) - best_epoch(history, settings) >= settings.patience


def _measure(record: EpochRecord, monitor: str) -> float:
    """The monitored measure, turned so that less is better."""
    return record.val_loss if monitor == "val_loss" else -record.val_accuracy
