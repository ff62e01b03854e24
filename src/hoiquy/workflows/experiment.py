"""Train a recipe on a data set in a run folder, with hoiquy's own engine or with Keras."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from hoiquy.callbacks.doctor import Doctor
from hoiquy.data import Dataset
from hoiquy.data.source import columns_of
from hoiquy.errors import RunError, TrainingError
from hoiquy.events import Listener, Resumed, RunCompleted, RunOpened, ignore
from hoiquy.nn.metrics import macro_f1_of
from hoiquy.nn.model import Model
from hoiquy.nn.summary import model_summary
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.checkpoint import load_checkpoint, remove_checkpoints
from hoiquy.runs.environment import changes_since, exact_facts
from hoiquy.runs.files import (
    RESULT,
    Contents,
    Cost,
    Result,
    cost_file,
    diagnostics_file,
    environment_file,
    history_file,
    misclassified_file,
    predictions_file,
    recipe_file,
    result_file,
    summary_file,
    vocabulary_file,
    weights_file,
)
from hoiquy.runs.folder import Predictions, Run, load_environment_of, load_run
from hoiquy.runs.misclassified import find_misclassified
from hoiquy.system.checksummed_files import write_checksummed
from hoiquy.system.signals import Interruption
from hoiquy.training.checkpointer import CHECKPOINT_SECONDS
from hoiquy.training.early_stopping import best_epoch
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.loop import Fitted, Scores, fit
from hoiquy.training.memory_check import check_memory
from hoiquy.training.ray.data_parallel import RayWorkers
from hoiquy.training.run_checkpointer import RunCheckpointer
from hoiquy.training.state import TrainingState
from hoiquy.training.time_budget import TimeBudget
from hoiquy.training.untrained_result import untrained_result
from hoiquy.workflows.distillation.initialise import NOTED, SoftLabelStart
from hoiquy.workflows.pretraining.initialise import LanguageModelStart
from hoiquy.workflows.run_start import Engine, engine_name, kernels_of


@dataclass(frozen=True)
class Experiment:
    """What is trained on what, and with which engine.

    checkpoint_seconds: within an epoch, how long at most between two checkpoints.
    allow_changes: go on although versions, processor or data are others than when it began.
    budget: the time after which training stops; its recipe then says at which step.
    start: the language model whose vocabulary and weights the training begins with.
    lesson: what teachers made of documents that are trained on beside the labelled ones.
    workers: Ray actors that compute the gradients, if not this process.
    """

    recipe: Recipe
    dataset: Dataset
    engine: Engine = "hoiquy"
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    allow_changes: bool = False
    budget: TimeBudget | None = None
    start: LanguageModelStart | None = None
    soft_labels: SoftLabelStart | None = None
    workers: RayWorkers | None = None

    def run(
        self, folder: Path, on_event: Listener = ignore, prepared: Prepared | None = None
    ) -> Run:
        """Train in a locked folder that `begin_run` made, from its newest checkpoint on.

        Scores the test documents once, at the end; where there are none, the run is "untested".
        `prepared` are the documents, if they were encoded for this recipe before. Raises
        StoppedError, when all is saved, after Ctrl-C or SIGTERM; TrainingError if the loss is no
        longer a number; RunError if this would not be the same training, or no checkpoint is whole;
        RunError or RecipeError for a lesson that does not fit.
        """
        recipe = self.recipe.for_labels(self.dataset.multilabel)
        if recipe != self.recipe:  # of a training that was cut off before the data were read
            write_checksummed(folder, recipe_file(recipe))
            return replace(self, recipe=recipe).run(folder, on_event, prepared)
        changes = self._changes(folder)
        vocabulary = self.start.vocabulary if self.start else None
        if self.soft_labels is not None:
            self.soft_labels.check_fits(self.recipe, self.dataset)
        soft_labelled = self.soft_labels.documents if self.soft_labels else None
        prepared = prepared or prepare(
            self.recipe, self.dataset, on_event, vocabulary, soft_labelled
        )
        in_full = replace(self, recipe=self.recipe.for_documents(len(prepared.train)))
        return in_full._run(folder, prepared, on_event, changes)

    def _run(self, folder: Path, prepared: Prepared, on_event: Listener, changes: list[str]) -> Run:
        """Do as `run`, on documents that are encoded, for as many epochs as the recipe says."""
        if self.engine == "hoiquy":  # what Keras takes is for Keras to say
            here = self.workers.count_here if self.workers else 0
            check_memory(self.recipe, prepared, workers=here)
        state = TrainingState.beginning(self.recipe, prepared)
        if self.start is not None:
            self.start.put_into(self.recipe, state.model)
        began_before = (folder / RESULT).exists()
        result = self._save_beginning(folder, prepared, state.model, changes)
        doctor = Doctor.examining(self.recipe, self.dataset, prepared.labelled(), on_event)
        with Interruption() as interruption:
            checkpointer = RunCheckpointer(
                folder, interruption, self.checkpoint_seconds, recipe=self.recipe, result=result
            )
            fitted = self._fit(state, checkpointer, prepared, doctor, began_before)
        scores = fitted.score(prepared.test) if len(prepared.test) else None
        ending = self._ending(result, fitted, scores, prepared, doctor)
        write_checksummed(folder, cost_file(checkpointer.cost()) | ending)
        remove_checkpoints(folder)
        on_event(RunCompleted(folder))
        return load_run(folder)

    def _changes(self, folder: Path) -> list[str]:
        """What is not as it was when the run began. Raises RunError unless that is allowed."""
        environment = load_environment_of(folder)
        if NOTED in environment and self.soft_labels is None:
            raise RunError(
                f"{folder} learns from a lesson as well: go on with hoiquy resume {folder}"
            )
        changes = changes_since(environment.get("exact", {}), exact_facts(kernels_of(self.engine)))
        fingerprint = self.dataset.fingerprint()
        before = environment.get("data_fingerprint", fingerprint)
        if before != fingerprint:
            changes.append(f"data {before[:12]} → {fingerprint[:12]}")
        if changes and not self.allow_changes:
            raise RunError(
                f"{folder} cannot go on as the same training, for this has changed: "
                f"{', '.join(changes)}; put it back, or allow it, which marks the run: "
                f"hoiquy resume {folder} --allow-changes"
            )
        noted = [*environment.get("changes", []), *changes]
        new = environment | {"data_fingerprint": fingerprint, "changes": noted}
        new |= columns_of(self.dataset)
        if new != environment:
            write_checksummed(folder, environment_file(new))
        return list(dict.fromkeys(noted))

    def _save_beginning(
        self, folder: Path, prepared: Prepared, model: Model, changes: list[str]
    ) -> Result:
        recipe = self.recipe
        engine = engine_name(self.engine)
        result = untrained_result(recipe, self.dataset, prepared, model, engine, changes)
        if self.soft_labels is not None:
            result = replace(
                result, pseudo_label_iteration=self.soft_labels.soft_labels.facts.round
            )
        summary = model_summary(model, recipe.name, recipe.data.max_length)
        files = vocabulary_file(prepared.vocabulary) | summary_file(summary)
        if not (folder / RESULT).exists():
            files |= cost_file(Cost()) | result_file(result)
        write_checksummed(folder, files)
        return result

    def _fit(
        self,
        state: TrainingState,
        checkpointer: RunCheckpointer,
        prepared: Prepared,
        doctor: Doctor,
        began_before: bool,
    ) -> Any:
        folder = checkpointer.folder
        if self.engine == "keras":  # which begins again, and does not repeat itself to the bit
            from hoiquy.interop.keras import fit_keras

            doctor(RunOpened(folder, self.recipe, (), goes_on=False))
            return fit_keras(self.recipe, prepared, doctor, checkpointer.after_epoch)
        checkpoint = load_checkpoint(folder)
        if checkpoint is not None:
            state.go_back_to(checkpoint.facts, checkpoint.arrays)
            checkpointer.add_earlier_cost(checkpoint.facts)
            position = state.position
            doctor.history = list(state.history)
            doctor(Resumed(position.epoch, position.step, checkpoint.damaged))
            del checkpoint  # its arrays are in the state now: three times the weights
        doctor(RunOpened(folder, self.recipe, tuple(state.history), began_before))
        try:
            return fit(
                self.recipe, prepared, doctor, checkpointer.after_step, state=state,
                out_of_time=partial(self._out_of_time, folder),
                workers=self.workers,
            )  # fmt: skip
        except TrainingError as error:
            epochs = len(state.history)
            kept = f"{folder} keeps the weights of epoch {epochs}" if epochs else "nothing is kept"
            raise TrainingError(f"{error}; {kept}") from error

    def _out_of_time(self, folder: Path, state: TrainingState) -> bool:
        """Whether time is up; the recipe says so before anything else can happen.

        So a process that is killed now goes on to the same end, and so does a later retraining.
        """
        if self.budget is None or self.budget.left() > 0:
            return False
        steps = state.position.updates
        write_checksummed(
            folder, recipe_file(self.recipe.with_settings([f"training.max_steps={steps}"]))
        )
        return True

    def _ending(
        self,
        result: Result,
        fitted: Fitted,
        scores: Scores | None,
        prepared: Prepared,
        doctor: Doctor,
    ) -> Contents:
        """The files of a run that is complete, or of one that nothing is there to test on."""
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
        complete = replace(
            ended,
            status="complete",
            test_accuracy=scores.accuracy,
            test_loss=scores.loss,
            test_macro_f1=macro_f1_of(labels, scores.probabilities),
        )
        predictions = Predictions(labels, scores.probabilities, self.dataset.test.lines)
        texts, words = self.dataset.test.texts, prepared.test.words
        misclassified = find_misclassified(texts, words, labels, scores.probabilities)
        return (
            files
            | predictions_file(predictions, list(self.dataset.classes))
            | misclassified_file(misclassified)
            | diagnostics_file(doctor.diagnostics(labels, scores.probabilities))
            | result_file(complete)  # last: it says that the others are there
        )
