"""Callbacks of a training."""

from collections.abc import Callable
from dataclasses import dataclass

from hoiquy.events import Listener, ignore
from hoiquy.training.state import TrainingState


@dataclass(frozen=True)
class FitCallbacks:
    """Functions that `fit` calls.

    Args:
        on_event: with each event.
        after_step: with the state after each step, and again after each epoch, before its event;
            saves checkpoints.
        out_of_time: with the state after each step; if true, that step is the last.
    """

    on_event: Listener = ignore
    after_step: Callable[[TrainingState], None] = lambda state: None
    out_of_time: Callable[[TrainingState], bool] = lambda state: False


NO_CALLBACKS = FitCallbacks()
