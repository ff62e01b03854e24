"""Predict with the members of an ensemble together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.label_array import Labels
from hoiquy.errors import DataError
from hoiquy.linear.model import LinearClassifier
from hoiquy.nn.losses import Link, Logits, link_of
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
        multilabel: Whether a text may have any number of labels instead of exactly one.
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
        chosen = replace(ensemble, members=members)
        return cls(run.recipe, tuple(classes), chosen, models, run.result.multilabel)

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
        return not self.multilabel

    @property
    def link(self) -> Link:
        """What the logits of its models mean."""
        return link_of(self.multilabel)

    def probabilities(
        self, documents: Documents, pool: ShardPool | None = None
    ) -> NDArray[np.float32]:
        texts = self.joined([documents])
        if pool is None:
            with shard_pool() as threads:
                return self.probabilities(texts, threads)
        parts = [
            self.link.probabilities(self._logits(texts[begin : begin + _BATCH], pool))
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
        correct = correct_predictions(labels, probabilities)
        loss = _loss(probabilities, labels)
        return Scores(loss, float(correct.mean()), probabilities)

    def _logits(self, texts: Sequence[str], pool: ShardPool) -> Logits:
        combined = np.tile(np.array(self.ensemble.offsets), (len(texts), 1))
        encoded = _Encoded(texts, pool, self.link)
        for member, models in zip(self.ensemble.members, self.models, strict=True):
            for model in models:
                combined += member.weight / len(models) * encoded.logits(model)
        return self.link.normalised(combined)


def _loss(probabilities: NDArray[np.float32], labels: Labels) -> float:
    """The mean log loss of documents; of several labels, of documents and labels."""
    if labels.ndim == 2:
        p = np.where(labels == 1, probabilities, 1 - probabilities)
    else:
        p = probabilities[np.arange(len(labels)), labels]
    return -float(np.log(np.maximum(p, 1e-30)).mean(dtype=np.float64))


def parameters_of(model: LinearClassifier | Predictor) -> int:
    """The number of parameters of a model."""
    return model.parameters if isinstance(model, LinearClassifier) else model.model.parameter_count


class _Encoded:
    """Texts with their encodings: models with the same words share one."""

    def __init__(self, texts: Sequence[str], pool: ShardPool, link: Link) -> None:
        self._texts, self._pool, self._link = texts, pool, link
        self._found: list[tuple[Predictor, EncodedDocuments]] = []

    def logits(self, model: LinearClassifier | Predictor) -> Logits:
        if isinstance(model, LinearClassifier):

            def run(shard: int, part: slice) -> Logits:
                return model.margins(self._texts[part])

            margins = list(self._pool.map(run, len(self._texts), _LINEAR_BATCH))
            return self._link.normalised(np.concatenate(margins))
        documents = self._documents(model)
        return self._link.of_probabilities(model.predict_proba_encoded(documents, self._pool))

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
