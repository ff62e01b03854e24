"""Frequent words are always candidates, the others as often as their counts say."""

import numpy as np
import pytest

from hoiquy.workflows.pretraining.candidate_words import CandidateSampler, all_words

COUNTS = np.array([900, 90, 900, 900, 1, 3, 50, 80, 40, 0, 7, 9])
PREDICTED = list(range(4, 12))


def test_half_are_the_most_frequent_and_none_is_never_predicted() -> None:
    sampler = CandidateSampler.by_count(COUNTS, 6, np.float32)
    for seed in range(50):
        drawn = sampler.draw(np.random.default_rng(seed))
        assert drawn.words[:3].tolist() == [7, 6, 8] and not drawn.log_weights[:3].any()
        assert set(drawn.words[3:].tolist()) <= {4, 5, 9, 10, 11}
        assert len(set(drawn.words.tolist())) == len(drawn.words) <= 6
        for word in range(len(COUNTS)):
            place = drawn.places[word]
            assert drawn.words[place] == word if place >= 0 else word not in drawn.words


def test_sampled_words_stand_for_all_others() -> None:
    """The mean of the weights of a word over many draws is one, also of a word without a count."""
    sampler, sums = CandidateSampler.by_count(COUNTS, 6, np.float64), np.zeros(len(COUNTS))
    draws = 20_000
    for seed in range(draws):
        drawn = sampler.draw(np.random.default_rng(seed))
        sums[drawn.words] += np.exp(drawn.log_weights)
    np.testing.assert_allclose(sums[PREDICTED] / draws, 1, atol=0.1)


@pytest.mark.parametrize("candidates", [8, 9, 5000])
def test_enough_candidates_are_all_words(candidates: int) -> None:
    drawn = CandidateSampler.by_count(COUNTS, candidates, np.float32).draw(np.random.default_rng(1))
    every = all_words(len(COUNTS), np.float32)
    assert sorted(drawn.words.tolist()) == every.words.tolist() == PREDICTED
    assert not drawn.log_weights.any() and not every.log_weights.any()
