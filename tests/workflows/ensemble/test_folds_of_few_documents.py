"""Each document is held out once, by folds that have documents to train on."""

import numpy as np
import pytest

from hoiquy.data.dataset import Documents
from hoiquy.workflows.ensemble.folds import Folds


def folds(texts: list[str], labels: list[int]) -> Folds:
    return Folds.of(Documents(texts, np.array(labels, np.int32)))


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["a", "b"], [0, 1]),
        (["a", "b", "c"], [0, 1, 2]),
        ([f"text {number}" for number in range(10)], list(range(10))),
        (["same"] * 10, [0, 1] * 5),
        (["a", "b", "c"] * 4, [0, 1, 2] * 4),
    ],
    ids=["two", "three", "a class each", "one text", "three texts"],
)
def test_every_fold_trains_and_holds_out(texts: list[str], labels: list[int]) -> None:
    found = folds(texts, labels)
    assert 2 <= found.count <= 5
    for fold in range(found.count):
        assert len(found.trained(fold)) > 0
        assert len(found.held_out(fold)) > 0
    held_out = np.concatenate([found.held_out(fold) for fold in range(found.count)])
    assert sorted(held_out.tolist()) == list(range(len(texts)))


def test_folds_have_equal_shares_of_each_class_and_equal_sizes() -> None:
    labels = [label for label in range(8) for _ in range(6)]  # 6 of each in 5 folds: 1 or 2
    found = folds([f"text {number}" for number in range(48)], labels)
    of = np.zeros((8, 5), int)
    np.add.at(of, (labels, found.number), 1)
    assert set(of.ravel().tolist()) == {1, 2}
    assert of.sum(axis=0).max() - of.sum(axis=0).min() <= 1
