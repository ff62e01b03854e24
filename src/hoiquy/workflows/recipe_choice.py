"""Which recipe a training has: one that was named, or `auto`, fitted to the data and the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from hoiquy.data import Dataset
from hoiquy.events import DataRead, Listener, Planned, ignore
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.overrides import parse_settings
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.time_budget import TimeBudget, fitting_recipe
from hoiquy.workflows.transfer import Transfer


def for_labels_of(dataset: Dataset, recipe: Recipe, on_event: Listener = ignore) -> Recipe:
    """Do as `Recipe.for_labels` for the data set, and report a change."""
    changed = recipe.for_labels(dataset.multilabel)
    if changed != recipe:
        on_event(
            DataRead(
                f"{recipe.name}: documents have several labels, so the last layer is a sigmoid "
                f"for each label with binary cross-entropy, not a softmax"
            )
        )
    return changed


@dataclass(frozen=True)
class RecipeChoice:
    """Which recipe is asked for, and within which time.

    Args:
        recipe: a recipe, its name or its file; only the name "auto" is fitted to the data.
        settings: changes to it.
        budget: the time available.
        transfer: what the training takes over.

    Raises:
        RecipeError: for a wrong recipe or setting.
    """

    recipe: str | Path | Recipe
    settings: Mapping[str, Any] | Sequence[str] = ()
    budget: TimeBudget | None = None
    transfer: Transfer = field(default_factory=Transfer)

    def __post_init__(self) -> None:
        _ = self._as_written  # an error is found before the data is read

    @cached_property
    def _as_written(self) -> Recipe:
        recipe = self.recipe if isinstance(self.recipe, Recipe) else load_recipe(self.recipe)
        return self.transfer.adapted(recipe.with_settings(self.settings))

    @property
    def changes(self) -> dict[str, Any]:
        """The settings by key."""
        given = self.settings
        return dict(given) if isinstance(given, Mapping) else parse_settings(given)

    @property
    def named(self) -> Recipe | None:
        """The recipe, if it does not depend on the data."""
        return None if self.recipe == auto_recipe.NAME else self._as_written

    @property
    def self_trains(self) -> bool:
        """Whether the recipe is trained by self-training."""
        return self.named is not None and self.transfer.unlabelled is not None

    def fitted(self, dataset: Dataset, on_event: Listener = ignore) -> Recipe:
        """The recipe for a data set, however long it trains. Raises RecipeError."""
        if self.named is not None:
            return for_labels_of(dataset, self.named, on_event)
        recipe = auto_recipe.auto_recipe(dataset).with_settings(self.settings)
        recipe = self.transfer.adapted(for_labels_of(dataset, recipe, on_event))
        on_event(Planned(recipe))
        return recipe

    def encoded(self, dataset: Dataset, on_event: Listener = ignore) -> tuple[Recipe, Prepared]:
        """The recipe for a data set and the time available, and its encoded documents."""
        if self.named is None and self.budget is not None:
            smaller = [
                self.transfer.adapted(
                    recipe.with_settings(self.settings).for_labels(dataset.multilabel)
                )
                for recipe in auto_recipe.smaller_recipes(auto_recipe.auto_recipe(dataset))
            ]
            prepared = self.transfer.prepare(smaller[0], dataset, on_event)
            return fitting_recipe(smaller, prepared, self.budget, on_event)
        recipe = self.fitted(dataset, on_event)
        prepared = self.transfer.prepare(recipe, dataset, on_event)
        if self.budget is not None:  # how long scoring takes, to stop before it
            finish_compiling(on_event)
            self.budget.measured(recipe, prepared)
        return recipe, prepared
