"""Train the linear member of an ensemble, and predict each document by others' weights.

It is the weighted sum of several linear classifiers of the same n-grams, and so itself a linear
classifier: support vector machines with several penalties, and naive Bayes of two kinds on words
and on characters. Their weights are found on held-out documents.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.linear.features import LEAST_DOCUMENTS, Features, NgramSettings
from hoiquy.linear.fit import fit_weights
from hoiquy.linear.model import LinearClassifier, Weights, weighted_sum
from hoiquy.linear.naive_bayes import ClassSums, Kind
from hoiquy.linear.new_documents import as_new
from hoiquy.nn.losses import Link, Logits, link_of
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.runs.linear_files import save_linear
from hoiquy.training.stacking import combined_logits, fit_stacking_weights, log_loss
from hoiquy.workflows.ensemble.folds import Folds
from hoiquy.workflows.ensemble.held_out import save_held_out

PENALTIES = (1.0, 0.1, 0.3)  # of support vector machines, as far as there is time
_KINDS: tuple[Kind, ...] = ("multinomial", "complement")
_NO_WEIGHT = 1e-3  # of a part beside the largest one, which then is not trained on all documents
_Counts = NDArray[np.int64]
_Part = Callable[[], Weights]  # trains it on all documents


def linear_features(ngrams: NgramSettings, recipe: Recipe, texts: Sequence[str]) -> Features:
    """The n-grams of texts; words are split as the recipe says, with punctuation."""
    text = recipe.text.model_copy(update={"tokenizer": "unicode+punctuation"})
    return Features.fit(ngrams, build_tokenizer(text), texts)


@dataclass(frozen=True, eq=False)
class LinearTraining:
    """What the parts are trained on.

    Attributes:
        features: Of the texts that the classifier is trained on in the end.
        rows: Sparse (documents, columns), the features of the training documents.
        labels: (documents,), or (documents, classes) of 0 and 1 where a document may have several.
        classes: Their names.
        folds: Which documents are held out.
        check: Called before each of the longer trainings; may raise, when nothing is saved.
    """

    features: Features
    rows: Any
    labels: np.ndarray
    classes: list[str]
    folds: Folds
    check: Callable[[], None]

    def run(self, folder: Path, choose: Callable[[float], Sequence[float]]) -> None:
        """Train, and save the classifier and its predictions for held-out documents.

        Args:
            folder: Of the member.
            choose: Given the seconds of a support vector machine on all folds, the penalties.
        """
        first, seconds = self._first_machine
        logits = {_machine(PENALTIES[0]): first}
        penalties = choose(seconds)
        logits |= {_machine(one): self.machine_logits(one) for one in penalties[1:]}
        logits |= self.bayes_logits()
        held_out = np.flatnonzero(self.folds.number >= 0)
        known = [one[held_out] for one in logits.values()]
        weights = fit_stacking_weights(known, self.labels[held_out])
        if not any(weights):  # too few documents to tell
            weights[0] = 1.0
        least = _NO_WEIGHT * max(weights)
        used = {name: one for name, one in zip(logits, weights, strict=True) if one > least}
        parts = self._parts(self.folds.finally_trained, penalties)
        summed = weighted_sum([parts[name]() for name in used], list(used.values()))
        save_linear(LinearClassifier(self.features, summed), self.classes, used, folder)
        together = combined_logits(known, weights, self._link)
        save_held_out(folder, held_out, together, self._link)

    @cached_property
    def held_out_loss(self) -> float:
        """The log loss of the first support vector machine, as sharp as is best for it."""
        held_out = np.flatnonzero(self.folds.number >= 0)
        known, labels = [self._first_machine[0][held_out]], self.labels[held_out]
        return log_loss(known, fit_stacking_weights(known, labels), labels)[0]

    @cached_property
    def _first_machine(self) -> tuple[Logits, float]:
        """Its logits for each document, by weights that it did not train, and the seconds taken."""
        start = time.perf_counter()
        logits = self.machine_logits(PENALTIES[0])
        return logits, time.perf_counter() - start

    @property
    def _link(self) -> Link:
        return link_of(self.labels.ndim == 2)

    def of_fold(self, fold: int, used: Mapping[str, float]) -> LinearClassifier:
        """The classifier that did not see the documents that a fold holds out.

        used: how much each part counts, as `save_linear` stores it.
        """
        parts = self._parts(self.folds.trained(fold), PENALTIES)
        weights = weighted_sum([parts[name]() for name in used], list(used.values()))
        return LinearClassifier(self.features, weights)

    def _parts(self, trained: NDArray[np.int64], penalties: Sequence[float]) -> dict[str, _Part]:
        machines: dict[str, _Part] = {
            _machine(one): partial(self._fit, trained, one) for one in penalties
        }
        if not self._bayes():
            return machines
        sums = self._sums(trained)
        bayes: dict[str, _Part] = {
            name: partial(sums.weights, *part) for name, part in self._bayes().items()
        }
        return machines | bayes

    def _bayes(self) -> dict[str, tuple[Kind, slice]]:
        """Its kinds by name. None for several labels, where it lowers the subset accuracy."""
        if self.labels.ndim == 2:
            return {}
        return {
            f"{kind} naive Bayes, {name}": (kind, columns)
            for name, columns in self.features.columns.items()
            for kind in _KINDS
        }

    def machine_logits(self, penalty: float) -> Logits:
        """The logits of each document, by weights that it did not train."""
        margins = np.zeros((len(self.labels), len(self.classes)))
        for fold in range(self.folds.count):
            rows = self.folds.held_out(fold)
            weights = self._fit(self.folds.trained(fold), penalty)
            margins[rows] = weights.margins(self._held_out(fold))
        return self._link.normalised(margins)

    def bayes_logits(self) -> dict[str, Logits]:
        """The same of each naive Bayes classifier."""
        if not self._bayes():
            return {}
        shape = (len(self.labels), len(self.classes))
        margins = {name: np.zeros(shape) for name in self._bayes()}
        whole = self._sums(np.arange(len(self.labels)))
        for fold in range(self.folds.count):
            rows = self.folds.held_out(fold)
            sums, held_out = whole.without(self._sums(rows)), self._held_out(fold)
            for name, (kind, columns) in self._bayes().items():
                margins[name][rows] = sums.weights(kind, columns).margins(held_out)
        return {name: self._link.normalised(one) for name, one in margins.items()}

    @cached_property
    def _documents_with(self) -> _Counts:
        return _documents_with(self.rows)

    def _held_out(self, fold: int) -> Any:
        """The rows of a fold's held-out documents, with the n-grams of the others."""
        rows, columns = self.rows[self.folds.held_out(fold)], self.features.columns
        others = self._documents_with - _documents_with(rows)
        known = np.concatenate(
            [others[own] >= LEAST_DOCUMENTS[kind] for kind, own in columns.items()]
        )
        return as_new(rows, known, columns.values())

    def _fit(self, trained: np.ndarray, penalty: float) -> Weights:
        self.check()
        return fit_weights(self.rows[trained], self.labels[trained], len(self.classes), penalty)

    def _sums(self, rows: np.ndarray) -> ClassSums:
        return ClassSums.of(self.rows[rows], self.labels[rows], len(self.classes))


def _documents_with(rows: Any) -> _Counts:
    """(columns,): how many documents have each n-gram."""
    return np.bincount(rows.indices, minlength=rows.shape[1])


def _machine(penalty: float) -> str:
    return f"support vectors, C = {penalty:g}"
