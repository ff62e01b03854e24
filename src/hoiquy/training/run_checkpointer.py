"""Saves a run folder's files during training."""

from dataclasses import dataclass, field, replace

from hoiquy.nn.kernels import Array
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import Result, cost_file, history_file, result_file, weights_file
from hoiquy.runs.history import EpochRecord
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.training.checkpointer import Checkpointer
from hoiquy.training.early_stopping import best_epoch
from hoiquy.training.state import TrainingState


@dataclass
class RunCheckpointer(Checkpointer[TrainingState]):
    """Saves the weights, history, result and cost of a run after each epoch."""

    recipe: Recipe = field(kw_only=True)
    result: Result = field(kw_only=True)

    def resume_hint(self) -> str:
        return f"hoiquy resume {self.folder}"

    def save_epoch(self, state: TrainingState) -> None:
        self.after_epoch(state.model.arrays, state.history)

    def after_epoch(self, parameters: dict[str, Array], history: list[EpochRecord]) -> None:
        """Save weights and history as those of an interrupted run."""
        best = best_epoch(history, self.recipe.training.early_stopping)
        so_far = replace(self.result, epochs=len(history), best_epoch=best)
        files = weights_file(parameters) | history_file(history)
        write_checksummed(self.folder, files | result_file(so_far) | cost_file(self.cost()))
