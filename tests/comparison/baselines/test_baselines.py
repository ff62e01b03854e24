"""Every baseline: what it learns, that it is the same each time, and what it cannot learn from."""

import numpy as np
import pytest

from hoiquy.comparison.baselines.training import NAMES, train_baseline
from hoiquy.data.dataset import Dataset, Documents
from hoiquy.errors import DataError
from miniatures import word_order_dataset

FILLER = [f"word{number}" for number in range(30)]
TELLING = ("lemon", "mango", "kiwi")


def told_by_a_word(classes: int, documents: int, seed: int = 0) -> Dataset:
    """Documents of random words; one more word tells the class. The last class is the commonest."""
    rng = np.random.default_rng(seed)
    shares = np.arange(1, classes + 1) / sum(range(1, classes + 1))
    parts = []
    for _ in range(2):
        labels = rng.choice(classes, documents, p=shares).astype(np.int32)
        texts = [
            " ".join([*rng.choice(FILLER, 8), TELLING[label], *rng.choice(FILLER, 8)])
            for label in labels.tolist()
        ]
        parts.append(Documents(texts, labels))
    names = tuple(f"class {number}" for number in range(classes))
    return Dataset("invented", names, parts[0], parts[1], "invented words", official_test=False)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("classes", [2, 3])
def test_every_baseline_learns_what_it_can(name: str, classes: int) -> None:
    dataset = told_by_a_word(classes, 150)
    found = train_baseline(name, dataset)
    assert found.predictions.labels is dataset.test.labels
    probabilities = found.predictions.probabilities
    assert probabilities.shape == (150, classes)
    assert probabilities.dtype == np.float32
    assert probabilities.min() >= 0
    assert probabilities.max() <= 1
    commonest = float((dataset.test.labels == classes - 1).mean())
    accuracy = float(found.predictions.right().mean())
    if name == "majority":
        assert accuracy == commonest
    else:
        assert accuracy > 0.9
    facts = found.facts
    assert (facts.name, facts.data, facts.data_fingerprint) == (
        name, "invented", dataset.fingerprint(),
    )  # fmt: skip
    assert facts.seconds >= 0
    assert facts.parameters > 0


@pytest.mark.parametrize("name", NAMES)
def test_the_same_documents_give_the_same_bits(name: str) -> None:
    dataset = told_by_a_word(2, 60)
    one, other = (train_baseline(name, dataset).predictions.probabilities for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_pairs_of_words_see_their_order_and_single_words_do_not() -> None:
    """Both classes hold the same words; only pairs of neighbours can tell "do ba" from "ba do"."""
    rng = np.random.default_rng(3)
    labels = np.arange(200, dtype=np.int32) % 2
    texts = []
    for label in labels.tolist():
        words = list(rng.choice(FILLER, 8))
        at = int(rng.integers(8))
        words[at:at] = ["do", "ba"] if label else ["ba", "do"]
        texts.append(" ".join(words))
    half = Documents(texts[:100], labels[:100]), Documents(texts[100:], labels[100:])
    dataset = Dataset("order", ("a", "b"), *half, "invented words", official_test=False)
    assert train_baseline("nb-svm", dataset).predictions.right().mean() > 0.95
    assert train_baseline("tfidf-logistic", dataset).predictions.right().mean() < 0.7


def test_words_far_apart_are_beyond_a_bag_of_words() -> None:
    dataset = word_order_dataset(100, np.random.default_rng(1))
    assert train_baseline("tfidf-logistic", dataset).predictions.right().mean() < 0.7


@pytest.mark.parametrize("name", NAMES)
def test_a_class_without_training_documents(name: str) -> None:
    dataset = told_by_a_word(2, 60)
    three = Dataset("three", ("a", "b", "c"), dataset.train, dataset.test, "", official_test=False)
    found = train_baseline(name, three)
    assert found.predictions.probabilities.shape == (60, 3)
    assert not found.predictions.probabilities[:, 2].any()


@pytest.mark.parametrize("name", NAMES)
def test_documents_of_unknown_words_are_answered_all_the_same(name: str) -> None:
    dataset = told_by_a_word(2, 60)
    strange = Documents(["", "zzz yyy", "!"], np.array([0, 1, 1], np.int32))
    found = train_baseline(
        name, Dataset("strange", ("a", "b"), dataset.train, strange, "", official_test=False)
    )
    assert np.isfinite(found.predictions.probabilities).all()


@pytest.mark.parametrize("name", ["tfidf-logistic", "nb-svm"])
def test_what_cannot_be_learnt_from_is_said(name: str) -> None:
    labels = np.array([0, 1], np.int32)
    wordless = Documents(["", "  "], labels)
    empty = Dataset("empty", ("a", "b"), wordless, wordless, "", official_test=False)
    with pytest.raises(DataError, match=f"empty: the baseline {name} cannot be trained"):
        train_baseline(name, empty)
    one_class = Documents(["good film", "fine film"], np.zeros(2, np.int32))
    alone = Dataset("alone", ("a", "b"), one_class, one_class, "", official_test=False)
    with pytest.raises(DataError, match=f"alone: the baseline {name} cannot be trained"):
        train_baseline(name, alone)


def test_probabilities_of_nb_svm_are_sigmoids_of_its_margins() -> None:
    found = train_baseline("nb-svm", told_by_a_word(2, 60)).predictions.probabilities
    assert found.sum(axis=1) == pytest.approx(np.ones(60), abs=1e-6)
