"""Whole models with a softmax: gradients, kernels, class weights, and trained results."""

from typing import Any

import numpy as np
import pytest

from gradients import assert_gradients, dense
from hoiquy.nn.kernels import kernels_for
from hoiquy.nn.kernels.select import processor_is_supported
from hoiquy.nn.losses import categorical_crossentropy, softmax
from hoiquy.nn.model import Model
from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.gradients import BatchResult, batch_gradients
from hoiquy.training.inference import Inference
from hoiquy.training.loop import fit
from hoiquy.training.model_building import build_model
from many_classes import CLASSES, of_many_classes
from miniatures import LAYERS_ALONE, WORDS, dataset, miniature, with_output

RECIPES = {
    "bai2": with_output(miniature("bai2"), "softmax"),
    "bai4": with_output(miniature("bai4"), "softmax"),
    "auto": miniature("auto", *LAYERS_ALONE),
    "wide": miniature("fast"),
}


def network(recipe: Recipe, dtype: Any) -> tuple[Model, Prepared]:
    """Random weights, biases too."""
    data = prepare(recipe, of_many_classes())
    model = build_model(
        recipe, vocabulary_size=len(data.vocabulary.words), classes=len(CLASSES), seed=1,
        dtype=dtype, ngrams=data.vocabulary.ngrams,
    )  # fmt: skip
    rng = np.random.default_rng(1)
    for array in model.parameters.values():
        array += rng.normal(0, 0.2, array.shape)
    return model, data


def step(
    model: Model, data: Prepared, weights: np.ndarray | None = None, soft: bool = False
) -> BatchResult:
    """The gradients of 35 training documents, over two shards, with dropout."""
    rows = np.arange(35)
    targets: Any = data.train.targets(rows)
    if soft:
        targets = np.random.default_rng(4).dirichlet(np.full(len(CLASSES), 0.3), len(rows))

    def dropout(shard: int, layer: int) -> np.random.Generator:
        return keyed_generator(1, Purpose.DROPOUT, 1, 1, shard, layer)

    with shard_pool(1) as pool:
        return batch_gradients(model, data.train.indices(rows), targets, pool, dropout, weights)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize(
    "kind", [pytest.param("one-hot", marks=pytest.mark.slow), "soft", "class weights"]
)  # the labels of class weights are one-hot
def test_gradients_of_whole_models(name: str, kind: str) -> None:
    model, data = network(RECIPES[name], np.float64)
    weights = np.linspace(0.2, 3, len(CLASSES)) if kind == "class weights" else None
    result = step(model, data, weights, kind == "soft")

    def loss() -> float:
        return step(model, data, weights, kind == "soft").loss_sum / 35

    gradients = dense(result.gradients, model.parameters)
    assert_gradients(loss, model.parameters, gradients, np.random.default_rng(2), small=2)


def test_class_weights_multiply_the_loss_of_each_document() -> None:
    model, data = network(
        miniature("auto", *LAYERS_ALONE, "model.layers.1.rate=0", "model.layers.4.rate=0"), float
    )
    rows, weights = np.arange(35), np.linspace(0.2, 3, len(CLASSES))
    logits = model.logits(data.train.indices(rows))
    losses, _ = categorical_crossentropy(logits, data.train.targets(rows))
    expected = (losses * weights[data.train.labels[rows]]).sum()
    assert step(model, data, weights).loss_sum == pytest.approx(expected, rel=1e-9)


@pytest.mark.skipif(not processor_is_supported(), reason="the fast kernels do not run here")
@pytest.mark.parametrize("name", RECIPES)
def test_fast_kernels_give_what_plain_ones_give(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, data = network(RECIPES[name], np.float32)
    indices = data.train.indices(np.arange(35))
    assert kernels_for(np.float32).kind == "fast"
    fast, of_fast = step(model, data), model.probabilities(indices)
    monkeypatch.setenv("HOIQUY_KERNELS", "plain")
    assert kernels_for(np.float32).kind == "plain"
    plain, of_plain = step(model, data), model.probabilities(indices)
    np.testing.assert_allclose(of_fast, of_plain, atol=1e-6)
    assert fast.loss_sum == pytest.approx(plain.loss_sum, rel=1e-6)
    ours, expected = (dense(one.gradients, model.parameters) for one in (fast, plain))
    for key, gradient in ours.items():
        np.testing.assert_allclose(gradient, expected[key], rtol=1e-5, atol=1e-6, err_msg=key)
    # Sums in another order are rounded in another way: other kernels did run.
    assert any((ours[key] != expected[key]).any() for key in ours)


@pytest.mark.parametrize("name", RECIPES)
def test_probabilities_are_the_softmax_of_the_averaged_logits(name: str) -> None:
    model, data = network(RECIPES[name], np.float32)
    split = data.train
    indices = split.indices(np.arange(len(split)))
    parts = [part.logits(indices) for part in model.branches()]
    p = model.probabilities(indices)
    np.testing.assert_allclose(p, softmax(sum(parts) / np.float32(len(parts))), rtol=1e-5)
    np.testing.assert_allclose(p.sum(axis=1, dtype=np.float64), 1, rtol=0, atol=1e-6)
    inference = Inference.of(model, split.table.max_length)
    np.testing.assert_allclose(inference.probabilities(indices), p, rtol=1e-5, atol=1e-7)


def test_many_classes_are_learned() -> None:
    """A class for each of 40 words."""
    rng = np.random.default_rng(5)
    labels = np.tile(np.arange(40), 12)
    texts = [" ".join(rng.permutation([*rng.choice(WORDS[40:], 3), WORDS[at]])) for at in labels]
    data = dataset(texts, labels.tolist(), classes=tuple(map(str, range(40))))
    recipe = miniature(
        "auto", *LAYERS_ALONE, "training.epochs=25", "training.batch_size=32",
        "model.layers.0.units=16", "text.num_words=100", "model.layers.2.units=16",
        "training.learning_rate=0.02",
    )  # fmt: skip
    encoded = prepare(recipe, data)
    fitted = fit(recipe, encoded)
    scores = fitted.score(encoded.train)
    assert scores.accuracy > 0.9
    labels_of = encoded.train.labels
    by_hand = -np.log(scores.probabilities[np.arange(len(labels_of)), labels_of]).mean()
    assert scores.loss == pytest.approx(by_hand, rel=1e-5)
    np.testing.assert_allclose(scores.probabilities.sum(axis=1, dtype=np.float64), 1, atol=1e-6)
