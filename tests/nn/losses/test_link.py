"""Logits and probabilities are each other's inverse, for one label and for several."""

import numpy as np
import pytest

from hoiquy.nn.losses import MIN_PROBABILITY, link_of


@pytest.mark.parametrize("multilabel", [False, True])
def test_probabilities_come_back(multilabel: bool) -> None:
    link = link_of(multilabel)
    probabilities = np.random.default_rng(0).dirichlet(np.ones(4), 20)
    logits = link.of_probabilities(probabilities)
    assert logits.dtype == np.float64
    np.testing.assert_allclose(link.probabilities(logits), probabilities, atol=MIN_PROBABILITY)


def test_certain_labels_have_finite_log_odds() -> None:
    logits = link_of(multilabel=True).of_probabilities(np.array([[0, 1, 0.5]], np.float32))
    bound = np.log(1 - MIN_PROBABILITY) - np.log(MIN_PROBABILITY)
    np.testing.assert_allclose(logits, [[-bound, bound, 0]], rtol=1e-6)


def test_only_one_label_is_normalised() -> None:
    sums = np.array([[1.0, 2.0, -3.0]])
    assert np.exp(link_of(multilabel=False).normalised(sums)).sum() == pytest.approx(1)
    assert link_of(multilabel=True).normalised(sums).tolist() == sums.tolist()
