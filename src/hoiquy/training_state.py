"""Where a training stands, between two steps: everything that decides how it goes on.

Random numbers, the order of documents, learning rates and early stopping follow from the recipe and
from this; so a training that is put back here goes on bit for bit as if it had never stopped.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from hoiquy.early_stopping import best_epoch, stops_early
from hoiquy.errors import RunError
from hoiquy.history import EpochRecord
from hoiquy.kernels import Array
from hoiquy.model import Model, build_model
from hoiquy.optimizers import Adam
from hoiquy.preparation import Prepared
from hoiquy.recipe import Recipe

# Groups of arrays, each with a name for every parameter.
PARAMETERS, FIRST, SECOND, BEST = "parameters", "adam_first", "adam_second", "best"


@dataclass
class Position:
    """How far the training is; sums are over the epoch under way."""

    epoch: int = 1  # the one under way, or the one after the last
    step: int = 0  # steps of it that are done
    updates: int = 0  # of the optimiser, over all epochs
    loss_sum: float = 0.0
    correct: int = 0
    seen: int = 0  # documents
    first_loss: float | None = None  # mean of the first batch of all
    train_seconds: float = 0.0  # of this epoch; no result depends on it


@dataclass
class TrainingState:
    """Weights, the optimiser's state, the position in the epoch, and the history."""

    model: Model
    optimizer: Adam
    position: Position = field(default_factory=Position)
    history: list[EpochRecord] = field(default_factory=list)
    best: dict[str, Array] = field(default_factory=dict)  # weights of the best epoch, if restored

    @classmethod
    def beginning(cls, recipe: Recipe, prepared: Prepared) -> "TrainingState":
        """Fresh weights, nothing done."""
        model = build_model(
            recipe,
            vocabulary_size=len(prepared.vocabulary.words),
            classes=prepared.classes,
            seed=recipe.training.seed,
        )
        return cls(model, Adam(recipe.training.learning_rate))

    def is_finished(self, recipe: Recipe) -> bool:
        """True after the last epoch, or when it is time to stop early."""
        training = recipe.training
        return len(self.history) >= training.epochs or stops_early(
            self.history, training.early_stopping
        )

    def finish_epoch(self, recipe: Recipe, record: EpochRecord) -> None:
        """Enter an epoch into the history; keep its weights if they are the best so far."""
        self.history.append(record)
        settings = recipe.training.early_stopping
        if settings.restore_best and best_epoch(self.history, settings) == record.epoch:
            self.best = {name: array.copy() for name, array in self.model.parameters.items()}
        self.position = Position(
            epoch=record.epoch + 1,
            updates=self.position.updates,
            first_loss=self.position.first_loss,
        )

    def restore_best(self) -> None:
        """Put the weights of the best epoch into the model, where they were kept."""
        for name, array in self.best.items():
            self.model.parameters[name][...] = array

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays, for JSON; floats come back from there bit for bit."""
        return {
            "position": asdict(self.position),
            "history": [asdict(record) for record in self.history],
        }

    def arrays(self) -> dict[str, Array]:
        """All arrays by `group/parameter`, not copied."""
        groups = {
            PARAMETERS: self.model.parameters,
            FIRST: self.optimizer.first,
            SECOND: self.optimizer.second,
            BEST: self.best,
        }
        return {
            f"{g}/{name}": array for g, group in groups.items() for name, array in group.items()
        }

    def go_back_to(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Take on what `facts` and `arrays` gave. Raises RunError if it is of another model."""
        shapes = {name: (array.shape, array.dtype) for name, array in self.model.parameters.items()}
        groups: dict[str, dict[str, Array]] = {PARAMETERS: {}, FIRST: {}, SECOND: {}, BEST: {}}
        try:
            for key, array in arrays.items():
                group, _, name = key.partition("/")
                groups[group][name] = np.array(array)
                if shapes[name] != (array.shape, array.dtype):
                    raise ValueError(name)
            position = Position(**facts["position"])
            history = [EpochRecord(**record) for record in facts["history"]]
            for name, parameter in self.model.parameters.items():
                parameter[...] = groups[PARAMETERS][name]
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"the checkpoint does not fit the recipe ({error})") from error
        self.optimizer.first, self.optimizer.second = groups[FIRST], groups[SECOND]
        self.optimizer.step = position.updates
        self.position, self.history, self.best = position, history, groups[BEST]
