"""Held-out documents count as new ones do: n-grams of theirs alone have no column."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.data.dataset import Documents
from hoiquy.linear.features import Features, NgramSettings
from hoiquy.linear.new_documents import as_new
from hoiquy.linear.tfidf import Tfidf
from hoiquy.text import Tokenizer
from hoiquy.workflows.ensemble.folds import Folds
from hoiquy.workflows.ensemble.linear import LinearTraining

TEXTS = [
    "a good film", "good and moving", "what a good story", "a bad film", "bad and dull",
    "what a bad story", "a film about trees", "trees and a story", "moving trees", "",
]  # fmt: skip
FEATURES = Features.fit(NgramSettings(2, (2, 4)), Tokenizer(), TEXTS)
ROWS = FEATURES.transform(TEXTS)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
def test_they_are_those_of_the_known_ngrams(seed: int, share: float) -> None:
    known = np.random.default_rng(seed).random(len(FEATURES)) < share
    tables = [
        Tfidf(table.keys[known[columns]], table.idf[known[columns]])
        for table, columns in zip(FEATURES.tables, FEATURES.columns.values(), strict=True)
    ]
    expected = Features(FEATURES.settings, FEATURES.tokenizer, tuple(tables)).transform(TEXTS)
    found = as_new(ROWS, known, FEATURES.columns.values())
    np.testing.assert_allclose(found[:, known].toarray(), expected.toarray(), atol=1e-6)
    assert not found[:, ~known].nnz


def test_words_that_never_recur_say_nothing_of_held_out_documents() -> None:
    texts = [f"word{number}" for number in range(60)]
    labels = np.repeat([0, 1], [45, 15]).astype(np.int32)
    training = training_of(texts, labels)
    for name, log_p in training.bayes_logits().items():
        for fold in range(training.folds.count):
            held_out = log_p[training.folds.held_out(fold)]
            prior = [0.75, 0.25] if name.startswith("multinomial") else [0.5, 0.5]
            np.testing.assert_allclose(np.exp(held_out), np.tile(prior, (len(held_out), 1)), 0.1)


def training_of(texts: list[str], labels: np.ndarray) -> LinearTraining:
    features = Features.fit(NgramSettings(1, None), Tokenizer(), texts)
    rows = features.transform(texts)
    folds = Folds.of(Documents(texts, labels))
    return LinearTraining(features, rows, labels, ["a", "b"], folds, lambda: None)
