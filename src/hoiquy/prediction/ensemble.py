"""Predict with the members of an ensemble together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.errors import DataError
from hoiquy.linear.model import LinearClassifier
from hoiquy.nn.losses import log_probabilities
from hoiquy.nn.losses.output import log_softmax
from hoiquy.nn.metrics import correct_predictions
from hoiquy.nn.shards import ShardPool, shard_pool
from hoiquy.prediction.predictor import Predictor
from hoiquy.prediction.text_classifier import Documents, TextClassifier
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.ensemble import MEMBERS, Ensemble, Member, load_ensemble
from hoiquy.runs.folder import Run, load_run
from hoiquy.runs.linear_files import load_linear
from hoiquy.text import EncodedDocuments
from hoiquy.training.scoring import Scores

LogProbabilities = NDArray[np.float64]  # (texts, classes)
_BATCH = 4096  # texts that are encoded at once
_LINEAR_BATCH = 512  # texts that a thread splits into n-grams at once: of fewer, calls take longer


@dataclass(frozen=True, eq=False, repr=False)
class EnsemblePredictor(TextClassifier):
    """An ensemble with its models, ready to predict.

    Attributes:
        recipe: The recipe `auto` as fitted to its data.
        classes: Class names, in the order of the columns of `predict_proba`.
        ensemble: Weights and offsets, of members with a weight.
        models: Of each member.
        multilabel: Always False.
    """

    recipe: Recipe
    classes: tuple[str, ...]
    ensemble: Ensemble
    models: tuple[tuple[LinearClassifier | Predictor, ...], ...]
    multilabel: bool = False

    @classmethod
    def from_run(cls, run: Run) -> "EnsemblePredictor":
        """Load the members of a run that have a weight. Raises RunError."""
        classes = list(run.result.classes)
        ensemble = load_ensemble(run.folder, len(classes))
        members = [member for member in ensemble.members if member.weight > 0]
        models = tuple(
            tuple(_model(run, member, name, classes) for name in member.models)
            for member in members
        )
        return cls(run.recipe, tuple(classes), replace(ensemble, members=members), models)

    def __repr__(self) -> str:
        members = ", ".join(
            f"{len(models)} × {member.name}"
            for member, models in zip(self.ensemble.members, self.models, strict=True)
        )
        return f"{super().__repr__()[:-1]}: {members}>"

    def expanded(self) -> "EnsemblePredictor":
        """The same with all weights of networks in float32."""
        models = tuple(
            tuple(one.expanded() if isinstance(one, Predictor) else one for one in several)
            for several in self.models
        )
        return replace(self, models=models)

    @property
    def sums_to_one(self) -> bool:
        return True

    def probabilities(
        self, documents: Documents, pool: ShardPool | None = None
    ) -> NDArray[np.float32]:
        texts = self.joined([documents])
        if pool is None:
            with shard_pool() as threads:
                return self.probabilities(texts, threads)
        parts = [
            np.exp(self._log_probabilities(texts[begin : begin + _BATCH], pool))
            for begin in range(0, len(texts), _BATCH)
        ]
        empty = np.empty((0, len(self.classes)))
        return np.concatenate([empty, *parts]).astype(np.float32)

    def joined(self, parts: Sequence[Documents]) -> list[str]:
        if any(isinstance(part, EncodedDocuments) for part in parts):
            raise DataError("an ensemble predicts texts, not token indices")
        return list(chain.from_iterable(parts))  # type: ignore[arg-type]

    def prepare(self) -> None:
        for model in chain.from_iterable(self.models):
            if isinstance(model, Predictor):
                model.prepare()

    @property
    def parameter_count(self) -> int:
        """The number of parameters of all models."""
        return sum(map(parameters_of, chain.from_iterable(self.models)))

    def _scored(self, dataset: Dataset) -> Scores:
        labels = dataset.test.labels
        probabilities = self.probabilities(list(dataset.test.texts))
        log_p = np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-30))
        correct = correct_predictions(labels, probabilities)
        return Scores(-float(log_p.mean(dtype=np.float64)), float(correct.mean()), probabilities)

    def _log_probabilities(self, texts: Sequence[str], pool: ShardPool) -> LogProbabilities:
        combined = np.tile(np.array(self.ensemble.offsets), (len(texts), 1))
        encoded = _Encoded(texts, pool)
        for member, models in zip(self.ensemble.members, self.models, strict=True):
            for model in models:
                combined += member.weight / len(models) * encoded.log_probabilities(model)
        return log_softmax(combined)


def parameters_of(model: LinearClassifier | Predictor) -> int:
    """The number of parameters of a model."""
    return model.parameters if isinstance(model, LinearClassifier) else model.model.parameter_count


class _Encoded:
    """Texts with their encodings: models with the same words share one."""

    def __init__(self, texts: Sequence[str], pool: ShardPool) -> None:
        self._texts, self._pool = texts, pool
        self._found: list[tuple[Predictor, EncodedDocuments]] = []

    def log_probabilities(self, model: LinearClassifier | Predictor) -> LogProbabilities:
        if isinstance(model, LinearClassifier):

            def run(shard: int, part: slice) -> LogProbabilities:
                return model.margins(self._texts[part])

            margins = list(self._pool.map(run, len(self._texts), _LINEAR_BATCH))
            return log_softmax(np.concatenate(margins))
        documents = self._documents(model)
        return log_probabilities(model.predict_proba_encoded(documents, self._pool))

    def _documents(self, model: Predictor) -> EncodedDocuments:
        for other, documents in self._found:
            if model.vocabulary.encodes_as(other.vocabulary):
                return documents
        documents = model.vocabulary.encode_all(self._texts)
        self._found.append((model, documents))
        return documents


def _model(run: Run, member: Member, name: str, classes: list[str]) -> LinearClassifier | Predictor:
    folder = run.folder / MEMBERS / name
    if member.kind == "linear":
        return load_linear(folder, classes)
    return Predictor.from_run(load_run(folder))
