"""What every classifier of texts can do: a single network, or an ensemble."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset
from hoiquy.data.label_array import Labels
from hoiquy.errors import DataError
from hoiquy.nn.shards import ShardPool
from hoiquy.prediction.table import predicted_names
from hoiquy.recipe.recipe import Recipe
from hoiquy.text import EncodedDocuments
from hoiquy.training.scoring import Scores

Documents = Sequence[str] | EncodedDocuments


class TextClassifier(ABC):
    """Predicts the classes of texts.

    Attributes:
        recipe: The recipe it was trained with; of an ensemble, `auto` as fitted to its data.
        classes: Class names, in the order of the columns of `predict_proba`.
        multilabel: Whether a text may have any number of labels instead of exactly one.
    """

    recipe: Recipe
    classes: tuple[str, ...]
    multilabel: bool

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.recipe.name!r}, {len(self.classes)} classes>"

    @property
    @abstractmethod
    def sums_to_one(self) -> bool:
        """Whether the probabilities of a text sum to 1."""

    def predict(self, texts: Sequence[str]) -> list[str] | list[tuple[str, ...]]:
        """Predict the class of each text.

        Args:
            texts: A list, array or Series of strings. A text without any word is allowed.

        Returns:
            The most probable class of each text. If `multilabel`, a tuple for each text: the
            labels whose probability is above 0.5, possibly none.

        Raises:
            DataError: `texts` is a single string, or holds something else than strings.
        """
        labels = self.labels(self.predict_proba(texts))
        return labels if self.multilabel else [name for (name,) in labels]

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Predict the probability of each class for each text.

        Args:
            texts: A list, array or Series of strings. A text without any word is allowed.

        Returns:
            Array (texts, classes), columns in the order of `classes`. A row sums to 1 if the output
            layer is a softmax; the outputs of sigmoids are independent of each other.

        Raises:
            DataError: `texts` is a single string, or holds something else than strings.
        """
        return self.probabilities(list_of_strings(texts))

    @abstractmethod
    def probabilities(
        self, documents: Documents, pool: ShardPool | None = None
    ) -> NDArray[np.float32]:
        """Do as `predict_proba` for documents that need no check.

        Args:
            documents: Strings, or documents as a network's vocabulary encodes them.
            pool: Threads to use; without one, a pool is started for this call.
        """

    @abstractmethod
    def joined(self, parts: Sequence[Documents]) -> Documents:
        """The documents of several requests as one; those that are strings are encoded together."""

    def labels(self, probabilities: NDArray[Any]) -> list[tuple[str, ...]]:
        """Return the predicted label names of each row, exactly one unless `multilabel`.

        Args:
            probabilities: Array (texts, classes), as returned by `predict_proba`.
        """
        return predicted_names(probabilities, self.classes, self.multilabel)

    def score(self, dataset: Dataset) -> tuple[Scores, Labels]:
        """Score the test documents of a data set.

        Returns:
            The scores, and the true labels of the test documents.

        Raises:
            DataError: The data set has other classes than the run, or several labels a document
                where the run has one, or the reverse.
        """
        if dataset.multilabel != self.multilabel:
            kinds = ("one label", "several labels")
            raise DataError(
                f"{dataset.name} has {kinds[dataset.multilabel]} a document, but the run was "
                f"trained on {kinds[self.multilabel]}"
            )
        if dataset.classes != self.classes:
            raise DataError(
                f"{dataset.name} has the classes {', '.join(dataset.classes)}, but the run was "
                f"trained on {', '.join(self.classes)}"
            )
        return self._scored(dataset), dataset.test.labels

    @abstractmethod
    def _scored(self, dataset: Dataset) -> Scores:
        """Score the test documents of a data set of the same classes."""

    @abstractmethod
    def prepare(self) -> None:
        """Compute now what texts share, so that no text waits for it."""


def list_of_strings(texts: Sequence[str]) -> list[str]:
    """Raise DataError unless `texts` is a collection of strings; a single string is refused."""
    if isinstance(texts, str | bytes):
        raise DataError("texts is a single string, expected a list of strings: write [text]")
    listed = list(texts)
    for at, text in enumerate(listed):
        if not isinstance(text, str):
            kind = type(text).__name__
            raise DataError(f"texts holds {text!r:.40} ({kind}) at position {at}, expected a str")
    return listed
