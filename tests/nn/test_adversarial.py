"""Adversarial training: the length of a perturbation, and the gradients of both losses."""

from functools import partial

import numpy as np
import pytest

from gradients import assert_gradients, dense
from hoiquy.errors import RecipeError
from hoiquy.nn.adversarial import perturbed
from hoiquy.nn.losses import OUTPUTS
from hoiquy.nn.model import Model, ShardLoss, _from_position, _graph_gradients, _Pass
from hoiquy.nn.whole_batch import WholeBatch
from hoiquy.recipe.recipe import load_recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import EncodedDocuments, Ngrams
from hoiquy.training.model_building import build_model
from miniatures import miniature, with_output

EPSILON = 0.3
TARGETS = np.eye(2)[[0, 1, 1, 0]]
INDICES = np.array(
    [[0, 0, 1, 4, 5], [1, 6, 4, 5, 7], [0, 1, 2, 4, 5], [0, 0, 0, 1, 6]], np.int32
)  # fmt: skip


def network(activation: str) -> Model:
    """With n-grams, words dropped, a mask and two directions; float64, random weights."""
    settings = ("model.wide=false", "model.layers.0.word_dropout=0.2")
    recipe = with_output(miniature("auto", *settings), activation)
    documents = EncodedDocuments(INDICES.ravel(), np.arange(0, 21, 5))
    model = build_model(
        recipe, vocabulary_size=5, classes=2, seed=1, dtype=np.float64,
        ngrams=Ngrams.count(documents, 3, 1),
    )  # fmt: skip
    rng = np.random.default_rng(2)
    for array in model.parameters.values():
        array[...] = rng.normal(0, 0.5, array.shape)
    return model


def rng_for_layer(layer: int) -> np.random.Generator:
    return keyed_generator(1, Purpose.DROPOUT, layer)


def test_a_perturbation_is_relative_and_leaves_padding() -> None:
    rng = np.random.default_rng(1)
    x, d_x = rng.standard_normal((2, 3, 6, 4))
    mask = np.arange(6) >= np.array([[0], [2], [5]])
    moved = perturbed(x, d_x, mask, EPSILON) - x
    assert not moved[~mask].any()
    for document in range(3):
        words = mask[document]
        way, gradient = moved[document, words], d_x[document, words]
        assert np.linalg.norm(way) == pytest.approx(EPSILON * np.linalg.norm(x[document, words]))
        assert np.vdot(way, gradient) == pytest.approx(
            np.linalg.norm(way) * np.linalg.norm(gradient)
        )


def test_a_document_without_a_gradient_is_not_perturbed() -> None:
    x = np.ones((2, 3, 4), np.float32)
    moved = perturbed(x, np.zeros_like(x), None, EPSILON)
    assert moved.dtype == np.float32
    np.testing.assert_array_equal(moved, x)


@pytest.mark.parametrize("activation", OUTPUTS)
def test_gradients_are_those_of_both_losses(activation: str) -> None:
    model = network(activation)
    x, mask = model.inputs(INDICES)
    embed = partial(model.layers[0].forward, x, mask)
    after_first = model.graph.after_first()
    away: list[np.ndarray] = []

    def both_losses() -> float:
        y, _ = embed(rng_for_layer(0))
        logits = [
            after_first.forward([place], partial(_from_position, rng_for_layer, 1), masks=[mask])
            for place in (y, y + away[0] if away else y)
        ]
        losses = (model.output.losses(one.outputs[0], TARGETS)[0] for one in logits)
        return float(sum(of_documents.mean() for of_documents in losses) / 2)

    y, _ = embed(rng_for_layer(0))
    loss = ShardLoss(TARGETS, None, WholeBatch(len(INDICES)), n_branches=1, output=model.output)
    shared = _Pass(loss, rng_for_layer, wide_logits=None)
    _, d_y = _graph_gradients(after_first, y, mask, shared, first_position=1)
    assert d_y is not None
    away.append(perturbed(y, d_y, mask, EPSILON) - y)
    trained = model.shard_gradients(
        INDICES, TARGETS, WholeBatch(len(INDICES)), rng_for_layer, None, EPSILON
    )
    assert trained.loss_sum / len(INDICES) == pytest.approx(both_losses())
    plain = model.shard_gradients(INDICES, TARGETS, WholeBatch(len(INDICES)), rng_for_layer)
    assert trained.loss_sum > plain.loss_sum
    gradients = dense(trained.gradients, model.parameters)
    assert_gradients(both_losses, model.parameters, gradients, np.random.default_rng(3))


def test_numbers_without_words_cannot_be_moved() -> None:
    with pytest.raises(RecipeError, match="adversarial_epsilon: needs an embedding"):
        load_recipe("bai1").with_settings(["training.adversarial_epsilon=0.1"])
