"""The reading trace: the probability after each word, for every kind of recipe."""

from pathlib import Path

import numpy as np
import pytest

import hoiquy
from hoiquy.prediction.explain import ReadingTrace, explain
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import Recipe
from miniatures import WORDS, miniature, random_dataset

KINDS = {
    "plain": (),
    "right": ("data.padding=right", "data.truncating=right"),
    "masked": ("model.layers.0.mask_zero=true",),
    "bidirectional": ("model.layers.2.bidirectional=true",),
}


def recipe(kind: str) -> Recipe:
    return miniature("bai3", "training.epochs=1", *KINDS[kind])


@pytest.fixture(params=sorted(KINDS))
def predictor(request: pytest.FixtureRequest, tmp_path: Path) -> Predictor:
    return hoiquy.load_predictor(hoiquy.train(random_dataset(), recipe(request.param), tmp_path))


def test_each_probability_is_that_of_the_text_so_far(predictor: Predictor) -> None:
    words = list(WORDS[:5])
    trace = explain(predictor, " ".join(words))
    assert [word.word for word in trace.words] == words
    assert trace.not_read == 0
    so_far = [" ".join(words[:end]) for end in range(len(words) + 1)]
    np.testing.assert_allclose(
        trace.probabilities, predictor.predict_proba(so_far), rtol=0, atol=1e-6
    )
    assert trace.answer == trace.probabilities[-1].argmax()
    changes = np.diff(trace.probabilities[:, trace.answer].astype("f8"))
    np.testing.assert_allclose([word.change for word in trace.words], changes)


def test_a_long_text_is_read_as_the_network_reads_it(predictor: Predictor) -> None:
    words = [*WORDS[:9], "unheard"]  # data.max_length is 7
    trace = explain(predictor, " ".join(words))
    from_the_left = predictor.recipe.data.truncating == "left"
    shown = words[-7:] if from_the_left else words[:6]
    assert [word.word for word in trace.words] == shown
    assert trace.not_read == len(words) - len(shown)
    whole = predictor.predict_proba([" ".join(words)])[0]
    np.testing.assert_allclose(trace.probabilities[-1], whole, rtol=0, atol=1e-6)
    assert trace.words[-1].known != from_the_left


def test_a_text_without_words(predictor: Predictor) -> None:
    trace = explain(predictor, " ")
    assert (trace.words, trace.largest_changes()) == ((), [])
    np.testing.assert_allclose(trace.probabilities, predictor.predict_proba([""]), atol=1e-6)


def test_the_largest_changes_come_first() -> None:
    from hoiquy.prediction.explain import TracedWord

    words = tuple(
        TracedWord(f"w{at}", True, change) for at, change in enumerate((0.1, -0.4, 0, 0.2))
    )
    trace = ReadingTrace("", ("a", "b"), 0, 0, words, np.zeros((5, 2), np.float32))
    assert trace.largest_changes() == [1, 3, 0]
    assert trace.largest_changes(1) == [1]
