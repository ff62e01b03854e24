"""Linear classifiers on TF-IDF: logistic regression on words, machines on words and characters."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, FunctionTransformer, Pipeline
from sklearn.svm import LinearSVC

from judge.words import TOKEN, choose_reading, in_words

PENALTIES = (0.1, 0.3, 1.0)
_FOLDS = 3
_MOST_TOGETHER = 18  # classes of one multinomial regression; more take it many minutes


class TfidfLogistic:
    """Words and pairs of words; logistic regression with C = 10."""

    chosen: Mapping[str, Any] = {}

    def fit(self, texts: Sequence[str], labels: NDArray[np.int64]) -> None:
        """labels: (documents,)."""
        regression: Any = LogisticRegression(C=10, max_iter=300)
        if len(np.unique(labels)) > _MOST_TOGETHER:
            regression = OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear"))
        self._model = Pipeline([("tfidf", _words(texts, 2)), ("regression", regression)])
        self._model.fit(texts, labels)

    def predict(self, texts: Sequence[str]) -> NDArray[np.int64]:
        return np.asarray(self._model.predict(texts))

    def probabilities(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The labels seen, and (documents, labels seen)."""
        return self._model.classes_, self._model.predict_proba(texts)


class TfidfSvc:
    """A linear support vector machine; C by cross-validation on the training texts.

    Args:
        with_words: Words up to three together, and characters within words (2 to 5); otherwise
            characters only (1 to 5), also across words.
    """

    def __init__(self, with_words: bool) -> None:
        self._with_words = with_words
        self.chosen: Mapping[str, Any] = {}

    def fit(self, texts: Sequence[str], labels: NDArray[np.int64]) -> None:
        """labels: (documents,)."""
        self._features: Any = _characters("char", 1)
        if self._with_words:
            parts = [("words", _words(texts, 3)), ("characters", _characters("char_wb", 2))]
            self._features = FeatureUnion(parts)
        counts = self._features.fit_transform(texts)
        self._machine, self.chosen = _best_machine(counts, labels)

    def predict(self, texts: Sequence[str]) -> NDArray[np.int64]:
        return np.asarray(self._machine.predict(self._features.transform(texts)))

    def probabilities(self, texts: Sequence[str]) -> None:
        """A support vector machine has margins only."""


def _words(texts: Sequence[str], most: int) -> Pipeline:
    """TF-IDF of up to `most` words together; what a word is depends on the training texts."""
    reader = FunctionTransformer(in_words, kw_args={"reading": choose_reading(texts)})
    tfidf = TfidfVectorizer(ngram_range=(1, most), token_pattern=TOKEN, sublinear_tf=True)
    return Pipeline([("reader", reader), ("tfidf", tfidf)])


def _characters(analyzer: str, least: int) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=analyzer, ngram_range=(least, 5), sublinear_tf=True, min_df=2)


def _best_machine(counts: Any, labels: NDArray[np.int64]) -> tuple[LinearSVC, dict[str, Any]]:
    """The machine with the C of the highest accuracy over three folds; of equals the smallest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # a class with fewer documents than folds is missing in some of them
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        if np.bincount(labels).max() < _FOLDS:
            middle = PENALTIES[len(PENALTIES) // 2]
            return LinearSVC(C=middle, random_state=0).fit(counts, labels), {"C": middle}
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        search = GridSearchCV(LinearSVC(random_state=0), {"C": list(PENALTIES)}, cv=folds)
        search.fit(counts, labels)
    return search.best_estimator_, search.best_params_
