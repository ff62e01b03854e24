"""Offsets of several labels: what each gains, and what they are found for."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score

from hoiquy.workflows.ensemble import offsets
from hoiquy.workflows.ensemble.combination import Combination, cross_validated, measures


def noisy(documents: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Log odds of three labels, one of them rare and shifted downwards, and the labels."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((documents, 3)) < (0.5, 0.3, 0.06)).astype(np.uint8)
    logits = 2.0 * labels - 1 + rng.normal(size=labels.shape)
    return logits - (0, 0, 2), labels


def test_the_gains_are_those_of_scikit_learn() -> None:
    logits, labels = noisy(80, seed=1)
    found = offsets._gains_of_label(logits, labels, 2, of_f1=0.7)
    for offset, gain in zip(offsets._GRID, found, strict=True):
        predicted = (logits + np.array([0, 0, offset]) > 0).astype(int)
        f1 = f1_score(labels[:, 2], predicted[:, 2], zero_division=0)
        assert np.isclose(gain, accuracy_score(labels, predicted) + 0.7 * f1 / 3)


def test_offsets_raise_the_macro_f1_of_a_rare_label_and_not_with_log_loss() -> None:
    logits, labels = noisy(3000, seed=2)
    plain = Combination.fit([logits], labels, "log_loss")
    aimed = Combination.fit([logits], labels, "macro_f1")
    assert not plain.offsets.any() and aimed.offsets[2] > 0
    before, after = (measures(one([logits]), labels) for one in (plain, aimed))
    assert after.macro_f1 > before.macro_f1 + 0.02


def test_measures_are_those_of_scikit_learn() -> None:
    logits, labels = noisy(200, seed=3)
    predicted, p = (logits > 0).astype(int), 1 / (1 + np.exp(-logits))
    found = measures(logits, labels)
    assert found.accuracy == accuracy_score(labels, predicted)
    assert np.isclose(found.macro_f1, f1_score(labels, predicted, average="macro"))
    assert np.isclose(found.log_loss, -np.log(np.where(labels == 1, p, 1 - p)).mean())


def test_a_single_document_is_measured() -> None:
    logits, labels = noisy(1, seed=4)
    assert np.isfinite(cross_validated([logits, logits], labels, "accuracy").log_loss)
