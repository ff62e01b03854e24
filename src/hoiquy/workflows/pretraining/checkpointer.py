"""Keeps a language model's folder up to date while it learns."""

from dataclasses import dataclass, field, replace
from typing import Literal

from hoiquy.runs.files import Contents, cost_file, weights_file
from hoiquy.system.checksummed_files import write_sealed
from hoiquy.training.checkpointer import Keeper
from hoiquy.workflows.pretraining.folder import (
    LanguageModelResult,
    history_file,
    how_to_go_on,
    result_file,
)
from hoiquy.workflows.pretraining.state import PretrainingState


@dataclass
class LanguageModelKeeper(Keeper[PretrainingState]):
    """As `Keeper`, of a language model: its weights, history, result and cost after each epoch."""

    result: LanguageModelResult = field(kw_only=True)

    def how_to_go_on(self) -> str:
        return how_to_go_on(self.folder)

    def save_epoch(self, state: PretrainingState) -> None:
        write_sealed(self.folder, self.files(state, "interrupted"))

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
            | cost_file(self.cost())
            | result_file(result)
        )
