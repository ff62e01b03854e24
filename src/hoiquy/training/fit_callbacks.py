"""What a training calls while it runs."""

from collections.abc import Callable
from dataclasses import dataclass

from hoiquy.events import Listener, ignore
from hoiquy.training.state import TrainingState

AfterStep = Callable[[TrainingState], None]


OutOfTime = Callable[[TrainingState], bool]


def never(state: TrainingState) -> bool:
    """For trainings without a limit of time."""
    return False


def nothing(state: TrainingState) -> None:
    """For trainings without checkpoints."""


@dataclass(frozen=True)
class FitCallbacks:
    """What `fit` calls.

    Args:
        on_event: with each event.
        after_step: with the state after each step, and again when an epoch is done, before its
            event: checkpoints are saved there.
        out_of_time: with the state after each step; if true, that step is the last, as with
            `training.max_steps`.
    """

    on_event: Listener = ignore
    after_step: AfterStep = nothing
    out_of_time: OutOfTime = never


NO_CALLBACKS = FitCallbacks()
