"""The language model: gradients of its whole loss, what it predicts, and its perplexity."""

from collections.abc import Callable

import numpy as np
import pytest
from pretraining_models import small_recipe

from gradients import assert_gradients
from hoiquy.errors import RecipeError
from hoiquy.nn.kernels import Array
from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.text import OUT_OF_VOCABULARY
from hoiquy.workflows.pretraining.candidate_words import CandidateSampler, all_words
from hoiquy.workflows.pretraining.gradients import (
    Dropped,
    Sums,
    all_rows,
    piece_gradients,
    piece_loss,
)
from hoiquy.workflows.pretraining.language_model import (
    LanguageModel,
    build_language_model,
    perplexity,
)

ROWS, STREAMS = 14, 18  # two shards
COUNTS = np.array([0, 30, 9, 0, 50, 40, 30, 20, 10, 8, 6, 4, 2, 1])
# Starts of documents (1) and words that are not in the vocabulary (2) among others, time first.
PIECE = np.random.default_rng(1).choice([1, 2, *range(4, ROWS)], (6, STREAMS)).astype(np.int32)
STACKED = (
    'model.layers=[{type="embedding",units=4,mask_zero=true},{type="CELL",units=5,'
    'return_sequences=true},{type="dropout",rate=0.3},{type="CELL",units=3,return_sequences=true},'
    '{type="pooling"},{type="dense",activation="sigmoid"}]'
)


def model_of(recipe: Recipe) -> LanguageModel:
    """In float64, with a bias and states that are not zero."""
    built, rng = build_language_model(recipe, ROWS, STREAMS, np.float64), np.random.default_rng(3)
    for array in (built.parameters["output/bias"], *built.states.values()):
        array[:] = 0.5 * rng.standard_normal(array.shape)
    return built


def steps_of(recipe: Recipe, model: LanguageModel) -> Callable[[], Sums]:
    """The gradients of one piece, always from the same states and with the same random numbers."""
    assert recipe.pretraining
    table, states = recipe.pretraining, {k: a.copy() for k, a in model.states.items()}
    sampler = CandidateSampler.by_count(COUNTS, table.candidates, np.float64)

    def step() -> Sums:
        for name, array in model.states.items():
            array[:] = states[name]
        rng = np.random.default_rng(5)
        candidates, dropped = sampler.draw(rng), Dropped.draw(model, table, rng)
        pieces = dict.fromkeys(model.directions, PIECE)
        with shard_pool(1) as pool:
            return piece_gradients(
                model, pieces, candidates, dropped, pool,
                lambda shard, direction: np.random.default_rng([shard, direction]),
            )  # fmt: skip

    return step


@pytest.mark.parametrize("candidates", [6, 20])
@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
@pytest.mark.parametrize("layers", ["both directions", "stacked"])
def test_gradients_of_the_whole_loss(layers: str, cell: str, candidates: int) -> None:
    stacked = [STACKED.replace("CELL", cell)] if layers == "stacked" else []
    recipe = small_recipe(
        f"pretraining.candidates={candidates}", "pretraining.dropout=0.3",
        "pretraining.weight_dropout=0.4", "pretraining.embedding_dropout=0.2", *stacked, cell=cell,
    )  # fmt: skip
    model = model_of(recipe)
    step = steps_of(recipe, model)
    sums = step()
    gradients: dict[str, Array] = {k: np.asarray(g) for k, g in sums.gradients.items()}
    assert gradients.keys() == model.parameters.keys()
    assert not gradients["embedding/embeddings"][[0, 3]].any()  # padding, and what is never used
    for name, gradient in gradients.items():
        assert gradient.any(), f"gradient of {name}: all zeros are no check"
    assert_gradients(
        lambda: step().loss / sums.targets, model.parameters, gradients, np.random.default_rng(6)
    )


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_loss_is_that_of_the_softmax_over_all_words(direction: str) -> None:
    """Of words that are predicted; and training estimates the same one."""
    model = model_of(small_recipe())
    layer, parameters = model.layers[direction][0], model.parameters
    embeddings, states = parameters["embedding/embeddings"], [a.copy() for a in layer.carried]
    hidden, targets, loss = np.zeros(0), 0, 0.0
    for stream in range(STREAMS):
        for array, before in zip(layer.carried, states, strict=True):
            array[:] = before
        x = np.repeat(PIECE[:-1, [stream]].T, STREAMS, axis=0)
        hidden = layer.forward(embeddings[x], None, None)[0][stream]
        scores = hidden @ parameters[f"{direction}/projection"] @ embeddings.T
        scores += parameters["output/bias"]
        totals = np.exp(np.delete(scores, [0, 1, 2, 3], axis=1)).sum(axis=1)
        for step, word in enumerate(PIECE[1:, stream]):
            if word > OUT_OF_VOCABULARY:
                loss, targets = loss + np.log(totals[step]) - scores[step, word], targets + 1
    model.layers = {direction: model.layers[direction]}
    for array, before in zip(layer.carried, states, strict=True):
        array[:] = before
    with shard_pool(1) as pool:
        found = piece_loss(model, {direction: PIECE}, all_rows(model), pool)
    assert found.targets == targets
    assert found.loss == pytest.approx(loss, rel=1e-9)
    assert perplexity(found.loss, targets) == pytest.approx(np.exp(loss / targets))
    np.testing.assert_allclose(layer.carried[0][-1], hidden[-1])  # the next piece begins here


def test_the_loss_of_candidates_estimates_that_of_all_words() -> None:
    """Its mean over many draws is nearer than a hundredth; a single one is not exact."""
    recipe = small_recipe("pretraining.candidates=8", "pretraining.dropout=0")
    model = model_of(recipe)
    states = {name: array.copy() for name, array in model.states.items()}
    assert recipe.pretraining
    sampler = CandidateSampler.by_count(COUNTS, 8, np.float64)
    losses = []
    for seed in range(401):
        for name, array in model.states.items():
            array[:] = states[name]
        rng = np.random.default_rng(seed)
        candidates = sampler.draw(rng) if seed else all_words(ROWS, np.float64)
        with shard_pool(1) as pool:
            sums = piece_gradients(
                model, dict.fromkeys(model.directions, PIECE), candidates,
                Dropped.draw(model, recipe.pretraining, rng), pool,
                lambda *place: np.random.default_rng(place),
            )  # fmt: skip
        losses.append(sums.loss)
    exact, drawn = losses[0], np.array(losses[1:])
    assert abs(drawn.mean() / exact - 1) < 0.01
    assert drawn.std() > 1e-3 * exact


def test_a_model_of_one_direction() -> None:
    model = model_of(small_recipe("model.layers.2.bidirectional=false", cell="gru"))
    assert model.directions == ["forward"]
    assert not any(name.startswith("backward") for name in model.parameters)


def test_the_seed_decides_the_weights() -> None:
    first, same, other = (
        build_language_model(small_recipe(f"training.seed={seed}"), ROWS, 2) for seed in (1, 1, 2)
    )
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(array, same.parameters[name])
    kernel = first.parameters["forward/1/kernel"]
    assert (kernel != other.parameters["forward/1/kernel"]).any()
    assert (kernel != first.parameters["backward/1/kernel"]).any()


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
        build_language_model(small_recipe(*settings), ROWS, 2)
