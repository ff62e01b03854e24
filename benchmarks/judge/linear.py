"""Linear classifiers on TF-IDF of words and characters: logistic regression, SVM."""

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
_USUAL = 10.0  # C of logistic regression where it is not chosen
_FOLDS = 3
_MOST_TOGETHER = 18  # classes of one multinomial regression; more take it many minutes


class TfidfLogistic:
    """Words and pairs of words; logistic regression.

    Args:
        penalties: C is chosen from these by cross-validation on the training texts.
        with_characters: Also characters within words (2 to 5).
        balanced: Aim at macro-F1: all classes weigh the same, and C is chosen by it.
    """

    def __init__(
        self,
        penalties: Sequence[float] = (_USUAL,),
        with_characters: bool = False,
        balanced: bool = False,
    ) -> None:
        self._penalties, self._with_characters = penalties, with_characters
        self._weights, self._measure = ("balanced", "f1_macro") if balanced else (None, "accuracy")
        self.chosen: Mapping[str, Any] = {}

    def fit(self, texts: Sequence[str], labels: NDArray[np.int64]) -> None:
        """labels: (documents,)."""
        regression: Any = LogisticRegression(max_iter=300, class_weight=self._weights)
        if len(np.unique(labels)) > _MOST_TOGETHER:
            one = LogisticRegression(solver="liblinear", class_weight=self._weights)
            regression = OneVsRestClassifier(one)
        features = _words(texts, 2)
        if self._with_characters:
            features = _with_characters(features)
        counts = features.fit_transform(texts)
        fitted, self.chosen = _best_fit(regression, self._penalties, counts, labels, self._measure)
        self._model = Pipeline([("tfidf", features), ("regression", fitted)])

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
            self._features = _with_characters(_words(texts, 3))
        counts = self._features.fit_transform(texts)
        machine = LinearSVC(random_state=0)
        self._machine, self.chosen = _best_fit(machine, PENALTIES, counts, labels)

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


def _with_characters(words: Pipeline) -> FeatureUnion:
    return FeatureUnion([("words", words), ("characters", _characters("char_wb", 2))])


def _best_fit(
    classifier: Any,
    penalties: Sequence[float],
    counts: Any,
    labels: NDArray[np.int64],
    measure: str = "accuracy",
) -> tuple[Any, dict[str, float]]:
    """Fit with the C of the highest accuracy or other measure over three folds.

    Of equals the first.

    Returns the classifier, and the C where there was a choice.
    """
    name = "estimator__C" if isinstance(classifier, OneVsRestClassifier) else "C"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # a class with fewer documents than folds is missing in some of them
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        if len(penalties) == 1:
            return classifier.set_params(**{name: penalties[0]}).fit(counts, labels), {}
        if np.bincount(labels).max() < _FOLDS:
            middle = penalties[len(penalties) // 2]
            return classifier.set_params(**{name: middle}).fit(counts, labels), {"C": middle}
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        search = GridSearchCV(classifier, {name: list(penalties)}, cv=folds, scoring=measure)
        search.fit(counts, labels)
    return search.best_estimator_, {"C": search.best_params_[name]}
