"""Where a training stands, between two steps: everything that decides how it goes on.

Random numbers, the order of documents, learning rates and early stopping follow from the recipe and
from this; so a training that is put back here goes on bit for bit as if it had never stopped.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from hoiquy.nn.kernels import Array
from hoiquy.nn.model import Model
from hoiquy.nn.optimizers import Adam
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.history import EpochRecord
from hoiquy.training.checkpoint_state import (
    BEST,
    FIRST,
    PARAMETERS,
    SECOND,
    by_group,
    by_group_and_name,
    checked,
    facts_of,
    must_fit,
    put_back,
)
from hoiquy.training.class_weights import class_weights
from hoiquy.training.early_stopping import best_epoch, stops_early
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.model_building import build_model

Count = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass
class Position:
    """How far the training is; sums are over the epoch under way."""

    epoch: Annotated[int, Field(ge=1)] = 1  # the one under way, or the one after the last
    step: Count = 0  # steps of it that are done
    updates: Count = 0  # of the optimiser, over all epochs
    loss_sum: Number = 0.0
    correct: Count = 0
    seen: Count = 0  # documents
    first_loss: Number | None = None  # mean of the first batch of all
    train_seconds: Number = 0.0  # of this epoch; no result depends on it
    gradient_norms: dict[str, Number] = field(default_factory=dict)  # at its first step, by layer
    largest_gradient_norms: dict[str, Number] = field(default_factory=dict)  # of its steps so far


@dataclass
class TrainingState:
    """Weights, the optimiser's state, the position in the epoch, and the history."""

    model: Model
    optimizer: Adam
    position: Position = field(default_factory=Position)
    history: list[EpochRecord] = field(default_factory=list)
    best: dict[str, Array] = field(default_factory=dict)  # weights of the best epoch, if restored
    time_is_up: bool = False  # the epoch under way is the last, and ends where it is
    class_weights: Array | None = None  # (classes,); recipe and documents say it again

    @classmethod
    def initial(cls, recipe: Recipe, prepared: Prepared) -> "TrainingState":
        """Fresh weights, nothing done. Raises RecipeError, as `build_model` and `class_weights`."""
        model = build_model(
            recipe,
            vocabulary_size=len(prepared.vocabulary.words),
            classes=prepared.classes,
            seed=recipe.training.seed,
            ngrams=prepared.vocabulary.ngrams,
            multilabel=prepared.multilabel,
        )
        of_classes = class_weights(recipe, prepared)
        if of_classes is not None:
            of_classes = of_classes.astype(model.dtype)
        return cls(model, Adam(recipe.training.learning_rate), class_weights=of_classes)

    def is_finished(self, recipe: Recipe) -> bool:
        """True after the last epoch or step, or when it is time to stop."""
        training = recipe.training
        return (
            self.time_is_up
            or len(self.history) >= training.epochs
            or self.position.updates >= (training.max_steps or math.inf)
            or stops_early(self.history, training.early_stopping)
        )

    def finish_epoch(self, recipe: Recipe, record: EpochRecord) -> None:
        """Enter an epoch into the history; keep its weights if they are the best so far."""
        self.history.append(record)
        settings = recipe.training.early_stopping
        if settings.restore_best and best_epoch(self.history, settings) == record.epoch:
            self.best = {name: array.copy() for name, array in self.model.parameters.items()}
        self.next_epoch()

    def next_epoch(self) -> None:
        """Stand at the beginning of the epoch after the one under way."""
        self.position = Position(
            epoch=self.position.epoch + 1,
            updates=self.position.updates,
            first_loss=self.position.first_loss,
        )

    def restore_best(self) -> None:
        """Put the weights of the best epoch into the model, where they were kept."""
        for name, array in self.best.items():
            self.model.parameters[name][...] = array

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays, for JSON; floats come back from there bit for bit."""
        return facts_of(self.position, self.history)

    def arrays(self) -> dict[str, Array]:
        """All arrays by `group/parameter`, not copied."""
        return by_group_and_name(
            {
                PARAMETERS: self.model.parameters,
                FIRST: self.optimizer.first,
                SECOND: self.optimizer.second,
                BEST: self.best,
            }
        )

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Take on what `facts` and `arrays` gave. Raises RunError if it is of another model."""
        parameters = self.model.parameters
        with must_fit():
            position = checked(Position, facts["position"])
            history = checked(list[EpochRecord], facts["history"])
            _check_position(position, len(history))
            groups = by_group(arrays, parameters, updated=position.updates > 0)
        put_back(groups, parameters, self.optimizer, position.updates)
        self.position, self.history, self.best = position, history, groups[BEST]


def _check_position(position: Position, epochs: int) -> None:
    if position.epoch != epochs + 1:
        raise ValueError(f"epoch {position.epoch} cannot follow {epochs} epochs")
    if position.step > position.updates or (position.step > 0) != (position.seen > 0):
        raise ValueError(f"step {position.step} with {position.seen} documents")
