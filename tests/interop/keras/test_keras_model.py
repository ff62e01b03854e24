"""The Keras model of a recipe, and weights to it and back."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from hoiquy.errors import RecipeError, ShapeError
from hoiquy.interop.keras import build_keras_model, get_keras_parameters, set_keras_parameters
from hoiquy.nn.losses import OUTPUTS
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.model_building import build_model, layer_names
from miniatures import with_output

WORDS, KEPT, LENGTH = 30, 20, 5


def recipe(*layers: dict[str, Any], name: str = "tried/out", **embedding: Any) -> Recipe:
    first = {"type": "embedding", "units": 4} | embedding
    last = {"type": "dense", "units": "classes", "activation": "sigmoid"}
    return Recipe.model_validate(
        {
            "name": name,
            "data": {"max_length": LENGTH},
            "text": {"num_words": KEPT},
            "model": {"layers": [first, *layers, last]},
        }
    )


MEAN = {"type": "pooling", "over_time": "mean"}
MAXIMUM = {"type": "pooling"}


def built(of: Recipe, words: int = WORDS, **options: Any) -> Any:
    return build_keras_model(of, vocabulary_size=words, classes=2, **options)


def documents() -> np.ndarray:
    indices = np.random.default_rng(1).integers(1, KEPT, (6, LENGTH), dtype=np.int32)
    indices[:3, 3:] = 0
    return indices


def test_layers_have_the_names_that_hoiquy_gives_them() -> None:
    lstm = {"type": "lstm", "units": 3, "return_sequences": True}
    stack = recipe(lstm, {"type": "dropout", "rate": 0.1}, lstm | {"bidirectional": True}, MEAN)
    names = [layer.name for layer in built(stack).layers if layer.name != "documents"]
    assert names == layer_names(stack)


@pytest.mark.parametrize("activation", OUTPUTS)
def test_outputs_are_those_of_the_logits(activation: str) -> None:
    of = with_output(recipe(MEAN), activation)
    model, with_logits = built(of), built(of, logits=True)
    words = {"vocabulary_size": WORDS}
    set_keras_parameters(with_logits, get_keras_parameters(model, of, **words))
    logits = np.asarray(with_logits(documents()))
    expected = OUTPUTS[activation].probabilities(logits)  # type: ignore[index]
    np.testing.assert_allclose(model(documents()), expected, rtol=1e-5)


def test_a_saved_model_opens_without_hoiquy(tmp_path: Path) -> None:
    model = built(recipe(MAXIMUM, mask_zero=True))  # the one place where layers alone do not do
    model.save(tmp_path / "model.keras")
    opened = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(opened(documents()), model(documents()))


def test_parameters_come_back_as_they_went() -> None:
    of = recipe({"type": "gru", "units": 3, "bidirectional": True})
    parameters = build_model(of, vocabulary_size=WORDS, classes=2, seed=1).parameters
    model = built(of)
    set_keras_parameters(model, parameters)
    back = get_keras_parameters(model, of, vocabulary_size=WORDS)
    assert list(back) == list(parameters)
    for name, value in parameters.items():
        np.testing.assert_array_equal(back[name], value)


def test_rows_that_no_index_reaches_keep_what_keras_gave_them() -> None:
    model = built(recipe(MEAN))
    before = np.array(model.get_layer("embedding").embeddings.value)
    parameters = get_keras_parameters(model, recipe(MEAN), vocabulary_size=WORDS)
    assert before.shape == (WORDS, 4)
    assert parameters["embedding/embeddings"].shape == (KEPT, 4)
    parameters["embedding/embeddings"] += 1
    set_keras_parameters(model, parameters)
    after = np.array(model.get_layer("embedding").embeddings.value)
    np.testing.assert_array_equal(after[:KEPT], before[:KEPT] + 1)
    np.testing.assert_array_equal(after[KEPT:], before[KEPT:])


@pytest.mark.parametrize(("words", "rows"), [(30, "vocabulary"), (7, "vocabulary"), (7, 50)])
def test_embeddings_have_the_rows_that_hoiquy_has(words: int, rows: int | str) -> None:
    of = recipe(MEAN, rows=rows)
    ours = build_model(of, vocabulary_size=words, classes=2, seed=1)
    model = built(of, words)
    assert model.count_params() == ours.parameter_count
    theirs = get_keras_parameters(model, of, vocabulary_size=words)
    assert theirs["embedding/embeddings"].shape == ours.parameters["embedding/embeddings"].shape


@pytest.mark.parametrize("limit", [0.05, 0.5])
def test_embeddings_begin_as_far_from_zero_as_hoiquy_has_them(limit: float) -> None:
    of = recipe(MEAN, rows=500, initial_limit=limit)
    ours = build_model(of, vocabulary_size=500, classes=2, seed=1).parameters
    theirs = built(of, 500).get_layer("embedding").embeddings.value
    for numbers in (ours["embedding/embeddings"], np.array(theirs)):
        assert 0.98 * limit < np.abs(numbers).max() <= limit


def test_training_hoiquy_in_place_does_not_reach_into_keras() -> None:
    # JAX takes over memory that happens to be aligned, so one array alone could pass by luck.
    model = built(recipe(MEAN))
    given = get_keras_parameters(model, recipe(MEAN), vocabulary_size=WORDS)
    aligned = np.zeros(KEPT * 4 + 16, np.float32)
    offset = (-aligned.ctypes.data % 64) // 4
    embeddings = aligned[offset : offset + KEPT * 4].reshape(KEPT, 4)
    bias = np.zeros(2 + 16, np.float32)
    offset = (-bias.ctypes.data % 64) // 4
    given |= {"embedding/embeddings": embeddings, "dense/bias": bias[offset : offset + 2]}
    set_keras_parameters(model, given)
    given["embedding/embeddings"] += 1
    given["dense/bias"] += 1
    kept = get_keras_parameters(model, recipe(MEAN), vocabulary_size=WORDS)
    assert not kept["embedding/embeddings"].any()
    assert not kept["dense/bias"].any()


def test_parameters_that_do_not_fit_are_refused_and_change_nothing() -> None:
    model = built(recipe(MEAN))
    good = get_keras_parameters(model, recipe(MEAN), vocabulary_size=WORDS)
    moved = {name: value + 1 for name, value in good.items()}
    wrong = {
        "only one side has the parameters dense/bias": {
            name: value for name, value in moved.items() if name != "dense/bias"
        },
        "only one side has the parameters lstm/kernel": moved | {"lstm/kernel": good["dense/bias"]},
        r"dense/bias: shape \(3,\) does not fit Keras' \(2,\)": moved | {"dense/bias": np.ones(3)},
        r"embeddings: shape \(31, 4\) does not fit": moved
        | {"embedding/embeddings": np.ones((WORDS + 1, 4))},
        r"embeddings: shape \(20, 5\) does not fit": moved
        | {"embedding/embeddings": np.ones((KEPT, 5))},
    }
    for message, parameters in wrong.items():
        with pytest.raises(ShapeError, match=message):
            set_keras_parameters(model, parameters)
    after = get_keras_parameters(model, recipe(MEAN), vocabulary_size=WORDS)
    for name, value in good.items():
        np.testing.assert_array_equal(after[name], value)


def test_a_model_of_another_recipe_is_refused() -> None:
    model = built(recipe(MEAN))
    other = recipe({"type": "lstm", "units": 3})
    with pytest.raises(ShapeError, match="has the layers dense, embedding; recipe tried/out has"):
        get_keras_parameters(model, other, vocabulary_size=WORDS)
    with pytest.raises(ShapeError, match="30 rows in Keras, expected 40"):
        get_keras_parameters(model, recipe(MEAN), vocabulary_size=40)


def test_an_embedding_with_too_few_rows_is_refused() -> None:
    with pytest.raises(RecipeError, match="rows = 10"):
        built(recipe(MEAN, rows=10))
