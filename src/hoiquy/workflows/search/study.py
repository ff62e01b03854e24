"""The trials of a search in an Optuna study.

Only this module and `samplers` import Optuna. Random numbers are keyed by the seed and the trial's
number, so a resumed search continues as an uninterrupted one.
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
    """A trial as the study records it."""

    number: int  # from 1
    state: State
    parameters: Mapping[str, Value]
    value: float | None  # validation accuracy of the kept weights; pruned: of the last epoch
    accuracies: Mapping[int, float] = field(default_factory=dict)  # of validation, by epoch
    reason: str | None = None  # the error that ended it


# Called with a trial when it starts and ends, and with the best one so far.
OnTrial = Callable[[Trial, Trial | None], None]


def best_of(trials: Iterable[Trial]) -> Trial | None:
    """The complete trial with the largest value, the first of equals; None if none is complete."""
    complete = (trial for trial in trials if trial.state == "complete")
    return max(complete, key=lambda trial: (trial.value or 0, -trial.number), default=None)


def check_installed() -> None:
    """Raise MissingExtraError unless Optuna is installed."""
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        hint = "hoiquy search needs Optuna: pip install 'hoiquy[search]'"
        raise MissingExtraError(hint) from error


class Study:
    """An Optuna study, opened by `opened_study`."""

    def __init__(self, study: "optuna.Study", space: SearchSpace) -> None:
        self._study, self._space = study, space
        self._distributions = {key: distribution(one) for key, one in space.space.items()}

    def expect(self, epochs: int) -> None:
        """Prune trials from now on; epochs: of a trial."""
        self._study.pruner = pruner(self._space, epochs)

    def begin(self, identity: Mapping[str, str]) -> None:
        """Record hashes of the space, the data …; raise RunError if the study has others."""
        before = self._study.user_attrs.get(_IDENTITY)
        if before is None and not self._study.get_trials(deepcopy=False):
            self._study.set_user_attr(_IDENTITY, dict(identity))
        elif before != identity:
            known = before if isinstance(before, dict) else {}
            other = [what for what, value in identity.items() if known.get(what) != value]
            raise RunError(
                f"the study {self._study.study_name!r} was started with another "
                f"{' and '.join(other)}: choose another --out, or put it back to resume"
            )

    def trials(self) -> list[Trial]:
        """All trials so far, by number."""
        return [_facts(one) for one in self._study.get_trials(deepcopy=False)]

    def ask(self) -> "OpenTrial":
        """Start a trial; its parameters depend on earlier trials."""
        return OpenTrial(self._study, self._study.ask(), self._distributions)

    def resume(self, number: int) -> "OpenTrial":
        """Resume a trial whose worker has died."""
        from optuna.trial import Trial as AskedTrial

        frozen = self._study.get_trials(deepcopy=False)[number - 1]
        return OpenTrial(
            self._study, AskedTrial(self._study, frozen._trial_id), self._distributions
        )

    def importances(self) -> dict[str, float]:
        """The importance of each parameter by PED-ANOVA (Watanabe et al. 2023, IJCAI).

        Largest first, adding up to 1; empty if too few trials are complete or all are equal.
        """
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        values = {one.value for one in self.trials() if one.state == "complete"}
        if len(values) < 2:
            return {}
        found = get_param_importances(self._study, evaluator=PedAnovaImportanceEvaluator())
        return found if np.isfinite(list(found.values())).all() else {}


class OpenTrial:
    """A running trial of this process."""

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
        frozen = study.get_trials(deepcopy=False)[trial.number]
        self._reported = set(frozen.intermediate_values)

    def report(self, history: Sequence[EpochRecord]) -> bool:
        """Report epochs, each once; returns whether to prune the trial."""
        for record in history:
            if record.epoch not in self._reported:
                self._trial.report(record.val_accuracy, record.epoch)
                self._reported.add(record.epoch)
        return bool(history) and self._trial.should_prune()

    def complete(self, value: float) -> None:
        self._study.tell(self._trial, value)

    def prune(self, reason: str | None = None) -> None:
        """End the trial early; reason: the error, if no pruner did."""
        from optuna.trial import TrialState

        if reason is not None:
            self._trial.set_user_attr(_REASON, reason)
        self._study.tell(self._trial, state=TrialState.PRUNED)


@contextmanager
def opened_study(where: str | Path, name: str, space: SearchSpace) -> Iterator[Study]:
    """Create or open the study of that name.

    where: a file for SQLite, or a database URL of SQLAlchemy. Raises MissingExtraError without
    Optuna, InputError for a storage that cannot be opened, HoiquyError if it fails later.
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
        except Exception as error:  # drivers raise errors of any type
            reason = f"{_without_password(url)}: {str(error).partition(chr(10))[0]}"
            raise InputError(f"cannot open the storage {reason}") from error
        try:
            yield Study(study, space)
        except (optuna.exceptions.StorageInternalError, SQLAlchemyError) as error:
            reason = str(error.__cause__ or error).partition("\n")[0]
            raise HoiquyError(
                f"the storage {_without_password(url)} failed: {reason}; finished trials are kept, "
                f"rerun the same command to continue"
            ) from error
    finally:
        if storage is not None:
            storage.remove_session()
            storage.engine.dispose()
        optuna.logging.set_verbosity(loud)


def _engine_settings(where: str | Path) -> dict[str, Any]:
    """Arguments of SQLAlchemy; SQLite waits up to a minute for other processes."""
    timeout = {"timeout": 60.0}
    if isinstance(where, Path):  # its name may have characters that end a URL, such as "?"
        return {"creator": partial(sqlite3.connect, where, check_same_thread=False, **timeout)}
    return {"connect_args": timeout} if where.startswith("sqlite:") else {}


def _without_password(url: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "of --storage"


def _facts(frozen: "optuna.trial.FrozenTrial") -> Trial:
    return Trial(
        frozen.number + 1,
        frozen.state.name.lower(),  # type: ignore[arg-type]
        dict(frozen.params),
        frozen.value,
        dict(sorted(frozen.intermediate_values.items())),
        frozen.user_attrs.get(_REASON),
    )
