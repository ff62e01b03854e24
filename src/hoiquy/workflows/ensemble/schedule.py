"""Which models of an ensemble are trained, in which order, as long as there is time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from hoiquy.data.dataset import Dataset
from hoiquy.events import DataRead, Listener
from hoiquy.runs.ensemble import MEMBERS, Ensemble
from hoiquy.runs.folder import load_cost_of
from hoiquy.training.time_budget import TimeBudget
from hoiquy.workflows.ensemble.candidates import LINEAR, LSA, MOST_CHOSEN
from hoiquy.workflows.ensemble.files import EnsembleFolder
from hoiquy.workflows.ensemble.folds import documents_and_folds
from hoiquy.workflows.ensemble.members import Members
from hoiquy.workflows.ensemble.network import EncodedFolds
from hoiquy.workflows.ensemble.plan import Plan, PlannedModel
from hoiquy.workflows.ensemble.semi_supervised import SemiSupervised
from hoiquy.workflows.ensemble.students import fitting_texts
from hoiquy.workflows.transfer import Transfer

_SHARE_OF_TRIALS = 0.35  # of the time, after which no further network is tried
_RESERVE = 1.1  # times the seconds that a model took are left before another is begun


@dataclass
class EnsembleSchedule:
    """The plan of a training and how far it is.

    Attributes:
        folder: Where everything is written.
        dataset: With its test documents.
        plan: What to train; grows.
        budget: The time left; without one, each chosen network is trained once on each fold.
        on_event: Hears of the training.
        transfer: The word vectors that its networks start from, and texts without labels.
    """

    folder: EnsembleFolder
    dataset: Dataset
    plan: Plan
    budget: TimeBudget | None
    on_event: Listener
    transfer: Transfer = field(default_factory=Transfer)
    _members: Members = field(init=False)
    _encoded: EncodedFolds = field(init=False)
    _semi_supervised: SemiSupervised | None = None
    _scoring: dict[str, float] = field(default_factory=dict)  # seconds a document, of one model

    def __post_init__(self) -> None:
        documents, folds = documents_and_folds(self.dataset)
        self._members = Members(documents.labels)
        whole = replace(self.dataset.without_test(), train=documents, validation=None)
        texts = self.transfer.unlabelled
        self._encoded = EncodedFolds(whole, folds, replace(self.transfer, unlabelled=None))
        if texts is not None:
            self._semi_supervised = SemiSupervised(
                self.folder.path, self.dataset, self._encoded, texts, self.folder.recipe,
                self.on_event,
            )  # fmt: skip

    def _models(self) -> Iterator[PlannedModel]:
        """The models of the plan, then those that it grows by. A model ends before the next."""
        yield from list(self.plan.models)
        for model in self._in_order():
            if model in self.plan.models or not self._has_time(model):
                continue  # another network may take less
            self._save(self.plan.begun(model))
            yield model

    def _in_order(self) -> Iterator[PlannedModel]:
        if self._semi_supervised is not None and self.plan.soft_labelled is None:
            self._plan_students(self._semi_supervised)
        if self.plan.chosen is None:
            for name in self.plan.networks:
                if name not in self.plan.further or self._is_early():
                    yield PlannedModel(name, 0)
            self._save(replace(self.plan, chosen=self._worth_all_folds()))
            self._weigh()
        for fold in range(self._encoded.folds.count):  # weights need folds of all
            if not self._has_texts(fold):
                break
            for name in self.plan.chosen or []:
                yield PlannedModel(name, fold)

    def _plan_students(self, semi_supervised: SemiSupervised) -> None:
        """Plan networks that train on texts without labels, where there is time for them."""
        seconds = None if self.budget is None else self._left()
        students, count = semi_supervised.students(
            self.plan.settings, self._labelling_seconds, seconds
        )
        if count:
            networks = {one.name: one.recipe.to_toml() for one in students}
            self._save(replace(self.plan, networks=networks, further=[], soft_labelled=[count]))
        else:
            self.on_event(DataRead("no time for networks that learn from texts without labels"))
            self._save(replace(self.plan, soft_labelled=[]))

    def _has_texts(self, fold: int) -> bool:
        """Plan how many texts a fold trains on, by the time that the first fold took."""
        counts = self.plan.soft_labelled
        if not counts or fold < len(counts):
            return True
        count = counts[0]
        if self.budget is not None:
            took = sum(self._seconds_of(name) for name in self.plan.chosen or [])
            took += count * self._labelling_seconds
            share = self._left() / (self._encoded.folds.count - fold)
            count = fitting_texts(count, _RESERVE * took, share)
        if count:
            self._save(replace(self.plan, soft_labelled=[*counts, count]))
        return count > 0

    def _worth_all_folds(self) -> list[str]:
        """The networks that are trained on every fold; at least one of students.

        Where labels are few, one fold does not tell what students are worth.
        """
        tried = [name for name in self.plan.networks if name in self._members.models]
        chosen = self._members.worth(tried)[:MOST_CHOSEN]
        if not chosen and tried and self.plan.soft_labelled:
            chosen = [self._members.best(tried)]
        return chosen

    def _is_early(self) -> bool:
        return self.budget is not None and (
            self.budget.left() > (1 - _SHARE_OF_TRIALS) * self.budget.seconds
        )

    def _has_time(self, model: PlannedModel) -> bool:
        if self.budget is None:
            return True
        left, seconds = self._left(), self._seconds_of(model.member)
        if counts := self.plan.soft_labelled:
            seconds *= counts[model.fold] / counts[0]
        return left > _RESERVE * seconds

    def _left(self) -> float:
        """Seconds left for what is trained now."""
        return math.inf if self.budget is None else self.budget.left()

    @property
    def _labelling_seconds(self) -> float:
        """How long the linear classifiers take to label a text; 0 before that is measured."""
        return sum(self._scoring.get(name, 0.0) for name in (LINEAR, LSA))

    def _seconds_of(self, member: str) -> float:
        """How long the first model of a network took; 0 before that."""
        models = list(self._members.models.get(member, {}))
        if not models:
            return 0.0
        return load_cost_of(self.folder.path / MEMBERS / models[0]).seconds

    def _folder_of(self, model: PlannedModel) -> Path:
        return self.folder.path / MEMBERS / model.folder

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
        always = self._members.without_networks()
        return [name for name in names if name in always or name in self.plan.chosen]

    def _save(self, plan: Plan) -> None:
        self.plan = plan
        plan.save(self.folder.path)
