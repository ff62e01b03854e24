"""The state of a training between two steps.

Random numbers, the order of documents, learning rates and early stopping follow from the recipe and
this state, so a restored training continues bit for bit as if it had never stopped.
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from hoiquy.nn.kernels import Array, Gradient
from hoiquy.nn.model import Model
from hoiquy.nn.optimizers import Optimizer
from hoiquy.nn.plain_data.optimizers import make_optimizer
from hoiquy.nn.shards import ShardPool
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.history import EpochRecord
from hoiquy.training.checkpoint_state import Count, Number, Progress, TrainState
from hoiquy.training.class_weights import class_weights
from hoiquy.training.early_stopping import best_epoch, stops_early
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.model_building import build_model


@dataclass
class Position(Progress):
    """Progress of a training."""

    correct: Count = 0
    seen: Count = 0  # documents
    first_loss: Number | None = None  # mean over the very first batch
    train_seconds: Number = 0.0  # of this epoch; no result depends on it
    gradient_norms: dict[str, Number] = field(default_factory=dict)  # at its first step, by layer
    largest_gradient_norms: dict[str, Number] = field(default_factory=dict)  # of its steps so far

    def check(self, epochs: int) -> None:
        super().check(epochs)
        if (self.step > 0) != (self.seen > 0):
            raise ValueError(f"step {self.step} with {self.seen} documents")


@dataclass
class TrainingState(TrainState):
    """Weights, optimizer, position and history."""

    types: ClassVar = (Position, list[EpochRecord])
    model: Model
    optimizer: Optimizer
    position: Position = field(default_factory=Position)
    history: list[EpochRecord] = field(default_factory=list)
    best: dict[str, Array] = field(default_factory=dict)  # weights of the best epoch, if restored
    time_is_up: bool = False  # the current epoch is the last one and ends here
    class_weights: Array | None = None  # (classes,); not saved: it follows from the recipe

    @classmethod
    def initial(cls, recipe: Recipe, prepared: Prepared) -> "TrainingState":
        """Fresh weights, no steps. Raises RecipeError as `build_model` and `class_weights` do."""
        model = build_model(
            recipe,
            vocabulary_size=len(prepared.vocabulary.words),
            classes=prepared.classes,
            seed=recipe.training.seed,
            ngrams=prepared.vocabulary.ngrams,
            multilabel=prepared.multilabel,
        )
        weights = class_weights(recipe, prepared)
        if weights is not None:
            weights = weights.astype(model.dtype)
        training = recipe.training
        optimizer = make_optimizer(
            training.optimizer_table, training.learning_rate, "training.optimizer"
        )
        return cls(model, optimizer, class_weights=weights)

    def update(self, gradients: dict[str, Gradient], pool: ShardPool | None = None) -> None:
        """Make one step of the optimizer, then project constrained parameters.

        pool: threads that share large parameters; by default only this one.
        """
        parameters = self.model.parameters
        self.optimizer.update(parameters, gradients, pool)
        for name, constraint in self.model.graph.constraints.items():
            if name in gradients:
                parameters[name][...] = constraint.project(parameters[name])

    def is_finished(self, recipe: Recipe) -> bool:
        """True after the last epoch or step, on early stopping, or when time is up."""
        training = recipe.training
        return (
            self.time_is_up
            or len(self.history) >= training.epochs
            or self.position.updates >= (training.max_steps or math.inf)
            or stops_early(self.history, training.early_stopping)
        )

    def finish_epoch(self, recipe: Recipe, record: EpochRecord) -> None:
        """Append an epoch to the history; keep its weights if they are the best so far."""
        self.history.append(record)
        settings = recipe.training.early_stopping
        if settings.restore_best and best_epoch(self.history, settings) == record.epoch:
            self.best = {name: array.copy() for name, array in self.model.arrays.items()}
        self.next_epoch()

    def next_epoch(self) -> None:
        """Move to the start of the next epoch."""
        self.position = Position(
            epoch=self.position.epoch + 1,
            updates=self.position.updates,
            first_loss=self.position.first_loss,
        )

    def restore_best(self) -> None:
        """Load the weights of the best epoch into the model, if they were kept."""
        for name, array in self.best.items():
            self.model.arrays[name][...] = array
