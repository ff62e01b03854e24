"""Train the models of an ensemble within the time, and weigh them after each."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hoiquy.errors import RunError, StoppedError
from hoiquy.events import EnsembleStep, Preparing
from hoiquy.linear.features import NgramSettings
from hoiquy.nn.losses import Logits, link_of
from hoiquy.prediction.ensemble import EnsemblePredictor
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import MEMBERS
from hoiquy.runs.files import RECIPE
from hoiquy.runs.linear_files import linear_parts
from hoiquy.system.signals import Interruption, with_resume_hint
from hoiquy.training.time_budget import TimeBudget, fitting_recipe
from hoiquy.workflows.ensemble.candidates import LINEAR, LSA, Candidate
from hoiquy.workflows.ensemble.held_out import load_held_out
from hoiquy.workflows.ensemble.linear import PENALTIES, LinearTraining, linear_features
from hoiquy.workflows.ensemble.lsa import LsaTraining
from hoiquy.workflows.ensemble.network import EncodedFolds, train_network
from hoiquy.workflows.ensemble.plan import PlannedModel
from hoiquy.workflows.ensemble.schedule import EnsembleSchedule

_SHARE_OF_LINEAR = 0.3  # of the time left
_SHARE_OF_A_TRIAL = 0.15  # of the time left, for a further network


@dataclass
class EnsembleTraining(EnsembleSchedule):
    """One training: the linear members, then the networks of the schedule."""

    def run(self) -> None:
        """Train until the plan or the time ends. What is trained already is kept.

        Raises:
            StoppedError: After Ctrl-C or SIGTERM; the models so far can predict.
        """
        hint = f"hoiquy resume {self.folder.path}"
        with with_resume_hint(hint), Interruption() as interruption:
            check = partial(self._check, interruption, hint)
            self.read_texts()
            self._train_linear(check)
            check()
            self._train_lsa()
            for model in self._models():
                check()
                self._train(model)
            check()
        self.folder.save_ensemble(self._members.ensemble(self.plan.metric, self._names()))

    def read_texts(self) -> None:
        """Read the texts without labels, if any: a mistake in them costs no training.

        Raises DataError if they cannot be read, or none is left, RunError if they have changed.
        """
        if self._semi_supervised is None:
            return
        before, now = self.plan.texts_sha256, self._semi_supervised.texts_sha256
        if before not in (None, now):
            raise RunError(
                f"the texts without labels have changed since the training began ({before:.12} → "
                f"{now:.12}): put them back, or train again with another --out"
            )
        self.plan = replace(self.plan, texts_sha256=now)

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

    def _train_lsa(self) -> None:
        if self._semi_supervised is None:
            return
        folder = self.folder.path / MEMBERS / LSA
        if self._held_out(folder) is None:
            self._semi_supervised.lsa().run(folder)
            self._scoring[LSA] = self._scoring.get(LINEAR, 0.0)  # both split texts into words
        self._finished(LSA, folder)

    def _encoded_for(self, model: PlannedModel) -> EncodedFolds:
        if self._semi_supervised is not None and self.plan.soft_labelled:
            teacher = partial(self._teacher, model.fold)
            return self._semi_supervised.encoded(model.fold, teacher, self.plan.soft_labelled)
        return self._encoded

    def _linear_training(
        self, ngrams: NgramSettings, check: Callable[[], None] = lambda: None
    ) -> LinearTraining:
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

    def _teacher(self, fold: int) -> EnsemblePredictor:
        """The linear classifiers of a fold, with the weights that they have together."""
        assert self._semi_supervised is not None
        names, folder = self._members.without_networks(), self.folder.path / MEMBERS
        trainings: dict[str, LinearTraining | LsaTraining] = {
            LINEAR: self._linear_training(self.plan.ngrams[0]),
            LSA: self._semi_supervised.lsa(),
        }
        classifiers = [trainings[name].of_fold(fold, linear_parts(folder / name)) for name in names]
        return EnsemblePredictor(
            self.folder.recipe,
            tuple(self.dataset.classes),
            self._members.ensemble_so_far("log_loss", names),
            tuple((one,) for one in classifiers),
        )

    def _train(self, model: PlannedModel) -> None:
        folder = self._folder_of(model)
        if self._held_out(folder) is None:
            candidate = next(one for one in self.plan.candidates() if one.name == model.member)
            recipe = self._fitted(candidate, model)
            own = recipe.with_settings({"training.seed": recipe.training.seed + model.fold})
            budget = None if self.budget is None else TimeBudget(max(self._left(), 1.0))
            self._scoring[model.member] = train_network(
                self._encoded_for(model), own, model.fold, folder, budget, self.on_event
            )
        self._finished(model.member, folder)

    def _fitted(self, candidate: Candidate, model: PlannedModel) -> Recipe:
        """The recipe of a candidate, with the epochs that fit into its share of the time."""
        is_begun = (
            candidate.name in self._members.models or (self._folder_of(model) / RECIPE).exists()
        )
        if self.budget is None or is_begun or self.plan.soft_labelled:
            return candidate.recipe
        if candidate.name in self.plan.further:
            share = _SHARE_OF_A_TRIAL * self._left()
        else:
            known = {*self._members.models, *self.plan.further}
            share = self._left() / (1 + len(set(self.plan.networks) - known))
        encoded = self._encoded_for(model)
        prepared = encoded.prepared(candidate.recipe, model.fold, self.on_event)
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
