"""Train a network of an ensemble on one fold, in a run folder within the ensemble's."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.events import Event, Listener, Preparing, StepFinished, TrainingStarted
from hoiquy.nn.losses import link_of
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.files import RECIPE
from hoiquy.runs.folder import load_recipe_of
from hoiquy.runs.new_folder import create_run_folder
from hoiquy.text import EncodedDocuments
from hoiquy.training.encoding.prepared import Prepared, Split
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.ensemble.folds import Folds, Rows
from hoiquy.workflows.ensemble.held_out import save_held_out
from hoiquy.workflows.experiment import Experiment
from hoiquy.workflows.transfer import Transfer


@dataclass(frozen=True, eq=False)
class EncodedFolds:
    """The training documents of a data set, encoded once for each way of splitting texts.

    Attributes:
        dataset: Without test documents.
        folds: Of its training documents.
        transfer: The word vectors to read with them, or the soft-labelled documents that every fold
            trains on.
    """

    dataset: Dataset
    folds: Folds
    transfer: Transfer = field(default_factory=Transfer)
    _encoded: dict[str, Prepared] = field(default_factory=dict)
    _datasets: dict[int, Dataset] = field(default_factory=dict)  # each keeps its fingerprint

    def prepared(self, recipe: Recipe, fold: int, on_event: Listener) -> Prepared:
        """The documents of a fold, with the held-out ones for validation.

        The vocabulary has the words of all folds: it does not depend on the labels.
        """
        whole = self._whole(recipe, on_event)
        train = replace(whole.train, table=recipe.data)
        soft_labelled = np.arange(len(self.folds.number), len(train))
        return replace(
            whole,
            train=_taken(train, np.concatenate([self.folds.trained(fold), soft_labelled])),
            validation=replace(_taken(train, self.folds.held_out(fold)), soft=None),
        )

    def _whole(self, recipe: Recipe, on_event: Listener) -> Prepared:
        key = recipe.text.model_dump_json()
        if key not in self._encoded:
            whole = self.without_validation()
            self._encoded[key] = self.transfer.prepare(recipe, whole, on_event)
        return self._encoded[key]

    def without_validation(self) -> Dataset:
        """The data set whose training documents are those of all folds."""
        nothing = Documents([], self.dataset.train.labels[:0])
        return replace(self.dataset, validation=nothing)

    def fold(self, fold: int) -> Dataset:
        """The data set of a fold, with the held-out documents for validation."""
        if fold not in self._datasets:
            train = self.dataset.train
            self._datasets[fold] = replace(
                self.dataset,
                train=train.take(self.folds.trained(fold)),
                validation=train.take(self.folds.held_out(fold)),
            )
        return self._datasets[fold]


def train_network(
    encoded: EncodedFolds, recipe: Recipe, fold: int, folder: Path,
    budget: TimeBudget | None, on_event: Listener,
) -> float:  # fmt: skip
    """Train, or resume, and predict the held-out documents.

    Args:
        encoded: The documents.
        recipe: What to train; of a folder that has a run, its recipe counts.
        fold: Which documents are held out.
        folder: Of the model; it need not exist.
        budget: Ends the training in time.
        on_event: Hears of steps, not of epochs.

    Returns:
        The seconds that the prediction of a document took.

    Raises:
        StoppedError: After Ctrl-C, when all is saved.
    """
    if (folder / RECIPE).exists():
        recipe = load_recipe_of(folder)
    else:
        create_run_folder(folder)
    prepared = encoded.prepared(recipe, fold, on_event)
    # The whole run was compared with its start: here, changes are allowed there.
    experiment = Experiment(
        recipe, encoded.fold(fold), transfer=encoded.transfer, budget=budget, allow_changes=True
    )
    run = experiment.run(folder, prepared, _only_steps(on_event))
    start = time.perf_counter()
    probabilities = Predictor.from_run(run).predict_proba_encoded(prepared.validation.documents)
    rows = encoded.folds.held_out(fold)
    seconds = (time.perf_counter() - start) / max(len(rows), 1)
    link = link_of(prepared.multilabel)
    save_held_out(folder, rows, link.of_probabilities(probabilities), link)
    return seconds


def _only_steps(on_event: Listener) -> Listener:
    def listener(event: Event) -> None:
        if isinstance(event, Preparing | TrainingStarted | StepFinished):
            on_event(event)

    return listener


def _taken(split: Split, rows: Rows) -> Split:
    """The documents of a split with these numbers, in this order."""
    starts, lengths = split.documents.starts[rows], split.documents.lengths[rows]
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    position = np.arange(ends[-1]) + np.repeat(starts - ends[:-1], lengths)
    documents = EncodedDocuments(np.asarray(split.documents.indices)[position], ends)
    soft = None if split.soft is None else split.soft[rows]
    return replace(split, documents=documents, labels=split.labels[rows], soft=soft)
