"""Train a recipe on a data set in a run folder, with hoiquy's own engine or with Keras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from hoiquy.callbacks.doctor import Doctor
from hoiquy.data.dataset import Dataset
from hoiquy.data.source import DataSource, columns_entry
from hoiquy.errors import TrainingError
from hoiquy.events import Listener, Resumed, RunCompleted, RunOpened, ignore
from hoiquy.nn.model import Model
from hoiquy.nn.shards import default_threads
from hoiquy.nn.summary import model_summary
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import load_checkpoint, remove_checkpoints
from hoiquy.runs.environment import describe_environment
from hoiquy.runs.files import (
    RECIPE,
    Contents,
    Cost,
    Result,
    cost_file,
    environment_file,
    history_file,
    recipe_file,
    result_file,
    summary_file,
    vocabulary_file,
    weights_file,
)
from hoiquy.runs.folder import load_environment_of
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.system.signals import Interruption
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.training.early_stopping import best_epoch
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.loop import Fitted, fit
from hoiquy.training.memory_check import check_memory
from hoiquy.training.ray.data_parallel import RayWorkers
from hoiquy.training.run_checkpointer import RunCheckpointer
from hoiquy.training.scoring import Scores
from hoiquy.training.state import TrainingState
from hoiquy.training.time_budget import TimeBudget
from hoiquy.training.untrained_result import untrained_result
from hoiquy.workflows.run import Run, load_run
from hoiquy.workflows.run_start import Engine, changes_of_run, engine_name, kernels_of
from hoiquy.workflows.tested_files import tested_files
from hoiquy.workflows.transfer import Transfer


@dataclass(frozen=True, eq=False)
class Experiment:
    """What is trained on what, and with which engine.

    Args:
        recipe: as `RecipeChoice` gives it for the data set.
        dataset: with test documents, or without: the run is then "untested".
        source: where the data set came from; by default, its name says it.
        engine: "hoiquy" or "keras".
        transfer: what the training takes over from a language model, word vectors and teachers.
        checkpoint_seconds: the longest time between two checkpoints within an epoch.
        allow_changes: resume although versions, processor or data have changed.
        budget: ends the training in time; the recipe in the folder then has the last step.
        workers: Ray actors that compute the gradients, if not this process.
        command: the command line, for `environment.json`.
        facts: more for `environment.json`.
    """

    recipe: Recipe
    dataset: Dataset
    source: DataSource | None = None
    engine: Engine = "hoiquy"
    transfer: Transfer = field(default_factory=Transfer)
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    allow_changes: bool = False
    budget: TimeBudget | None = None
    workers: RayWorkers | None = None
    command: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def prepare(self, on_event: Listener = ignore) -> Prepared:
        """Encode the documents."""
        return self.transfer.prepare(self.recipe, self.dataset, on_event)

    def changes(self, folder: Path) -> list[str]:
        """What has changed since the run in a folder started. Raises RunError unless allowed."""
        self.transfer.check_run(folder, load_environment_of(folder))
        return changes_of_run(folder, self.dataset, self.engine, self.allow_changes)

    def run(self, folder: Path, prepared: Prepared, on_event: Listener = ignore) -> Run:
        """Train in a locked folder: start there, or resume from the newest checkpoint.

        Scores the test documents once, at the end.

        Args:
            folder: empty, or with an unfinished run of this experiment.
            prepared: as `prepare` gives it.
            on_event: hears of the training.

        Raises:
            StoppedError: after Ctrl-C or SIGTERM, when all is saved.
            TrainingError: if the loss is no longer a number.
            RunError: if this would not be the same training, or no checkpoint is readable.
        """
        resumed = (folder / RECIPE).exists()
        changes = self.changes(folder) if resumed else []
        recipe = self.recipe.for_documents(len(prepared.train))
        if self.engine == "hoiquy":  # Keras checks its own needs
            check_memory(recipe, prepared, workers=self.workers.count_here if self.workers else 0)
        state = TrainingState.initial(recipe, prepared)
        self.transfer.initialise(recipe, state.model, prepared)
        result = self._untrained_result(recipe, prepared, state.model, changes)
        # Written again when resumed: it is the same, and mends a damaged file.
        summary = model_summary(state.model, recipe.name, recipe.data.max_length)
        files = vocabulary_file(prepared.vocabulary) | summary_file(summary)
        write_checksummed(folder, files if resumed else files | self._first_files(result, prepared))
        doctor = Doctor.examining(recipe, self.dataset, prepared.labelled(), on_event)
        with Interruption() as interruption:
            checkpointer = RunCheckpointer(
                folder, interruption, self.checkpoint_seconds, recipe=recipe, result=result
            )
            fitted = self._fit(state, checkpointer, prepared, doctor, resumed)
        scores = fitted.score(prepared.test) if len(prepared.test) else None
        files = self._final_files(result, fitted, scores, prepared, doctor)
        write_checksummed(folder, cost_file(checkpointer.cost()) | files)
        remove_checkpoints(folder)
        on_event(RunCompleted(folder))
        return load_run(folder)

    def _untrained_result(
        self, recipe: Recipe, prepared: Prepared, model: Model, changes: list[str]
    ) -> Result:
        engine = engine_name(self.engine)
        result = untrained_result(recipe, self.dataset, prepared, model, engine, changes)
        labels = self.transfer.soft_labels
        if labels is None:
            return result
        return replace(result, pseudo_label_iteration=labels.soft_labels.facts.iteration)

    def _first_files(self, result: Result, prepared: Prepared) -> Contents:
        """What makes a folder a run, before its first step: from then on it can be resumed."""
        recipe, source = self.recipe, self.source or DataSource(self.dataset)
        environment = describe_environment(
            engine=self.engine,
            threads=default_threads(),
            kernels=kernels_of(self.engine),
            seed=recipe.training.seed,
            data_source=source.location(),
            data_options=source.read_options(),
            command=self.command,
        )
        environment |= {"data_fingerprint": self.dataset.fingerprint(), "changes": []}
        environment |= columns_entry(self.dataset) | self.transfer.facts(prepared)
        environment |= dict(self.facts)
        files = environment_file(environment) | cost_file(Cost()) | result_file(result)
        return files | recipe_file(recipe)  # last: it makes the folder a run

    def _fit(
        self,
        state: TrainingState,
        checkpointer: RunCheckpointer,
        prepared: Prepared,
        doctor: Doctor,
        resumed: bool,
    ) -> Fitted:
        folder, recipe = checkpointer.folder, checkpointer.recipe
        if self.engine == "keras":  # starts again, and does not repeat its bits
            from hoiquy.interop.keras import fit_keras

            doctor(RunOpened(folder, recipe, (), resumed=False))
            return fit_keras(recipe, prepared, doctor, checkpointer.after_epoch)
        checkpoint = load_checkpoint(folder)
        if checkpoint is not None:
            state.restore(checkpoint.facts, checkpoint.arrays)
            checkpointer.add_earlier_cost(checkpoint.facts)
            position = state.position
            doctor.history = list(state.history)
            doctor(Resumed(position.epoch, position.step, checkpoint.damaged))
            del checkpoint  # its arrays are in the state now: three times the weights
        doctor(RunOpened(folder, recipe, tuple(state.history), resumed))
        callbacks = FitCallbacks(
            doctor, checkpointer.after_step, partial(self._out_of_time, folder, recipe)
        )
        try:
            return fit(recipe, prepared, callbacks, state=state, workers=self.workers)
        except TrainingError as error:
            epochs = len(state.history)
            kept = f"{folder} keeps the weights of epoch {epochs}" if epochs else "nothing is kept"
            raise TrainingError(f"{error}; {kept}") from error

    def _out_of_time(self, folder: Path, recipe: Recipe, state: TrainingState) -> bool:
        """Whether time is up; first, the last step is written into the recipe.

        So a process that is killed now resumes to the same end, and training again gives the same.
        """
        if self.budget is None or self.budget.left() > 0:
            return False
        steps = state.position.updates
        write_checksummed(folder, recipe_file(recipe.with_settings({"training.max_steps": steps})))
        return True

    def _final_files(
        self,
        result: Result,
        fitted: Fitted,
        scores: Scores | None,
        prepared: Prepared,
        doctor: Doctor,
    ) -> Contents:
        """The files of a complete run, or of an untested one."""
        ended = replace(
            result,
            status="untested",
            epochs=len(fitted.history),
            best_epoch=best_epoch(fitted.history, self.recipe.training.early_stopping),
        )
        files = weights_file(fitted.parameters) | history_file(fitted.history)
        if scores is None:
            return files | result_file(ended)
        labels = prepared.test.labels
        found = doctor.diagnostics(labels, scores.probabilities)
        return files | tested_files(ended, self.dataset, labels, prepared.test.words, scores, found)
