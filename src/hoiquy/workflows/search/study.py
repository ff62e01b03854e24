"""The trials of a search in an Optuna study: which there are, what they were told, what is next.

This module and `choosing` alone know Optuna. Random numbers are keyed by the seed and a trial's
number, so a search that was stopped goes on as one that never was.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hoiquy.errors import HoiquyError, InputError, MissingExtraError, RunError
from hoiquy.runs.history import EpochRecord
from hoiquy.workflows.search.samplers import distribution, keyed_sampler, pruner
from hoiquy.workflows.search.space import SearchSpace, Value

if TYPE_CHECKING:
    import optuna

State = Literal["complete", "pruned", "running", "waiting", "fail"]
_IDENTITY, _REASON = "hoiquy", "reason"  # attributes of a study, of a trial


@dataclass(frozen=True)
class Trial:
    """What the study knows of one trial.

    value: validation accuracy of the weights that it kept, a fraction; of a pruned one that of its
    last epoch. reason: why it was given up, where no pruner did.
    """

    number: int  # from 1
    state: State
    parameters: Mapping[str, Value]
    value: float | None
    accuracies: Mapping[int, float] = field(default_factory=dict)  # of validation, by epoch
    reason: str | None = None


# Hears of a trial when it begins and when it has ended, and of the best so far, if there is one.
OnTrial = Callable[[Trial, Trial | None], None]


def best_of(trials: Iterable[Trial]) -> Trial | None:
    """The complete trial with the largest value, the first of several; None if none is complete."""
    complete = (trial for trial in trials if trial.state == "complete")
    return max(complete, key=lambda trial: (trial.value or 0, -trial.number), default=None)


def check_installed() -> None:
    """Raise MissingExtraError, which says what to install, unless Optuna is there."""
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("hoiquy search needs Optuna: pip install 'hoiquy[search]'") from (
            error
        )


class Study:
    """An Optuna study, opened by `opened_study`."""

    def __init__(self, study: "optuna.Study", space: SearchSpace) -> None:
        self._study, self._space = study, space
        self._distributions = {key: distribution(one) for key, one in space.space.items()}

    def expect(self, epochs: int) -> None:
        """Prune trials from now on; epochs: of one, for pruners that share them out."""
        self._study.pruner = pruner(self._space, epochs)

    def begin(self, identity: Mapping[str, str]) -> None:
        """Note what the search is about, by hashes of the space, the data …

        Raises RunError if the study was about something else before.
        """
        before = self._study.user_attrs.get(_IDENTITY)
        if before is None and not self._study.get_trials(deepcopy=False):
            self._study.set_user_attr(_IDENTITY, dict(identity))
        elif before != identity:
            known = before if isinstance(before, dict) else {}
            other = [what for what, value in identity.items() if known.get(what) != value]
            raise RunError(
                f"the study {self._study.study_name!r} was begun with another {' and '.join(other)}"
                f": choose another --out, or put it back to go on"
            )

    def trials(self) -> list[Trial]:
        """All trials so far, by their numbers."""
        return [_facts(one) for one in self._study.get_trials(deepcopy=False)]

    def ask(self) -> "OpenTrial":
        """Begin a trial, with parameters that follow from those before it."""
        return OpenTrial(self._study, self._study.ask(), self._distributions)

    def take_up(self, number: int) -> "OpenTrial":
        """A trial again that is still running, though nobody works at it any more."""
        from optuna.trial import Trial as AskedTrial

        frozen = self._study.get_trials(deepcopy=False)[number - 1]
        return OpenTrial(
            self._study, AskedTrial(self._study, frozen._trial_id), self._distributions
        )

    def importances(self) -> dict[str, float]:
        """How much each parameter decides of the value, most first; they add up to 1.

        By PED-ANOVA (Watanabe et al. 2023, IJCAI). Empty where too few trials are complete, or all
        were equally good.
        """
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        values = {one.value for one in self.trials() if one.state == "complete"}
        if len(values) < 2:
            return {}
        found = get_param_importances(self._study, evaluator=PedAnovaImportanceEvaluator())
        return found if np.isfinite(list(found.values())).all() else {}


class OpenTrial:
    """A trial under way, of this process."""

    def __init__(
        self,
        study: "optuna.Study",
        trial: "optuna.Trial",
        distributions: Mapping[str, "optuna.distributions.BaseDistribution"],
    ) -> None:
        self._study, self._trial = study, trial
        self.number = trial.number + 1
        self.parameters: dict[str, Value] = {
            key: trial._suggest(key, one) for key, one in distributions.items()
        }
        self._reported = set(_frozen(study, trial.number).intermediate_values)

    def report(self, history: Sequence[EpochRecord]) -> bool:
        """Tell of epochs, each once; whether the trial is to be given up."""
        for record in history:
            if record.epoch not in self._reported:
                self._trial.report(record.val_accuracy, record.epoch)
                self._reported.add(record.epoch)
        return bool(history) and self._trial.should_prune()

    def complete(self, value: float) -> None:
        self._study.tell(self._trial, value)

    def prune(self, reason: str | None = None) -> None:
        """Give it up; reason: where no pruner wished it."""
        from optuna.trial import TrialState

        if reason is not None:
            self._trial.set_user_attr(_REASON, reason)
        self._study.tell(self._trial, state=TrialState.PRUNED)


@contextmanager
def opened_study(where: str | Path, name: str, space: SearchSpace) -> Iterator[Study]:
    """Make a study, or go on with the one of that name.

    where: a file for SQLite, or the address of a database as SQLAlchemy writes it. Raises
    MissingExtraError without Optuna, InputError for a storage that cannot be opened, HoiquyError
    where it fails later.
    """
    check_installed()
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    url = where if isinstance(where, str) else f"sqlite:///{where.name}"
    loud = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = None
    try:
        try:
            storage = optuna.storages.RDBStorage(url, engine_kwargs=_engine_settings(where))
            study = optuna.create_study(
                storage=storage, study_name=name, direction="maximize", load_if_exists=True,
                sampler=keyed_sampler(space), pruner=optuna.pruners.NopPruner(),
            )  # fmt: skip
        except Exception as error:  # whatever a database finds wrong with its address
            reason = str(error).partition("\n")[0]
            raise InputError(f"cannot open the storage {_without_password(url)}: {reason}") from (
                error
            )
        try:
            yield Study(study, space)
        except (optuna.exceptions.StorageInternalError, SQLAlchemyError) as error:
            reason = str(error.__cause__ or error).partition("\n")[0]
            raise HoiquyError(
                f"the storage {_without_password(url)} failed: {reason}; what is in it is kept, "
                f"the same command goes on"
            ) from error
    finally:
        if storage is not None:
            storage.remove_session()
            storage.engine.dispose()
        optuna.logging.set_verbosity(loud)


def _engine_settings(where: str | Path) -> dict[str, Any]:
    """What SQLAlchemy is told: of SQLite, how long to wait for another process."""
    patience = {"timeout": 60.0}
    if isinstance(where, Path):  # whose name may hold what an address takes for its end, as "?"
        opened = partial(sqlite3.connect, where, check_same_thread=False, **patience)
        return {"creator": opened}
    return {"connect_args": patience} if where.startswith("sqlite:") else {}


def _without_password(url: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "of --storage"


def _frozen(study: "optuna.Study", number: int) -> "optuna.trial.FrozenTrial":
    return study.get_trials(deepcopy=False)[number]


def _facts(frozen: "optuna.trial.FrozenTrial") -> Trial:
    return Trial(
        frozen.number + 1,
        frozen.state.name.lower(),  # type: ignore[arg-type]
        dict(frozen.params),
        frozen.value,
        dict(sorted(frozen.intermediate_values.items())),
        frozen.user_attrs.get(_REASON),
    )
