"""Folds hold every document out once, with equal shares of the classes, and duplicates together."""

import numpy as np
import pytest

from hoiquy.data.dataset import Documents
from hoiquy.workflows.ensemble.folds import Folds


def documents(*labels: int, texts: list[str] | None = None) -> Documents:
    found = texts or [f"text {number}" for number in range(len(labels))]
    return Documents(found, np.array(labels, np.int32))


def test_each_document_is_held_out_once() -> None:
    folds = Folds.of(documents(*[0, 1] * 20))
    held_out = np.concatenate([folds.held_out(fold) for fold in range(folds.count)])
    assert sorted(held_out.tolist()) == list(range(40))
    for fold in range(folds.count):
        assert not set(folds.trained(fold).tolist()) & set(folds.held_out(fold).tolist())
    assert folds.finally_trained.tolist() == list(range(40))


def test_folds_have_equal_shares_of_each_class() -> None:
    labels = [0] * 50 + [1] * 10 + [2] * 5
    folds = Folds.of(documents(*labels))
    assert folds.count == 5
    for fold in range(5):
        held_out = np.array(labels)[folds.held_out(fold)]
        assert np.bincount(held_out).tolist() == [10, 2, 1]


def test_texts_that_differ_in_white_space_share_a_fold() -> None:
    texts = [f"word {number}" for number in range(20)] + [f" word  {n} " for n in range(20)]
    folds = Folds.of(documents(*[0, 1] * 20, texts=texts))
    assert np.array_equal(folds.number[:20], folds.number[20:])
    assert len(set(folds.number.tolist())) == 5


@pytest.mark.parametrize(
    ("labels", "count"),
    [([0, 1], 2), ([0, 1, 0], 2), ([0, 0, 0, 1, 1, 1], 3), ([0, 0, 0, 0, 0, 1], 3)],
)
def test_few_documents_make_fewer_folds(labels: list[int], count: int) -> None:
    folds = Folds.of(documents(*labels))
    assert folds.count == count
    held_out = [len(folds.held_out(fold)) for fold in range(count)]
    assert sum(held_out) == len(labels)
    assert all(len(folds.trained(fold)) > 0 for fold in range(count))


def test_a_validation_table_is_the_only_fold() -> None:
    folds = Folds.single(7, 3)
    assert folds.count == 1
    assert folds.held_out(0).tolist() == [7, 8, 9]
    assert folds.trained(0).tolist() == folds.finally_trained.tolist() == list(range(7))
