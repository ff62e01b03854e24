"""Recipes with a schedule, and the learning rates that they give."""

from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.history import EpochRecord
from hoiquy.training.schedules import learning_rate
from miniatures import miniature

RATE = 0.02


def scheduled(*settings: str) -> Recipe:
    return miniature(
        "bai1", f"training.learning_rate={RATE}", "training.epochs=8",
        *(f"training.schedule.{setting}" for setting in settings),
    )  # fmt: skip


def rate_at(recipe: Recipe, epochs_done: float, val_losses: list[float] | None = None) -> float:
    history = [EpochRecord(at, 0, 0, loss, 0, 0) for at, loss in enumerate(val_losses or [], 1)]
    return learning_rate(recipe.training, epochs_done, history)
