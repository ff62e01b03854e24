"""Which networks answer: those of complete runs, loaded when they are asked for, and kept.

When the files of a run change, the new network is read whole before it takes the old one's place.
Until then, and where the new one is damaged, the old one answers.
"""

import logging
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hoiquy.errors import HoiquyError, RunError
from hoiquy.prediction.explain import reads_left_to_right
from hoiquy.prediction.predictor import Predictor
from hoiquy.runs.folder import Run, load_run
from hoiquy.server.api_error import ApiError
from hoiquy.server.found_runs import Signature, find_runs, signature
from hoiquy.server.metrics import Metrics
from hoiquy.server.schemas import ServedModel
from hoiquy.server.served_runs import test_interval

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A run that can answer, as it lay there when it was looked at."""

    name: str
    run: Run
    signature: Signature


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network in memory."""

    candidate: Candidate
    predictor: Predictor

    @property
    def name(self) -> str:
        return self.candidate.name


class ServedModels:
    """The networks of a folder.

    `look` and `load` read files, and belong into one thread; the rest is for the event loop.
    """

    def __init__(self, root: Path, most: int, default: str | None, metrics: Metrics) -> None:
        self._root = root
        self._most = most
        self._wanted_default = default
        self._default_before: str | None = None  # what `look` made ready
        self.default: str | None = None  # the name of the model that answers where none is named
        self._metrics = metrics
        self._candidates: dict[str, Candidate] = {}
        self._has_looked = False
        self._refused: dict[str, Signature] = {}  # looked at, and cannot answer
        self._loaded: OrderedDict[str, LoadedModel] = OrderedDict()
        self._lock = threading.Lock()  # around changes of what is loaded

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
        """All networks that can answer."""
        return [
            _described(one, name == self.default) for name, one in list(self._candidates.items())
        ]

    def name_of(self, wanted: str | None) -> str:
        """The name that is meant. Raises ApiError 404 for an unknown one, 503 if none is there."""
        if not self._has_looked:
            raise ApiError(503, "no_model", "the models are not read yet", retry_after=1)
        if wanted is not None and wanted not in self._candidates:
            raise ApiError(
                404, "unknown_model", "there is no model of this name; /api/models has all"
            )
        name = wanted if wanted is not None else self.default
        if name is None:
            raise ApiError(503, "no_model", "no trained network is here yet", retry_after=10)
        return name

    def ready(self, name: str) -> LoadedModel | None:
        """The network if it is in memory."""
        with self._lock:
            model = self._loaded.get(name)
            if model is not None:
                self._loaded.move_to_end(name)
            return model

    def load(self, name: str) -> LoadedModel:
        """Read a network unless it is in memory. Raises ApiError."""
        model = self._loaded.get(name)
        candidate = self._candidates.get(name)
        if model is None and candidate is not None:
            model = self._read(candidate)
            if model is None:  # it is not tried again until its files are others
                self._refused[name] = candidate.signature
                del self._candidates[name]
                self.default = self._chosen_default()
        if model is None:
            raise ApiError(503, "damaged_model", "this network cannot be read; the log says why")
        return model

    def look(self) -> None:
        """See what has changed, and read anew the networks in use; read the default one first."""
        found = find_runs(self._root)
        looked = {name: self._looked_at(name, folder) for name, folder in found.items()}
        candidates = {name: one for name, one in looked.items() if one is not None}
        for name in self._loaded.keys() - candidates.keys():
            self._withdraw(name)
        self._refused = {name: seen for name, seen in self._refused.items() if name in found}
        self._candidates = candidates
        self._has_looked = True
        self.default = self._chosen_default()
        while self.default != self._default_before:
            self._default_before = self.default
            if self.default is not None:
                with suppress(ApiError):  # then another one is the default
                    self.load(self.default)

    def _looked_at(self, name: str, folder: Path) -> Candidate | None:
        now, known = signature(folder), self._candidates.get(name)
        if (known is not None and known.signature == now) or self._refused.get(name) == now:
            return known
        kept = known if name in self._loaded else None
        self._refused[name] = now
        try:
            run = load_run(folder)
        except (HoiquyError, OSError) as error:
            if kept is not None:
                self._told_damaged(name, error)
            return kept
        if run.result.status == "interrupted":  # or being trained anew
            return kept
        candidate = Candidate(name, run, now)
        if kept is not None and self._read(candidate) is None:
            return kept
        del self._refused[name]
        return candidate

    def _read(self, candidate: Candidate) -> LoadedModel | None:
        """Read a network into memory; None, and a line in the log, if it cannot be."""
        name = candidate.name
        try:
            predictor = Predictor.from_run(candidate.run)
            predictor.predict_proba([""])  # what all texts have in common is computed now
            if signature(candidate.run.folder) != candidate.signature:
                raise RunError(f"{candidate.run.folder} changed while it was read")
        except (HoiquyError, OSError) as error:
            self._told_damaged(name, error)
            return None
        model = LoadedModel(candidate, predictor)
        with self._lock:
            self._loaded[name] = model
            self._loaded.move_to_end(name)
            while len(self._loaded) > self._most:
                self._loaded.popitem(last=False)
        self._metrics.loads.labels("loaded").inc()
        logger.info("loaded %s", name)
        return model

    def _withdraw(self, name: str) -> None:
        with self._lock:
            self._loaded.pop(name, None)
        logger.info("withdrawn, its folder has gone: %s", name)

    def _told_damaged(self, name: str, error: Exception) -> None:
        self._metrics.loads.labels("failed").inc()
        logger.warning("cannot load %s: %s", name, error)


def _described(candidate: Candidate, default: bool) -> ServedModel:
    recipe, result = candidate.run.recipe, candidate.run.result
    return ServedModel(
        name=candidate.name,
        recipe=recipe.name,
        output=recipe.model.output,
        classes=result.classes,
        multilabel=result.multilabel,
        parameters=result.parameters,
        max_length=recipe.data.max_length,
        left_to_right=reads_left_to_right(recipe),
        test_accuracy=result.test_accuracy,
        test_interval=test_interval(result),
        data=result.data,
        official_test=result.official_test,
        seed=result.seed,
        default=default,
    )
