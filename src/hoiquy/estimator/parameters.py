"""The recipe and the time that an estimator's parameters ask for, and the progress it prints."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.dataset import Dataset
from hoiquy.errors import RecipeError
from hoiquy.estimator.inputs import read_settings
from hoiquy.events import EnsembleStep, EpochFinished, Event, Listener, ignore
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.layer_tables import RecurrentLayer
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.training_options import METRICS

_SHORTCUTS = {
    "epochs": "training.epochs",
    "learning_rate": "training.learning_rate",
    "batch_size": "training.batch_size",
    "random_state": "training.seed",
    "max_length": "data.max_length",
    "validation_fraction": "data.validation_fraction",
    "num_words": "text.num_words",
}


def requested_recipe(parameters: Mapping[str, Any], dataset: Dataset | None = None) -> Recipe:
    """Return the recipe with the changes of all parameters. Raises RecipeError.

    parameters: those of the estimator, by name. dataset: fits the recipe "auto" and the labels.
    """
    named = parameters["recipe"]
    recipe = named if isinstance(named, Recipe) else load_recipe(named)
    if dataset is not None and named == auto_recipe.NAME:
        recipe = auto_recipe.auto_recipe(dataset)
    changes = requested_settings(parameters, recipe)
    changed = recipe.with_settings(changes) if changes else recipe
    return changed if dataset is None else changed.for_labels(dataset.multilabel)


def requested_settings(parameters: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """Return the changes to a recipe by key. Raises RecipeError unless `settings` is a mapping."""
    shortcuts = {key: parameters[name] for name, key in _SHORTCUTS.items()}
    if parameters["units"] is not None:
        shortcuts |= {
            f"model.layers.{position}.units": parameters["units"]
            for position, layer in enumerate(recipe.model.layers)
            if isinstance(layer, RecurrentLayer)
        }
    given = {key: value for key, value in shortcuts.items() if value is not None}
    changes = read_settings(parameters["settings"]) | given
    return {k: v.item() if isinstance(v, np.generic) else v for k, v in changes.items()}


def ensemble_budget(parameters: Mapping[str, Any]) -> TimeBudget | None:
    """Return the time for an ensemble, from now on; None where a single network is trained.

    Raises RecipeError for `minutes`, `metric` or `small` that are invalid, or do not go with the
    others.
    """
    minutes, metric, recipe = (parameters[name] for name in ("minutes", "metric", "recipe"))
    small = parameters["small"]
    if metric not in METRICS:
        raise RecipeError(f"metric is {metric!r}, expected one of {', '.join(METRICS)}")
    if not isinstance(small, bool | np.bool_):
        raise RecipeError(f"small is {small!r}, expected True or False")
    if minutes is None:
        if metric != METRICS[0]:
            raise RecipeError(f"metric {metric!r} needs an ensemble: pass minutes as well")
        if small:
            raise RecipeError("small needs an ensemble: pass minutes as well")
        return None
    is_number = isinstance(minutes, Real) and not isinstance(minutes, bool)
    if not is_number or not 0 < float(minutes) < np.inf:
        raise RecipeError(f"minutes is {minutes!r}, expected a number above 0, or None")
    if isinstance(recipe, Recipe) or recipe != auto_recipe.NAME:
        name = recipe.name if isinstance(recipe, Recipe) else str(recipe)
        raise RecipeError(
            f"minutes needs the recipe 'auto', which trains an ensemble, but recipe is {name!r}: "
            f"leave out one of them"
        )
    return TimeBudget(60 * float(minutes))


def verbose_listener(verbose: int) -> Listener:
    """Return what shows the progress: a notebook's display, or printed lines."""
    if not verbose:
        return ignore
    in_notebook = default_listener()
    return _print_line if in_notebook is ignore else in_notebook


def _print_line(event: Event) -> None:
    if isinstance(event, EnsembleStep):
        alone = left = ""
        if event.linear_accuracy is not None:
            alone = f" (linear classifier alone: {event.linear_accuracy:.2%})"
        if event.seconds_left is not None:
            left = f", {max(event.seconds_left, 0):.0f} s left"
        print(
            f"{event.model}: validation accuracy {event.accuracy:.2%} on {event.documents:,} "
            f"texts{alone}{left}"
        )
    elif isinstance(event, EpochFinished):
        record = event.record
        print(
            f"epoch {record.epoch}: loss {record.loss:.4f}, accuracy {record.accuracy:.2%}, "
            f"validation loss {record.val_loss:.4f}, accuracy {record.val_accuracy:.2%}, "
            f"{event.seconds:.1f} s"
        )
