"""Which recipe a training has: one that was named, or `auto`, fitted to the data and the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hoiquy.data import Dataset
from hoiquy.events import DataRead, Listener, Planned, ignore
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.text import Vocabulary
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared, SoftLabelledDocuments
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.time_budget import TimeBudget, fitting_recipe


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
    """What was said about the recipe.

    recipe: a recipe, its name or its file; only the name "auto" is fitted to the data. settings:
    changes to it. budget: the time that there is. vocabulary: of the language model that training
    begins with. taught: documents that are trained on beside the labelled ones. Raises RecipeError,
    when it is made, for a recipe or settings that are wrong.
    """

    recipe: str | Path | Recipe
    settings: Sequence[str] = ()
    budget: TimeBudget | None = None
    vocabulary: Vocabulary | None = None
    soft_labelled: SoftLabelledDocuments | None = None

    def __post_init__(self) -> None:
        _ = self._as_written  # a mistake should not cost the reading of the data

    @cached_property
    def _as_written(self) -> Recipe:
        recipe = self.recipe if isinstance(self.recipe, Recipe) else load_recipe(self.recipe)
        return recipe.with_settings(self.settings)

    @property
    def named(self) -> Recipe | None:
        """The recipe, if it does not depend on the data."""
        return None if self.recipe == auto_recipe.NAME else self._as_written

    def made(self, dataset: Dataset, on_event: Listener = ignore) -> tuple[Recipe, Prepared | None]:
        """The recipe for a data set; and its documents, if they had to be prepared for that.

        Raises RecipeError as `Recipe.for_labels`.
        """
        if self.named is not None:
            recipe = for_labels_of(dataset, self.named, on_event)
            return recipe, self._measured(recipe, dataset, on_event)
        fitted = auto_recipe.auto_recipe(dataset)
        if self.budget is None:
            recipe = for_labels_of(dataset, fitted.with_settings(self.settings), on_event)
            on_event(Planned(recipe))
            return recipe, None
        smaller = [
            recipe.with_settings(self.settings).for_labels(dataset.multilabel)
            for recipe in auto_recipe.smaller_recipes(fitted)
        ]
        return fitting_recipe(smaller, dataset, self.budget, on_event, self.soft_labelled)

    def _measured(self, recipe: Recipe, dataset: Dataset, on_event: Listener) -> Prepared | None:
        """Find out how long scoring takes, so that training can end before it."""
        if self.budget is None:
            return None
        prepared = prepare(recipe, dataset, on_event, self.vocabulary, self.soft_labelled)
        finish_compiling(on_event)
        self.budget.measured(recipe, prepared)
        return prepared
