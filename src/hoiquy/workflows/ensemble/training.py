"""Train the models of an ensemble within the time, and weigh them after each."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import StoppedError
from hoiquy.events import EnsembleStep, Listener, Preparing
from hoiquy.linear.features import NgramSettings
from hoiquy.nn.losses import Logits, link_of
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import MEMBERS, Ensemble
from hoiquy.runs.files import RECIPE
from hoiquy.runs.folder import load_cost_of
from hoiquy.system.signals import Interruption, with_resume_hint
from hoiquy.training.time_budget import TimeBudget, fitting_recipe
from hoiquy.workflows.ensemble.candidates import LINEAR, Candidate
from hoiquy.workflows.ensemble.files import EnsembleFolder
from hoiquy.workflows.ensemble.folds import Folds
from hoiquy.workflows.ensemble.held_out import load_held_out
from hoiquy.workflows.ensemble.linear import PENALTIES, LinearTraining, linear_features
from hoiquy.workflows.ensemble.members import Members
from hoiquy.workflows.ensemble.network import EncodedFolds, train_network
from hoiquy.workflows.ensemble.plan import Plan, PlannedModel
from hoiquy.workflows.transfer import Transfer

_SHARE_OF_LINEAR = 0.3  # of the time left
_SHARE_OF_TRIALS = 0.35  # of the time, after which no further network is tried
_SHARE_OF_A_TRIAL = 0.15  # of the time left, for a further network
_MOST_CHOSEN = 2  # networks on every fold: more predict more slowly, and gain next to nothing
_RESERVE = 1.1  # times the seconds that a model took are left before another is begun


@dataclass
class EnsembleTraining:
    """One training.

    Attributes:
        folder: Where everything is written.
        dataset: With its test documents.
        plan: What to train; grows.
        budget: The time left; without one, each chosen network is trained once on each fold.
        on_event: Hears of the training.
        transfer: The word vectors that its networks start from.
    """

    folder: EnsembleFolder
    dataset: Dataset
    plan: Plan
    budget: TimeBudget | None
    on_event: Listener
    transfer: Transfer = field(default_factory=Transfer)
    _members: Members = field(init=False)
    _encoded: EncodedFolds = field(init=False)
    _scoring: dict[str, float] = field(default_factory=dict)  # seconds a document, of one model

    def __post_init__(self) -> None:
        documents, folds = _documents_and_folds(self.dataset)
        self._members = Members(documents.labels)
        whole = replace(self.dataset.without_test(), train=documents, validation=None)
        self._encoded = EncodedFolds(whole, folds, self.transfer)

    def run(self) -> None:
        """Train until the plan or the time ends. What is trained already is kept.

        Raises:
            StoppedError: After Ctrl-C or SIGTERM; the models so far can predict.
        """
        hint = f"hoiquy resume {self.folder.path}"
        with with_resume_hint(hint), Interruption() as interruption:
            check = partial(self._check, interruption, hint)
            self._train_linear(check)
            for model in self._models():
                check()
                self._train(model)
            check()
        self.folder.save_ensemble(self._members.ensemble(self.plan.metric, self._names()))

    def _check(self, interruption: Interruption, hint: str) -> None:
        if interruption.signal_name is not None:
            kept = "no model is finished"
            if self._members.models:
                kept = f"{self.folder.path} predicts with the models so far"
            raise StoppedError(
                f"stopped by {interruption.signal_name}; {kept}; resume with: {hint}",
                interruption.exit_code,
            )

    def _train_linear(self, check: Callable[[], None]) -> None:
        folder = self.folder.path / MEMBERS / LINEAR
        if self._held_out(folder) is None:
            self.on_event(Preparing("linear"))
            tried = (self._linear_training(ngrams, check) for ngrams in self.plan.ngrams)
            training = min(tried, key=lambda one: one.held_out_loss)
            self._save(self.plan.with_ngrams(training.features.settings))
            training.run(folder, self._penalties)
        self._finished(LINEAR, folder)

    def _linear_training(self, ngrams: NgramSettings, check: Callable[[], None]) -> LinearTraining:
        documents, folds = self._encoded.dataset.train, self._encoded.folds
        texts = list(documents.texts)
        known = [texts[row] for row in folds.finally_trained]
        features = linear_features(ngrams, self.folder.recipe, known)
        start = time.perf_counter()
        rows = features.transform(texts)
        self._scoring[LINEAR] = (time.perf_counter() - start) / max(len(texts), 1)
        classes = list(self.dataset.classes)
        return LinearTraining(features, rows, documents.labels, classes, folds, check)

    def _penalties(self, seconds: float) -> Sequence[float]:
        """As many as a share of the time left allows, each with a training on every fold."""
        if self.plan.penalties is None:
            count = len(PENALTIES)
            if self.budget is not None:
                count = 1 + int(_SHARE_OF_LINEAR * self.budget.left() / max(seconds, 1e-6))
            chosen = list(PENALTIES[: min(count, len(PENALTIES))])
            self._save(replace(self.plan, penalties=chosen))
        return self.plan.penalties or PENALTIES

    def _models(self) -> Iterator[PlannedModel]:
        """The models of the plan, then those that it grows by. A model ends before the next."""
        yield from list(self.plan.models)
        for model in self._in_order():
            if model in self.plan.models or not self._has_time(model):
                continue  # another network may take less
            self._save(self.plan.begun(model))
            yield model

    def _in_order(self) -> Iterator[PlannedModel]:
        if self.plan.chosen is None:
            for name in self.plan.networks:
                if name not in self.plan.further or self._is_early():
                    yield PlannedModel(name, 0)
            tried = [name for name in self.plan.networks if name in self._members.models]
            self._save(replace(self.plan, chosen=self._members.worth(tried)[:_MOST_CHOSEN]))
            self._weigh()
        for fold in range(self._encoded.folds.count):  # weights need folds of all
            for name in self.plan.chosen or []:
                yield PlannedModel(name, fold)

    def _is_early(self) -> bool:
        return self.budget is not None and (
            self.budget.left() > (1 - _SHARE_OF_TRIALS) * self.budget.seconds
        )

    def _has_time(self, model: PlannedModel) -> bool:
        if self.budget is None:
            return True
        left = self.budget.left()
        seconds = self._seconds_of(model.member)
        return left > 0 and (seconds is None or left > _RESERVE * seconds)

    def _seconds_of(self, member: str) -> float | None:
        """How long the first model of a network took; None before that."""
        models = list(self._members.models.get(member, {}))
        if not models:
            return None
        return load_cost_of(self.folder.path / MEMBERS / models[0]).seconds

    def _train(self, model: PlannedModel) -> None:
        folder = self._folder_of(model)
        if self._held_out(folder) is None:
            candidate = next(one for one in self.plan.candidates() if one.name == model.member)
            recipe = self._fitted(candidate, model)
            own = recipe.with_settings({"training.seed": recipe.training.seed + model.fold})
            budget = None if self.budget is None else TimeBudget(max(self.budget.left(), 1.0))
            self._scoring[model.member] = train_network(
                self._encoded, own, model.fold, folder, budget, self.on_event
            )
        self._finished(model.member, folder)

    def _folder_of(self, model: PlannedModel) -> Path:
        return self.folder.path / MEMBERS / model.folder

    def _fitted(self, candidate: Candidate, model: PlannedModel) -> Recipe:
        """The recipe of a candidate, with the epochs that fit into its share of the time."""
        is_begun = (
            candidate.name in self._members.models or (self._folder_of(model) / RECIPE).exists()
        )
        if self.budget is None or is_begun:
            return candidate.recipe
        if candidate.name in self.plan.further:
            share = _SHARE_OF_A_TRIAL * self.budget.left()
        else:
            known = {*self._members.models, *self.plan.further}
            share = self.budget.left() / (1 + len(set(self.plan.networks) - known))
        prepared = self._encoded.prepared(candidate.recipe, model.fold, self.on_event)
        recipe, _ = fitting_recipe([candidate.recipe], prepared, TimeBudget(max(share, 1.0)))
        self._save(self.plan.with_recipe(candidate.name, recipe))
        return recipe

    def _finished(self, member: str, folder: Path) -> None:
        logits = self._held_out(folder)
        assert logits is not None
        self._members.add(member, folder, logits)
        ensemble = self._weigh()
        left = None if self.budget is None else self.budget.left()
        held_out = ensemble.held_out
        alone = None if member == LINEAR else self._members.linear_accuracy(self._names())
        step = EnsembleStep(
            folder.name, held_out.accuracy, held_out.documents, alone, left,
            multilabel=self._members.labels.ndim == 2,
        )  # fmt: skip
        self.on_event(step)

    def _held_out(self, folder: Path) -> Logits | None:
        """What a model predicts for documents that it was not trained on; None before its end."""
        labels = self._members.labels
        return load_held_out(folder, len(labels), link_of(labels.ndim == 2))

    def _weigh(self) -> Ensemble:
        """Weigh the members that are worth it, and save how they predict together."""
        names = self._names()
        ensemble = self._members.ensemble_so_far(self.plan.metric, names)
        self.folder.save_ensemble(ensemble)
        if self.budget is not None:  # leave the time in which they predict the test documents
            models = {name: len(self._members.models[name]) for name in names}
            seconds = sum(self._scoring.get(name, 0.0) * count for name, count in models.items())
            self.budget.scoring_seconds = seconds * len(self.dataset.test)
        return ensemble

    def _names(self) -> list[str]:
        names = list(self._members.models)
        if self.plan.chosen is None:
            return names
        return [name for name in names if name == LINEAR or name in self.plan.chosen]

    def _save(self, plan: Plan) -> None:
        self.plan = plan
        plan.save(self.folder.path)


def _documents_and_folds(dataset: Dataset) -> tuple[Documents, Folds]:
    """All documents that may be trained on. Those of a validation table are the only fold."""
    validation = dataset.validation
    if validation is None or not len(validation):
        return dataset.train, Folds.of(dataset.train)
    texts = [*dataset.train.texts, *validation.texts]
    labels = np.concatenate([dataset.train.labels, validation.labels])
    return Documents(texts, labels), Folds.single(len(dataset.train), len(validation))
