"""The shape of the learning curves: where the loss settles, and whether it rises again.

Both rules look at the validation loss v(1) … v(E) through its running minimum
b(e) = min(v(1) … v(e)), so that a single noisy epoch changes nothing. The yardstick is the whole
fall F = v(1) − b(E).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hoiquy.runs.history import EpochRecord

SETTLED_SHARE = 0.05  # of the whole fall: what may still be gained after the settle epoch
TURNED_UP_SHARE = 0.05  # of the whole fall: how far above its minimum the loss must end
FLAT_SHARE = 0.02  # of the first loss: a smaller movement is no movement
NEAR_CHANCE = 0.04  # above the majority rate; a bag of words does 35 points better on reviews
FEWEST_EPOCHS = 3  # fewer do not show the shape of a curve

LossCourse = Literal["settled", "falling", "flat", "rising", "unknown"]


@dataclass(frozen=True)
class LossFacts:
    """The course of the validation loss.

    settled   at `epoch`: the first e with b(e) − b(E) <= 5 % of F
    falling   only the last epoch gained more than that
    flat      F is below 2 % of v(1), and so is the rise
    rising    F is below 2 % of v(1), and v(E) is more than 2 % above v(1)
    unknown   fewer than three epochs, or a loss that is not a number
    """

    course: LossCourse
    epoch: int  # where it settled; the last one otherwise
    first: float
    best: float
    best_epoch: int
    last: float
    turned_up: bool  # see `_turned_up`


def loss_facts(history: Sequence[EpochRecord]) -> LossFacts:
    """Describe the validation loss; `history` holds at least one epoch."""
    losses = [record.val_loss for record in history]
    first, best, last = losses[0], min(losses), losses[-1]
    best_epoch = losses.index(best) + 1
    course, epoch = _course(losses)
    return LossFacts(course, epoch, first, best, best_epoch, last, _turned_up(history, best_epoch))


def _course(losses: Sequence[float]) -> tuple[LossCourse, int]:
    first, best, last = losses[0], min(losses), losses[-1]
    epochs = len(losses)
    if epochs < FEWEST_EPOCHS or not all(map(math.isfinite, losses)):
        return "unknown", epochs
    if first - best < FLAT_SHARE * first:
        return ("rising" if last - first > FLAT_SHARE * first else "flat"), epochs
    allowed = SETTLED_SHARE * (first - best)
    settled = next(at for at, loss in enumerate(losses, start=1) if loss - best <= allowed)
    return ("falling" if settled == epochs else "settled"), settled


def _turned_up(history: Sequence[EpochRecord], best_epoch: int) -> bool:
    """Whether the losses show over-fitting.

    True if v(E) is above b(E) by more than 5 % of F and by more than 2 % of b(E), while the
    training loss fell since the best epoch. The second condition matters if F is 0; the last one
    excludes trainings that diverge.
    """
    best, end = history[best_epoch - 1], history[-1]
    rise = end.val_loss - best.val_loss
    fall = history[0].val_loss - best.val_loss
    risen = rise > max(TURNED_UP_SHARE * fall, FLAT_SHARE * best.val_loss)
    return risen and end.loss < best.loss
