"""Keeps a run folder up to date while its training runs, so that nothing is lost."""

import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from hoiquy.checkpoint import save_checkpoint
from hoiquy.early_stopping import best_epoch
from hoiquy.errors import StoppedError
from hoiquy.history import EpochRecord
from hoiquy.interruption import Interruption
from hoiquy.kernels import Array
from hoiquy.recipe import Recipe
from hoiquy.run_files import Cost, Result, cost_file, history_file, result_file, weights_file
from hoiquy.sealed_files import write_sealed
from hoiquy.training_state import TrainingState

CHECKPOINT_SECONDS = 300.0


@dataclass
class RunKeeper:
    """Saves an epoch when it is done; a checkpoint then, every few minutes, and before a stop."""

    folder: Path
    recipe: Recipe
    result: Result
    interruption: Interruption
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    before: Cost = field(default_factory=Cost)  # what earlier sessions took
    _begun: float = field(default_factory=time.perf_counter)
    _saved: float = field(default_factory=time.perf_counter)

    def cost(self) -> Cost:
        """What the training has taken so far, earlier sessions included."""
        return replace(
            self.before,
            seconds=self.before.seconds + time.perf_counter() - self._begun,
            peak_memory_bytes=max(self.before.peak_memory_bytes, peak_memory_bytes()),
        )

    def after_epoch(self, parameters: dict[str, Array], history: list[EpochRecord]) -> None:
        """Save the weights and the history so far, as those of an interrupted run."""
        best = best_epoch(history, self.recipe.training.early_stopping)
        so_far = replace(self.result, epochs=len(history), best_epoch=best)
        files = weights_file(parameters) | history_file(history)
        write_sealed(self.folder, files | result_file(so_far) | cost_file(self.cost()))

    def after_step(self, state: TrainingState) -> None:
        """Save what is due. Raises StoppedError, when all is saved, if a signal asked to stop."""
        position = state.position
        epoch_is_done = position.step == 0
        if epoch_is_done:
            self.after_epoch(state.model.parameters, state.history)
        wish = self.interruption.wish
        if not (epoch_is_done or wish or self._is_due()):
            return
        self.save_checkpoint(state)
        if wish:
            epoch, step = position.epoch, position.step
            where = f"epoch {epoch - 1}" if epoch_is_done else f"epoch {epoch}, step {step}"
            raise StoppedError(
                f"stopped by {wish} after {where}; go on with: hoiquy resume {self.folder}"
            )

    def save_checkpoint(self, state: TrainingState) -> None:
        """Save where the training stands."""
        number = state.position.updates + state.position.epoch  # rises at an epoch's end, too
        facts = state.facts() | {"cost": asdict(self.cost())}
        save_checkpoint(self.folder, number, facts, state.arrays())
        self._saved = time.perf_counter()

    def _is_due(self) -> bool:
        return time.perf_counter() - self._saved >= self.checkpoint_seconds


def peak_memory_bytes() -> int:
    """The most memory that this process has held at once so far; 0 where nobody tells."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
