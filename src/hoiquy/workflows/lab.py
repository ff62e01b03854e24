"""The lab: five exercises, each into a run folder."""

from collections.abc import Sequence
from pathlib import Path

from hoiquy.recipe.recipe import load_recipe
from hoiquy.workflows.plan import PlannedRun, with_seeds

EXERCISES = ("bai1", "bai2", "bai3", "bai4", "bai5")


def plan_lab(out: Path, exercises: Sequence[str], quick: bool, seeds: int) -> list[PlannedRun]:
    """The runs of a lab: a folder per exercise, or per exercise and seed."""
    plan = []
    for name in exercises:
        recipe = load_recipe(f"{name}-quick" if quick else name)
        for one in with_seeds(recipe, seeds):
            folder = out / (name if seeds == 1 else f"{name}-seed{one.training.seed}")
            plan.append(PlannedRun(one, folder))
    return plan
