"""The models of complete runs: loaded at their first request, and reloaded when files change.

A changed model is loaded and checked before it replaces the old one. Until then, and if the new one
is damaged, the old one stays in use.
"""

import logging
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import HTTPException

from hoiquy.errors import HoiquyError, RunError
from hoiquy.prediction.explain import reads_left_to_right
from hoiquy.prediction.load import load_predictor
from hoiquy.prediction.text_classifier import TextClassifier
from hoiquy.runs.folder import Run, load_run
from hoiquy.server.errors import api_error
from hoiquy.server.metrics import Metrics
from hoiquy.server.run_discovery import Signature, find_runs, signature
from hoiquy.server.schemas import ServedModel
from hoiquy.server.served_runs import test_interval

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A run that can predict, with the signature of its files."""

    name: str
    run: Run
    signature: Signature


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model in memory."""

    candidate: Candidate
    predictor: TextClassifier

    @property
    def name(self) -> str:
        return self.candidate.name


class ServedModels:
    """The models of a folder.

    `refresh` and `load` read files and must not run at the same time; all other methods are for
    the event loop.
    """

    def __init__(self, root: Path, capacity: int, default: str | None, metrics: Metrics) -> None:
        self._root = root
        self._capacity = capacity
        self._wanted_default = default
        self._previous_default: str | None = None  # the one that `refresh` loaded
        self.default: str | None = None  # the model that predicts where a request names none
        self._metrics = metrics
        self._candidates: dict[str, Candidate] = {}
        self.has_read = False  # whether `refresh` has read the folder once
        self._refused: dict[str, Signature] = {}  # runs that cannot predict
        self._loaded: OrderedDict[str, LoadedModel] = OrderedDict()
        self._lock = threading.Lock()  # guards changes of `_loaded`

    @property
    def loaded(self) -> int:
        return len(self._loaded)

    def _chosen_default(self) -> str | None:
        if self._wanted_default is not None:
            return self._wanted_default if self._wanted_default in self._candidates else None
        return min(self._candidates, key=self._rank, default=None)

    def _rank(self, name: str) -> tuple[float, str]:
        return -(self._candidates[name].run.result.test_accuracy or 0.0), name

    def describe(self) -> list[ServedModel]:
        """All models that can predict."""
        return [
            _described(one, name == self.default) for name, one in list(self._candidates.items())
        ]

    def resolve(self, name: str | None) -> str:
        """The name of the model to use; None means the default one.

        Raises HTTPException: 404 for an unknown name, 503 if there is no model.
        """
        if not self.has_read:
            raise api_error(503, "no_model", "the models are not read yet", retry_after=1)
        if name is not None and name not in self._candidates:
            raise api_error(404, "unknown_model", "unknown model; /api/models lists all")
        name = name if name is not None else self.default
        if name is None:
            raise api_error(503, "no_model", "there is no trained model yet", retry_after=10)
        return name

    def ready(self, name: str) -> LoadedModel | None:
        """The model if it is in memory."""
        with self._lock:
            model = self._loaded.get(name)
            if model is not None:
                self._loaded.move_to_end(name)
            return model

    def load(self, name: str) -> LoadedModel:
        """Load a model unless it is in memory. Raises HTTPException 503."""
        model = self._loaded.get(name)
        candidate = self._candidates.get(name)
        if model is None and candidate is not None:
            model = self._read(candidate)
            if model is None:  # no second attempt until its files change
                self._refused[name] = candidate.signature
                del self._candidates[name]
                self.default = self._chosen_default()
        if model is None:
            raise api_error(503, "damaged_model", "this model cannot be loaded; see the log")
        return model

    def refresh(self) -> None:
        """Find changed runs, reload the models in use, and load the default one."""
        found = find_runs(self._root)
        checked = {name: self._checked(name, folder) for name, folder in found.items()}
        candidates = {name: one for name, one in checked.items() if one is not None}
        for name in self._loaded.keys() - candidates.keys():
            self._unload(name)
        self._refused = {name: seen for name, seen in self._refused.items() if name in found}
        self._candidates = candidates
        self.has_read = True
        self.default = self._chosen_default()
        while self.default != self._previous_default:
            self._previous_default = self.default
            if self.default is not None:
                with suppress(HTTPException):  # then another one becomes the default
                    self.load(self.default)

    def _checked(self, name: str, folder: Path) -> Candidate | None:
        now, known = signature(folder), self._candidates.get(name)
        if (known is not None and known.signature == now) or self._refused.get(name) == now:
            return known
        kept = known if name in self._loaded else None
        self._refused[name] = now
        try:
            run = load_run(folder)
        except (HoiquyError, OSError) as error:
            if kept is not None:
                self._report_damaged(name, error)
            return kept
        if run.result.status == "interrupted":  # or in training again
            return kept
        candidate = Candidate(name, run, now)
        if kept is not None and self._read(candidate) is None:
            return kept
        del self._refused[name]
        return candidate

    def _read(self, candidate: Candidate) -> LoadedModel | None:
        """Load a model; None, and a line in the log, if that fails."""
        name = candidate.name
        try:
            predictor = load_predictor(candidate.run)
            predictor.prepare()
            predictor.predict_proba([""])  # what all texts have in common is computed now
            if signature(candidate.run.folder) != candidate.signature:
                raise RunError(f"{candidate.run.folder} changed while it was read")
        except (HoiquyError, OSError) as error:
            self._report_damaged(name, error)
            return None
        model = LoadedModel(candidate, predictor)
        with self._lock:
            self._loaded[name] = model
            self._loaded.move_to_end(name)
            while len(self._loaded) > self._capacity:
                self._loaded.popitem(last=False)
        self._metrics.loads.labels("loaded").inc()
        logger.info("loaded %s", name)
        return model

    def _unload(self, name: str) -> None:
        with self._lock:
            self._loaded.pop(name, None)
        logger.info("unloaded, its folder is gone: %s", name)

    def _report_damaged(self, name: str, error: Exception) -> None:
        logger.warning("cannot load %s: %s", name, error)
        self._metrics.loads.labels("failed").inc()


def _described(candidate: Candidate, default: bool) -> ServedModel:
    recipe, result = candidate.run.recipe, candidate.run.result
    return ServedModel(
        name=candidate.name,
        recipe=recipe.name,
        output=recipe.model.output,
        classes=result.classes,
        multilabel=result.multilabel,
        ensemble=result.is_ensemble,
        parameters=result.parameters,
        max_length=recipe.data.max_length,
        left_to_right=reads_left_to_right(recipe),
        test_accuracy=result.test_accuracy,
        test_interval=test_interval(result),
        data=result.data_name,
        data_fingerprint=result.data_fingerprint,
        official_test=result.official_test,
        seed=result.seed,
        default=default,
    )
