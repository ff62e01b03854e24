"""The language model: gradients of its whole loss, what it predicts, and its perplexity."""

import numpy as np
import pytest
from numpy.typing import NDArray
from pretraining_models import small_recipe

from gradients import assert_gradients
from hoiquy.errors import RecipeError
from hoiquy.nn.kernels import Array
from hoiquy.workflows.pretraining.language_model import (
    LanguageModel,
    build_language_model,
    perplexity,
)
from hoiquy.workflows.pretraining.negative_samples import NegativeSampler

ROWS = 14
COUNTS = np.array([0, 30, 9, 0, 50, 40, 30, 20, 10, 8, 6, 4, 2, 1])
# Padding on the left, words that are not in the vocabulary (2), and rows of several lengths.
PIECES = np.array(
    [[1, 4, 5, 2, 6, 7], [0, 0, 1, 8, 9, 4], [0, 2, 4, 2, 5, 13], [0, 0, 0, 0, 10, 11]], np.int32
)


def model(cell: str = "lstm", *settings: str) -> LanguageModel:
    """In float64, with a bias that is not zero."""
    built = build_language_model(small_recipe(*settings, cell=cell), ROWS, np.float64)
    built.parameters["output/bias"][:] = np.random.default_rng(3).standard_normal(ROWS)
    return built


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_gradients_of_the_whole_loss(cell: str, direction: str) -> None:
    built, words = model(cell), NegativeSampler.by_count(COUNTS, 6, np.float64)

    def sums() -> tuple[float, dict[str, Array]]:
        found = built.gradients(direction, PIECES, np.random.default_rng(5), words, dropout=0.3)
        return found.loss, found.gradients

    gradients = sums()[1]
    assert all(name.split("/")[0] in ("embedding", "output", direction) for name in gradients)
    variables = {name: built.parameters[name] for name in gradients}
    assert not gradients["embedding/embeddings"][[0, 3]].any()  # padding, and what is never used
    assert_gradients(lambda: sums()[0], variables, gradients, np.random.default_rng(6))
    for name, gradient in gradients.items():
        assert gradient.any(), f"gradient of {name}: all zeros are no check"


@pytest.mark.parametrize(("direction", "targets"), [("forward", 11), ("backward", 10)])
def test_what_is_predicted(direction: str, targets: int) -> None:
    """Each word behind (before) another one; neither padding nor what is not in the vocabulary."""
    assert model().score(direction, PIECES).targets == targets


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_score_is_the_softmax_over_all_words(direction: str) -> None:
    built = model()
    layer, parameters = built.layers[direction], built.parameters
    loss = 0.0
    for row in PIECES:
        words: NDArray[np.int32] = row[row != 0]
        words = words if direction == "forward" else words[::-1]
        hidden, _ = layer.forward(parameters["embedding/embeddings"][words][None], None, None)
        projected = hidden[0, :-1] @ parameters[f"{direction}/projection"]
        scores = projected @ parameters["embedding/embeddings"].T + parameters["output/bias"]
        powers = np.exp(np.delete(scores, [0, 2, 3], axis=1)).sum(axis=1)
        for step, word in enumerate(words[1:]):
            if word != 2:
                loss += np.log(powers[step]) - scores[step, word]
    found = built.score(direction, PIECES)
    assert found.loss == pytest.approx(loss, rel=1e-9)
    assert perplexity(found) == pytest.approx(np.exp(loss / found.targets))


def test_a_model_of_one_direction() -> None:
    built = model("gru", "model.layers.2.bidirectional=false")
    assert built.directions == ["forward"]
    assert not any(name.startswith("backward") for name in built.parameters)


def test_the_seed_decides_the_weights() -> None:
    first, same, other = (
        build_language_model(small_recipe(f"training.seed={seed}"), ROWS) for seed in (1, 1, 2)
    )
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(array, same.parameters[name])
    assert (first.parameters["forward/kernel"] != other.parameters["forward/kernel"]).any()
    assert (first.parameters["forward/kernel"] != first.parameters["backward/kernel"]).any()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (["model.layers.0.mask_zero=false"], "must be an embedding with mask_zero"),
        (['model.layers=[{type="embedding",units=3,mask_zero=true},{type="pooling"},'
          '{type="dense",activation="sigmoid"}]'], "no recurrent layer"),
        (['model.input="values"', 'model.layers=[{type="lstm",units=3},'
          '{type="dense",activation="sigmoid"}]'], "and is a lstm"),
    ],
)  # fmt: skip
def test_recipes_without_a_language_model_are_refused(settings: list[str], problem: str) -> None:
    with pytest.raises(RecipeError, match=problem):
        build_language_model(small_recipe(*settings), ROWS)
