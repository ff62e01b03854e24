"""The builder, what a model counts, and the gradients of whole models."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from gradients import assert_gradients
from hoiquy.errors import RecipeError
from hoiquy.nn.losses import binary_crossentropy, sigmoid
from hoiquy.nn.model import Model
from hoiquy.nn.regularizers import L1L2
from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.gradients import BatchResult, batch_gradients
from hoiquy.training.model_building import build_model, layer_names
from miniatures import LAB, NUM_WORDS, miniature, prepared
from modern_recipe import modern

WORDS_IN_IMDB = 88_584


def build(recipe: Recipe, vocabulary_size: int = 70, **options: Any) -> Model:
    return build_model(recipe, vocabulary_size=vocabulary_size, classes=2, seed=1, **options)


@pytest.mark.parametrize(
    ("name", "parameters", "unreachable"),
    [
        ("bai1", 40_802, 0),
        ("bai2", 121_002, 0),
        ("bai3", 11_602_354, 10_058_752),
        ("bai4", 11_669_922, 10_058_752),
        ("bai5", 11_537_154, 10_058_752),
    ],
)
def test_parameter_counts_of_the_lab(name: str, parameters: int, unreachable: int) -> None:
    model = build(load_recipe(name), WORDS_IN_IMDB)
    assert model.parameter_count == parameters
    assert model.unreachable_parameter_count == unreachable
    assert sum(array.size for array in model.parameters.values()) == parameters - unreachable


def test_layers_are_numbered_by_type_as_in_keras() -> None:
    assert layer_names(load_recipe("bai4")) == [
        "embedding", "dropout", "lstm", "dropout_1", "lstm_1", "dropout_2", "dense",
    ]  # fmt: skip
    assert layer_names(load_recipe("bai2")) == ["simple_rnn", "simple_rnn_1", "dense"]
    expected = ["embedding", "bidirectional", "bidirectional_1", "pooling", "dense", "dense_1"]
    assert layer_names(modern()) == expected


def test_parameters_have_keras_names_and_shapes() -> None:
    shapes = {name: array.shape for name, array in build(modern()).parameters.items()}
    directions = ("forward", "backward")
    expected = {"embedding/embeddings": (NUM_WORDS, 5)}
    for way in directions:
        expected[f"bidirectional/{way}/kernel"] = (5, 12)
        expected[f"bidirectional/{way}/recurrent_kernel"] = (3, 12)
        expected[f"bidirectional/{way}/bias"] = (12,)
        expected[f"bidirectional_1/{way}/kernel"] = (6, 12)
        expected[f"bidirectional_1/{way}/recurrent_kernel"] = (4, 12)
        expected[f"bidirectional_1/{way}/bias"] = (2, 12)
    expected |= {"dense/kernel": (8, 6), "dense/bias": (6,)}
    expected |= {"dense_1/kernel": (6, 2), "dense_1/bias": (2,)}
    assert shapes == expected
    penalties = {f"bidirectional/{way}/kernel": L1L2(l2=0.01) for way in directions}
    penalties |= {f"bidirectional_1/{way}/recurrent_kernel": L1L2(l2=0.02) for way in directions}
    assert build(modern()).penalties == penalties


def test_weights_depend_on_the_seed_and_on_their_layer() -> None:
    # Two layers of one shape, so that equal numbers would show.
    recipe = miniature("bai4", "model.layers.0.units=9", "model.layers.4.units=9")
    one, again = build(recipe).parameters, build(recipe).parameters
    other = build_model(recipe, vocabulary_size=70, classes=2, seed=2).parameters
    for name, array in one.items():
        assert array.tobytes() == again[name].tobytes()
        assert ("bias" in name) == (array.tobytes() == other[name].tobytes())
    assert (one["lstm/kernel"] != one["lstm_1/kernel"]).all()


def test_the_two_directions_start_apart() -> None:
    parameters = build(modern()).parameters
    forward, backward = (
        parameters[f"bidirectional/{way}/kernel"] for way in ("forward", "backward")
    )
    assert (forward != backward).all()


@pytest.mark.parametrize("words", [1, 5, 26, 27, 29, 30, 31, 70])
def test_every_index_that_can_occur_has_a_row(words: int) -> None:
    """Words begin at index 4: a small vocabulary reaches rows beyond its own size."""
    model = build(modern(), words)
    last = min(words + 3, NUM_WORDS - 1)
    assert model.parameters["embedding/embeddings"].shape[0] == last + 1
    model.logits(np.full((1, 3), last, np.int32))
    assert model.unreachable_parameter_count == 5 * max(0, words - NUM_WORDS)


def test_too_few_rows_are_an_error_of_the_recipe() -> None:
    with pytest.raises(RecipeError, match="rows"):
        build(modern().with_settings(["model.layers.0.rows=29"]))
    assert (
        build(modern().with_settings(["model.layers.0.rows=30"])).unreachable_parameter_count == 0
    )


def test_masked_padding_is_not_read() -> None:
    model = build(modern())
    short = np.array([[4, 7, 9]], np.int32)
    padded = np.array([[0, 0, 4, 7, 9]], np.int32)
    np.testing.assert_allclose(model.logits(padded), model.logits(short), atol=1e-6)
    unmasked = build(modern().with_settings(["model.layers.0.mask_zero=false"]))
    assert np.abs(unmasked.logits(padded) - unmasked.logits(short)).max() > 1e-4


def test_values_are_the_indices_themselves() -> None:
    model = build(miniature("bai1"))
    indices = np.array([[0, 3, 29], [1, 1, 2]], np.int32)
    kernel, bias = (model.parameters[f"simple_rnn/{key}"] for key in ("kernel", "bias"))
    hidden = np.zeros((2, 9), np.float32)
    for step in range(3):
        recurrent = hidden @ model.parameters["simple_rnn/recurrent_kernel"]
        hidden = np.maximum(indices[:, step : step + 1] * kernel + recurrent + bias, 0)
    logits = hidden @ model.parameters["dense/kernel"] + model.parameters["dense/bias"]
    np.testing.assert_allclose(model.logits(indices), logits, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(model.probabilities(indices), sigmoid(model.logits(indices)))


WHOLE = {**{name: partial(miniature, name) for name in LAB}, "modern": modern}
WHOLE["modern, mean"] = partial(modern, "mean")


@pytest.mark.parametrize("name", WHOLE)
def test_gradients_of_whole_models(name: str) -> None:
    """Over two shards, with dropout and with the l2 penalty."""
    recipe = WHOLE[name]()
    data, rng = prepared(recipe), np.random.default_rng(1)
    model = build(recipe, len(data.vocabulary.words), dtype=np.float64)
    for array in model.parameters.values():
        # Biases too: at zero, padding would sit on the kink of a relu.
        array += rng.normal(0, 0.1, array.shape)
    rows = np.arange(35)
    indices, targets = data.train.indices(rows), data.train.targets(rows)

    def dropout(shard: int, layer: int) -> np.random.Generator:
        return keyed_generator(1, Purpose.DROPOUT, 1, 1, shard, layer)

    with shard_pool(1) as pool:
        result = batch_gradients(model, indices, targets, pool, dropout)

        def loss() -> float:
            return batch_gradients(model, indices, targets, pool, dropout).loss_sum / len(rows)

        assert (model.penalty() > 0) == (name not in ("bai1", "bai2"))
        assert_gradients(loss, model.parameters, result.gradients, rng, small=2)


def test_gradients_where_classes_are_weighted() -> None:
    """The loss is the mean over documents of weight times loss, and these are its gradients."""
    recipe = modern()
    data, rng = prepared(recipe), np.random.default_rng(2)
    model = build(recipe, len(data.vocabulary.words), dtype=np.float64)
    rows = np.arange(35)
    indices, targets = data.train.indices(rows), data.train.targets(rows)
    weights = np.array([0.3, 2.5])

    def result() -> BatchResult:
        return batch_gradients(model, indices, targets, pool, None, weights)

    with shard_pool(1) as pool:
        losses, _ = binary_crossentropy(model.logits(indices), targets)
        expected = (losses * weights[data.train.labels[rows]]).mean() + model.penalty()
        assert result().loss_sum / len(rows) == pytest.approx(expected, rel=1e-12)
        gradients = result().gradients
        assert_gradients(
            lambda: result().loss_sum / len(rows), model.parameters, gradients, rng, small=2
        )
