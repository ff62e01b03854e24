"""A time budget for a training: the seconds left, and the largest network that fits.

Speed is measured, as it depends on the machine and its load. The result is an ordinary recipe in
the run folder: trained again without a limit, it gives the same bits.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hoiquy.errors import InputError
from hoiquy.events import Listener, Planned, ignore
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.encoding.prepared import Prepared, Split
from hoiquy.training.gradients import batch_gradients
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.loop import epoch_batches, warm_up
from hoiquy.training.scoring import score
from hoiquy.training.state import TrainingState

_USED = 0.85  # share of the time left that is planned, as estimates err
_ENOUGH = 0.6  # share of a recipe's epochs; with fewer, a smaller network is better
_BATCHES, _DOCUMENTS = 6, 512  # tried to measure the speed
_WRITING_SECONDS = 2.0
_RESERVE_ERROR = 1.3  # factor by which scoring may exceed its measurement


@dataclass
class TimeBudget:
    """The seconds that a training may take from now on. Raises InputError if there are none."""

    seconds: float
    scoring_seconds: float = 0.0  # of validation and test, once measured
    _start: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise InputError(f"{self.seconds / 60:g} minutes: expected more than 0")

    def left(self) -> float:
        """Seconds left for training, with time reserved for scoring and writing."""
        after = _RESERVE_ERROR * self.scoring_seconds + _WRITING_SECONDS
        return self.seconds - after - (time.perf_counter() - self._start)

    def measured(self, recipe: Recipe, prepared: Prepared) -> "Speed":
        """Measure the speed of a recipe, and reserve its scoring time."""
        speed = measure_speed(recipe, prepared)
        self.scoring_seconds = speed.validation + speed.test
        return speed


@dataclass(frozen=True)
class Speed:
    """Estimated seconds of the parts of a training."""

    epoch: float
    validation: float
    test: float


def fitting_recipe(
    recipes: Sequence[Recipe], prepared: Prepared, budget: TimeBudget, on_event: Listener = ignore
) -> tuple[Recipe, Prepared]:
    """The first recipe that fits the budget, or the last one, with as many epochs as fit.

    prepared: for the first recipe; the others have the same texts and words.
    """
    finish_compiling(on_event)
    for recipe in recipes:
        own = _with_lengths(prepared, recipe)
        speed = budget.measured(recipe, own)
        affordable = _USED * budget.left() / (speed.epoch + speed.validation)
        epochs = max(1, min(int(affordable), recipe.training.epochs))
        if affordable >= _ENOUGH * recipe.training.epochs:
            break
    recipe = recipe.with_settings([f"training.epochs={epochs}"])
    on_event(Planned(recipe, epochs * (speed.epoch + speed.validation)))
    return recipe, own


def measure_speed(recipe: Recipe, prepared: Prepared) -> Speed:
    """Time a few batches of training and some documents of scoring, on a temporary model."""
    model = TrainingState.initial(recipe, prepared).model
    batches = epoch_batches(recipe, model, prepared.train, 1)
    lengths = prepared.train.lengths  # once: it looks at all documents
    by_length = sorted(batches, key=lambda rows: int(lengths[rows].sum()))
    tried = np.linspace(0, len(batches) - 1, _BATCHES + 2).astype(int)[1:-1].tolist()
    with shard_pool() as pool:
        warm_up(model, prepared.train, pool)
        start = time.perf_counter()
        for at in tried:
            rows = by_length[at]
            indices, targets = prepared.train.indices(rows), prepared.train.targets(rows)
            batch_gradients(model, indices, targets, pool, None)
        epoch = (time.perf_counter() - start) / len(tried) * len(batches)
        validation = _scoring_seconds(model, prepared.validation, pool)
    test = validation * _steps(prepared.test) / max(1, _steps(prepared.validation))
    return Speed(epoch, validation, test)


def _scoring_seconds(model: Model, split: Split, pool: ShardPool) -> float:
    part = split.part(0, min(_DOCUMENTS, len(split)))
    start = time.perf_counter()
    score(model, part, pool)
    return (time.perf_counter() - start) * _steps(split) / max(1, _steps(part))


def _steps(split: Split) -> int:
    return int(split.lengths.sum())


def _with_lengths(prepared: Prepared, recipe: Recipe) -> Prepared:
    """The same documents, truncated as another recipe says."""
    parts = {
        name: replace(getattr(prepared, name), table=recipe.data)
        for name in ("train", "validation", "test")
    }
    return replace(prepared, **parts)
