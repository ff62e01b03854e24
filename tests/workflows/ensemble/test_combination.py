"""Members are weighed by held-out predictions, and measured on documents that no weight saw."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hoiquy.nn.losses.output import log_softmax
from hoiquy.workflows.ensemble.combination import Combination, cross_validated, measures

Array = NDArray[np.float64]


def predictor(labels: NDArray[np.int64], signal: float, seed: int, classes: int = 2) -> Array:
    """Log probabilities of a classifier that knows the labels to some degree."""
    rng = np.random.default_rng(seed)
    margins = rng.normal(size=(len(labels), classes))
    margins[np.arange(len(labels)), labels] += signal
    return np.asarray(log_softmax(margins))


LABELS = np.random.default_rng(0).integers(0, 2, 2000)


def test_a_member_that_knows_nothing_gets_almost_no_weight() -> None:
    good, useless = predictor(LABELS, 2.0, seed=1), predictor(LABELS, 0.0, seed=2)
    one, other = Combination.fit([good, useless], LABELS, "log_loss").weights
    assert one > 0.8 and abs(other) < 0.1 * one


def test_a_copy_that_misleads_gets_no_weight() -> None:
    good = predictor(LABELS, 2.0, seed=1)
    assert Combination.fit([good, good[:, ::-1].copy()], LABELS, "log_loss").weights[1] == 0.0


def test_two_members_together_are_better_than_each() -> None:
    both = [predictor(LABELS, 1.0, seed) for seed in (1, 2)]
    combined = measures(Combination.fit(both, LABELS, "log_loss")(both), LABELS)
    for one in both:
        alone = measures(Combination.fit([one], LABELS, "log_loss")([one]), LABELS)
        assert combined.log_loss < alone.log_loss and combined.accuracy > alone.accuracy


def test_probabilities_add_up_to_one() -> None:
    both = [predictor(LABELS, 1.0, seed) for seed in (1, 2)]
    combined = Combination.fit(both, LABELS, "macro_f1")(both)
    assert np.exp(combined).sum(axis=1) == pytest.approx(1.0)


def test_offsets_raise_the_macro_f1_of_a_rare_class_and_not_with_log_loss() -> None:
    labels = (np.random.default_rng(1).random(3000) < 0.06).astype(np.int64)
    log_p = [np.asarray(log_softmax(predictor(labels, 1.0, seed=3) + np.array([1.5, 0.0])))]
    plain = Combination.fit(log_p, labels, "log_loss")
    aimed = Combination.fit(log_p, labels, "macro_f1")
    assert not plain.offsets.any() and aimed.offsets.any()
    assert measures(aimed(log_p), labels).macro_f1 > measures(plain(log_p), labels).macro_f1


def test_without_a_useful_member_there_are_no_offsets_and_all_classes_are_alike() -> None:
    wrong = predictor(1 - LABELS, 3.0, seed=1)
    found = Combination.fit([wrong], LABELS, "macro_f1")
    assert found.weights == [0.0] and not found.offsets.any()
    assert np.exp(found([wrong])) == pytest.approx(0.5)


def test_cross_validated_measures_do_not_profit_from_noise() -> None:
    noise = [predictor(LABELS[:60], 0.0, seed) for seed in range(20)]
    fitted = measures(Combination.fit(noise, LABELS[:60], "accuracy")(noise), LABELS[:60])
    honest = cross_validated(noise, LABELS[:60], "accuracy")
    assert honest.documents == 60
    assert honest.accuracy < fitted.accuracy and honest.log_loss > fitted.log_loss


@pytest.mark.parametrize("documents", [1, 2, 3, 6])
def test_few_documents_can_be_measured(documents: int) -> None:
    labels = np.arange(documents) % 2
    found = cross_validated([predictor(labels, 1.0, 1)], labels, "accuracy")
    assert found.documents == documents and np.isfinite(found.log_loss)


def test_a_class_that_does_not_occur_does_not_count_in_macro_f1() -> None:
    labels = np.array([0, 1, 0, 1])
    log_p = np.log(np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]] * 2))
    assert measures(log_p, labels).macro_f1 == 1.0
