"""Keeps a language model's folder up to date while it learns, so that nothing is lost."""

import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from hoiquy.checkpoint import save_checkpoint
from hoiquy.errors import StoppedError
from hoiquy.interruption import Interruption
from hoiquy.pretraining.folder import (
    LanguageModelResult,
    history_file,
    how_to_go_on,
    result_file,
)
from hoiquy.pretraining.state import PretrainingState
from hoiquy.run_files import Contents, Cost, cost_file, weights_file
from hoiquy.run_keeper import CHECKPOINT_SECONDS, peak_memory_bytes
from hoiquy.sealed_files import write_sealed


@dataclass
class LanguageModelKeeper:
    """Saves an epoch when it is done; a checkpoint then, every few minutes, and before a stop."""

    folder: Path
    result: LanguageModelResult
    interruption: Interruption
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    before: Cost = field(default_factory=Cost)  # what earlier sessions took
    _begun: float = field(default_factory=time.perf_counter)
    _saved: float = field(default_factory=time.perf_counter)

    def after_step(self, state: PretrainingState) -> None:
        """Save what is due. Raises StoppedError, when all is saved, if a signal asked to stop."""
        position, wish = state.position, self.interruption.wish
        epoch_is_done = position.step == 0
        if epoch_is_done:
            write_sealed(self.folder, self.files(state, "interrupted"))
        due = time.perf_counter() - self._saved >= self.checkpoint_seconds
        if not (epoch_is_done or wish or due):
            return
        number = position.updates + position.epoch  # rises at an epoch's end, too
        facts = state.facts() | {"cost": asdict(self._cost())}
        save_checkpoint(self.folder, number, facts, state.arrays())
        self._saved = time.perf_counter()
        if wish:
            epoch, step = position.epoch, position.step
            where = f"epoch {epoch - 1}" if epoch_is_done else f"epoch {epoch}, step {step}"
            raise StoppedError(
                f"stopped by {wish} after {where}; go on with: {how_to_go_on(self.folder)}"
            )

    def files(
        self, state: PretrainingState, status: Literal["complete", "interrupted"]
    ) -> Contents:
        """What the state leaves behind; the result is the last, as it says the others are there."""
        last = state.history[-1]
        result = replace(
            self.result, status=status, epochs=len(state.history),
            loss=last.loss, perplexity=last.perplexity,
        )  # fmt: skip
        return (
            weights_file(state.model.parameters)
            | history_file(state.history)
            | cost_file(self._cost())
            | result_file(result)
        )

    def _cost(self) -> Cost:
        return replace(
            self.before,
            seconds=self.before.seconds + time.perf_counter() - self._begun,
            peak_memory_bytes=max(self.before.peak_memory_bytes, peak_memory_bytes()),
        )
