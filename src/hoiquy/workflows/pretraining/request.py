"""What a pretraining was asked for.

The folder keeps it: a plan by time is not the same twice, so the same command must not make another
one to find out whether the folder is its own.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

from hoiquy.errors import InputError, RunError
from hoiquy.recipe.overrides import parse_settings
from hoiquy.recipe.pretraining import PretrainingTable
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.runs import files as run_files
from hoiquy.runs.folder import load_environment_of
from hoiquy.system.checksummed_files import sha256
from hoiquy.workflows.pretraining.folder import resume_hint
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.pretraining.language_model import layers_of
from hoiquy.workflows.pretraining.plan import ladders

DEFAULT = "lm"  # the recipe whose sizes are planned
REQUEST = "request"  # key in the environment
_PLANNED = ("pretraining.epochs", "pretraining.steps_per_epoch")
_WARM_UP_STEPS = 50  # of weights that are trained already; only the optimizer is new


@dataclass(frozen=True)
class Request:
    """What `pretrain` was asked for.

    recipe: None for one that hoiquy chooses.
    settings: changes to the recipe.
    minutes: for all of it; None for as long as the recipe says.
    language_model: the one to continue from.
    """

    recipe: Recipe | None
    settings: Mapping[str, Any]
    minutes: float | None
    language_model: Path | None

    @classmethod
    def of(
        cls,
        recipe: str | Path | Recipe | None,
        settings: Sequence[str] | Mapping[str, Any],
        minutes: float | None,
        language_model: str | Path | None,
    ) -> "Request":
        """Raises RecipeError for an unknown recipe, InputError for minutes that cannot be.

        settings: as `Recipe.with_settings` takes them.
        """
        if not isinstance(settings, Mapping):
            settings = parse_settings(settings)
        if minutes is not None:
            is_number = isinstance(minutes, Real) and not isinstance(minutes, bool)
            if not is_number or not 0 < float(minutes) < math.inf:
                raise InputError(f"minutes is {minutes!r}, expected a number above 0, or None")
            for key in _PLANNED:
                if key in settings:
                    raise InputError(f"{key} is planned by the minutes: leave out one of them")
        if not (recipe is None or isinstance(recipe, Recipe)):
            recipe = load_recipe(recipe)
        source = None if language_model is None else Path(language_model)
        return cls(recipe, dict(settings), minutes, source)

    def load(self) -> tuple[Recipe, LanguageModelStart | None]:
        """The recipe before its sizes and its length are planned, and what it begins with.

        Raises:
            RunError: The language model is incomplete or damaged.
            RecipeError: The recipe does not fit it, or has no layers of a language model.
        """
        source = self.language_model
        start = None if source is None else LanguageModelStart.load(source)
        recipe = self.recipe or (_continued(start.recipe) if start else load_recipe(DEFAULT))
        recipe = recipe.with_settings(self.settings)
        layers_of(recipe)
        if start is not None:
            start.check_fits(recipe)
        return recipe, start

    def sizes(self, recipe: Recipe) -> list[list[Recipe]]:
        """The recipes that a plan may choose from. recipe: that of `load`."""
        if self.recipe is None and self.language_model is None:
            return ladders(recipe, self.settings)
        return [[recipe]]

    def facts(self) -> dict[str, Any]:
        """For `environment.json`."""
        recipe = self.recipe.to_toml() if self.recipe else ""
        settings = json.dumps(self.settings, sort_keys=True, default=str)
        source = None if self.language_model is None else str(self.language_model.resolve())
        return {
            "recipe_sha256": sha256(f"{recipe}\n{settings}".encode()),
            "minutes": self.minutes,
            "language_model": source,
        }

    def check_is_that_of(self, folder: Path) -> None:
        """Raise RunError unless the language model in the folder was asked for in this way."""
        recorded = load_environment_of(folder).get(REQUEST)
        before, now = recorded if isinstance(recorded, dict) else {}, self.facts()
        if before.get("recipe_sha256") != now["recipe_sha256"]:
            raise RunError(
                f"{folder} has a language model of another recipe (see "
                f"{folder / run_files.RECIPE}): choose another --out, or resume with: "
                f"{resume_hint(folder)}"
            )
        for key, option in (("minutes", "--minutes"), ("language_model", "--from")):
            if before.get(key) != now[key]:
                raise RunError(
                    f"{folder} has a language model with another {option} ({before.get(key)} → "
                    f"{now[key]}): choose another --out, or resume with: {resume_hint(folder)}"
                )


def _continued(recipe: Recipe) -> Recipe:
    """The same, for one pass over other texts."""
    table = recipe.pretraining or PretrainingTable()
    changes = {"epochs": 1, "steps_per_epoch": None, "warm_up_steps": _WARM_UP_STEPS}
    return recipe.model_copy(update={"pretraining": table.model_copy(update=changes)})
