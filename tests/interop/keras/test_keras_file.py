"""A `.keras` file, opened by real Keras in safe mode, answers as hoiquy; and it reads back."""

from pathlib import Path

import numpy as np
import pytest

from hoiquy.errors import InputError
from hoiquy.interop.keras.import_run import import_keras
from hoiquy.interop.keras.reader import read_keras
from hoiquy.interop.keras.writer import keras_file, keras_probabilities
from hoiquy.interop.parity import check_parity
from hoiquy.prediction.predictor import Predictor
from hoiquy.recipe.recipe import load_recipe, recipe_names
from saved_models import CLASSES, VOCABULARY, recipe_called, save, vocabulary_of
from small_models import LAYERS, MASKS, WORDS, small_model, small_recipe

TEXTS = ["", "word1 word2", "unknown word29", "word3 word20 " * 9]
LAYERS_OF_KERAS = [name for name in recipe_names() if load_recipe(name).text.ngrams == 1]
CONCAT = ("concat", "concat_both_ways")  # no chain of layers in Keras
NAMES = [
    *LAYERS_OF_KERAS, *(f"{name}/masked_left" for name in LAYERS if name not in CONCAT),
    "lstm/unmasked", "maximum/unmasked", "mean/masked_right", "stacked_both_ways/masked_right",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_keras_answers_as_hoiquy_and_the_file_comes_back_the_same(
    name: str, tmp_path: Path
) -> None:
    recipe = recipe_called(name)
    model = small_model(recipe)
    path = save(tmp_path, model, recipe)
    theirs = keras_probabilities(path.read_bytes())
    parity = check_parity(model, recipe, VOCABULARY, theirs, any_length=False)
    assert parity.failed is None, parity.largest
    assert {case.batch for case in parity.cases} >= {1, 64}

    run = import_keras(path, tmp_path / "run")
    back = Predictor.from_run(run)
    assert back.model.parameters.keys() == model.parameters.keys()
    for key, array in model.parameters.items():
        np.testing.assert_array_equal(back.model.parameters[key], array)
    ours = recipe.model_dump()["model"]
    for layer in ours["layers"]:
        layer |= {"rows": WORDS} if layer["type"] == "embedding" else {}
    assert run.recipe.model_dump()["model"] == ours
    assert (run.recipe.text, back.classes) == (recipe.text, tuple(CLASSES))
    assert (run.result.status, run.history) == ("untested", [])
    assert run.result.parameters == model.parameter_count
    encoded = vocabulary_of(recipe).encode_all(TEXTS)
    np.testing.assert_array_equal(
        back.predict_proba(TEXTS), back.predict_proba_encoded(encoded), strict=True
    )


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", CONCAT)
def test_concat_pooling_answers_the_same_and_is_not_read_back(
    name: str, mask: str, tmp_path: Path
) -> None:
    recipe = small_recipe(f"{name}/{mask}")
    model = small_model(recipe)
    path = save(tmp_path, model, recipe)
    theirs = keras_probabilities(path.read_bytes())
    parity = check_parity(model, recipe, VOCABULARY, theirs, any_length=False)
    assert parity.failed is None, parity.largest
    with pytest.raises(InputError, match="hoiquy reads only layers that form a single chain"):
        import_keras(path, tmp_path / "run")


def test_a_wrong_weight_is_noticed() -> None:
    recipe = small_recipe("lstm/unmasked")
    model, other = small_model(recipe), small_model(recipe)
    other.parameters["lstm/kernel"][0, 5] += 0.01  # one number of the forget gate
    theirs = keras_probabilities(keras_file(other, recipe, vocabulary_size=WORDS, classes=3))
    parity = check_parity(model, recipe, VOCABULARY, theirs, any_length=False)
    assert parity.failed == parity.largest


def test_every_embedding_row_is_there_and_those_that_are_never_read_are_zeros(
    tmp_path: Path,
) -> None:
    recipe = small_recipe("lstm/unmasked")
    path = save(tmp_path, small_model(recipe), recipe)
    rows = read_keras(path).weights[0]["embeddings"]
    assert rows.shape == (WORDS, 6)
    assert rows[:30].all() and not rows[30:].any()
