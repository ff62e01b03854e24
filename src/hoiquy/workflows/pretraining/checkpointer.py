"""Saves a language model's files during pretraining."""

from dataclasses import dataclass, field, replace
from typing import Literal

from hoiquy.runs.files import Contents, cost_file, weights_file
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.training.checkpointer import Checkpointer
from hoiquy.workflows.pretraining.folder import (
    LanguageModelResult,
    history_file,
    result_file,
    resume_hint,
)
from hoiquy.workflows.pretraining.state import PretrainingState


@dataclass
class LanguageModelCheckpointer(Checkpointer[PretrainingState]):
    """Saves the weights, history, result and cost of a language model after each epoch."""

    result: LanguageModelResult = field(kw_only=True)

    def resume_hint(self) -> str:
        return resume_hint(self.folder)

    def save_epoch(self, state: PretrainingState) -> None:
        seconds = (*self.before.epoch_seconds, self.cost().seconds)
        self.before = replace(self.before, epoch_seconds=seconds)
        write_checksummed(self.folder, self.files(state, "interrupted"))

    def files(
        self, state: PretrainingState, status: Literal["complete", "interrupted"]
    ) -> Contents:
        """The files of the state; the result comes last, as it marks the others as written."""
        last = state.history[-1]
        result = replace(
            self.result, status=status, epochs=len(state.history),
            loss=last.loss, perplexity=last.perplexity,
        )  # fmt: skip
        return (
            weights_file(state.model.parameters)
            | history_file(state.history)
            | cost_file(self.cost())
            | result_file(result)
        )
