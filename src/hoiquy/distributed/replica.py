"""The state of a training as a message: what another process needs to hold the same weights."""

from typing import Any

import numpy as np

from hoiquy.distributed.wire import Message
from hoiquy.nn.optimizers import Adam
from hoiquy.recipe.recipe import Recipe, parse_recipe
from hoiquy.text import Ngrams
from hoiquy.training.checkpoint_state import FIRST, PARAMETERS, SECOND, by_group_and_name
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.model_building import build_model
from hoiquy.training.state import TrainingState

_STATE = (PARAMETERS, FIRST, SECOND)  # the best epoch's weights stay where they are restored
_NGRAMS, _CLASS_WEIGHTS = "ngrams", "class_weights"
_RATES = "rates"  # a group of arrays by parameter


def state_message(recipe: Recipe, prepared: Prepared, state: TrainingState) -> Message:
    """A training between two steps, to be read with `read_state`."""
    ngrams = prepared.vocabulary.ngrams
    facts = {
        "recipe": recipe.to_toml(),
        "vocabulary": len(prepared.vocabulary.words),
        "classes": prepared.classes,
        "multilabel": prepared.multilabel,
        "dtype": np.dtype(state.model.dtype).str,
        "state": state.facts(),
    }
    arrays: dict[str, Any] = {
        name: array for name, array in state.arrays().items() if name.partition("/")[0] in _STATE
    }
    if ngrams is not None:
        arrays[_NGRAMS] = ngrams.indices
    arrays |= by_group_and_name({_RATES: state.optimizer.lr_multipliers})
    if state.class_weights is not None:
        arrays[_CLASS_WEIGHTS] = state.class_weights
    return Message("state", facts, arrays)


def read_state(message: Message) -> tuple[Recipe, TrainingState]:
    """The same recipe, and a state with the same bits."""
    facts, arrays = message.facts, dict(message.arrays)
    recipe = parse_recipe(facts["recipe"], "the recipe of the training")
    ngrams, class_weights = arrays.pop(_NGRAMS, None), arrays.pop(_CLASS_WEIGHTS, None)
    model = build_model(
        recipe, vocabulary_size=facts["vocabulary"], classes=facts["classes"],
        seed=recipe.training.seed, dtype=facts["dtype"],
        ngrams=None if ngrams is None else Ngrams(ngrams), multilabel=facts["multilabel"],
    )  # fmt: skip
    of_rates = [key for key in arrays if key.startswith(_RATES + "/")]
    rates = {key.removeprefix(_RATES + "/"): arrays.pop(key) for key in of_rates}
    optimizer = Adam(recipe.training.learning_rate, lr_multipliers=rates)
    state = TrainingState(model, optimizer, class_weights=class_weights)
    state.go_back_to(facts["state"], arrays)
    return recipe, state
