"""What may be said of the validation loss: where it settles, and whether it rises again.

All rules look at the validation loss v(1) … v(E) through its running minimum
b(e) = min(v(1) … v(e)), so that a single noisy epoch changes nothing. The yardstick is the whole
fall F = v(1) − b(E). Of n validation documents, a change below N = b(E) / sqrt(n) may be chance: it
is two standard errors where the losses of a document before and after differ by about half their
mean.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hoiquy.comparison.judgement.sample_size import TOLERANCE
from hoiquy.runs.history import EpochRecord

SETTLED_SHARE = 0.05  # of the whole fall: what may still be gained after the settle epoch
TURNED_UP_SHARE = 0.05  # of the whole fall: how far above its minimum the loss must end
NOISY_SHARE = 0.15  # of the whole fall: N may be so large where a loss is said to settle
FLAT_SHARE = 0.02  # of the first loss: a smaller movement is no movement
FEWEST_EPOCHS = 3  # fewer do not show the shape of a curve
# Of all learning rates added up: a loss has settled if so much of the training followed. An
# exponential fall then has less than 10 % of F left to gain.
RATE_LEFT = 0.25
DECAYED = 0.5  # of the highest learning rate: a schedule that ends below it slows the training

LossCourse = Literal[
    "settled", "ended", "slowing", "falling", "turned", "flat", "rising", "noisy", "unknown",
]  # fmt: skip


@dataclass(frozen=True)
class LossFacts:
    """The course of the validation loss.

    settled   at `epoch`: the first e with b(e) − b(E) <= 5 % of F, or N
    ended     as settled, but little training followed, as the schedule lowered the learning rate
    slowing   as settled, but little training followed, as there were no more epochs
    falling   only the last epoch gained more than that
    turned    risen from its minimum, see `risen`
    flat      F is below 2 % of v(1), and the loss has not risen
    rising    F is below 2 % of v(1), and the loss has risen
    noisy     N is more than 15 % of F: the validation documents are too few to tell
    unknown   fewer than three epochs, or a loss that is not a number
    """

    course: LossCourse
    epoch: int  # where it settled; the last one otherwise
    first: float
    best: float
    best_epoch: int
    last: float
    risen: bool  # v(E) is above b(E) by more than 5 % of F, 2 % of b(E) and N
    turned_up: bool  # risen, and the training loss fell since the best epoch: overfitting
    allowed: float = SETTLED_SHARE  # share of F that is gained after `epoch` at most
    rate: float = 1.0  # learning rate at `epoch`, as a share of the highest
    last_rate: float = 1.0  # at the last epoch


def loss_facts(history: Sequence[EpochRecord], documents: int | None = None) -> LossFacts:
    """Describe the validation loss.

    history: at least one epoch. documents: of the validation set; None takes it as large.
    """
    losses = [record.val_loss for record in history]
    first, best, last = losses[0], min(losses), losses[-1]
    best_epoch = losses.index(best) + 1
    noise = best / math.sqrt(documents) if documents else 0.0
    risen = _risen(losses, best, noise)
    # a training that diverges raises its training loss, too
    turned_up = risen and history[-1].loss < history[best_epoch - 1].loss
    rates = [record.learning_rate for record in history]
    course, epoch = _course(losses, rates, noise)
    fall = first - best
    highest = max(rates)
    return LossFacts(
        course, epoch, first, best, best_epoch, last, risen, turned_up,
        allowed=_allowed(fall, noise) / fall if fall > 0 else SETTLED_SHARE,
        rate=rates[epoch - 1] / highest if highest > 0 else 1.0,
        last_rate=rates[-1] / highest if highest > 0 else 1.0,
    )  # fmt: skip


def documents_for_course(facts: LossFacts) -> float:
    """Validation documents with which a course would not be noisy; F must not be 0."""
    return (facts.best / (NOISY_SHARE * (facts.first - facts.best))) ** 2


def _risen(losses: Sequence[float], best: float, noise: float) -> bool:
    """The second condition matters if F is 0."""
    fall = losses[0] - best
    return losses[-1] - best > max(TURNED_UP_SHARE * fall, FLAT_SHARE * best, noise)


def _allowed(fall: float, noise: float) -> float:
    return max(SETTLED_SHARE * fall, noise)


def _course(
    losses: Sequence[float], rates: Sequence[float], noise: float
) -> tuple[LossCourse, int]:
    first, best = losses[0], min(losses)
    epochs = len(losses)
    if epochs < FEWEST_EPOCHS or not all(map(math.isfinite, losses)):
        return "unknown", epochs
    fall = first - best
    is_flat = fall < FLAT_SHARE * first
    if _risen(losses, best, noise):
        return ("rising" if is_flat else "turned"), epochs
    if is_flat:
        return "flat", epochs
    allowed = _allowed(fall, noise)
    settled = next(at for at, loss in enumerate(losses, start=1) if loss - best <= allowed)
    if settled == epochs:
        return "falling", epochs
    if noise > TOLERANCE * NOISY_SHARE * fall:
        return "noisy", epochs
    return _after_settling(settled, rates), settled


def _after_settling(settled: int, rates: Sequence[float]) -> LossCourse:
    """Whether the loss settled although training continued, or because training ended."""
    if math.fsum(rates[settled:]) >= RATE_LEFT * math.fsum(rates) * (1 - 1e-9):
        return "settled"
    return "ended" if rates[-1] < DECAYED * max(rates) else "slowing"
