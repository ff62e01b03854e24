"""The recipe that an estimator's parameters ask for, and the progress that it prints."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hoiquy.callbacks.notebook import default_listener
from hoiquy.data.dataset import Dataset
from hoiquy.events import EpochFinished, Event, Listener, ignore
from hoiquy.prediction.estimator.inputs import read_settings
from hoiquy.recipe import auto as auto_recipe
from hoiquy.recipe.layer_tables import RecurrentLayer
from hoiquy.recipe.recipe import Recipe, load_recipe

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
    shortcuts = {key: parameters[name] for name, key in _SHORTCUTS.items()}
    if parameters["units"] is not None:
        shortcuts |= {
            f"model.layers.{position}.units": parameters["units"]
            for position, layer in enumerate(recipe.model.layers)
            if isinstance(layer, RecurrentLayer)
        }
    given = {key: value for key, value in shortcuts.items() if value is not None}
    changes = read_settings(parameters["settings"]) | given
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in changes.items()}
    changed = recipe.with_settings(plain) if plain else recipe
    return changed if dataset is None else changed.for_labels(dataset.multilabel)


def verbose_listener(verbose: int) -> Listener:
    """Return what shows the progress: a notebook's display, or a printed line per epoch."""
    if not verbose:
        return ignore
    in_notebook = default_listener()
    return _print_epoch if in_notebook is ignore else in_notebook


def _print_epoch(event: Event) -> None:
    if isinstance(event, EpochFinished):
        record = event.record
        print(
            f"epoch {record.epoch}: loss {record.loss:.4f}, accuracy {record.accuracy:.2%}, "
            f"validation loss {record.val_loss:.4f}, accuracy {record.val_accuracy:.2%}, "
            f"{event.seconds:.1f} s"
        )
