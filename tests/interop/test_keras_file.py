"""A `.keras` file, opened by real Keras in safe mode, answers as hoiquy; and it reads back."""

import pytest
from small_models import NAMES, WORDS, small_model, small_recipe

from hoiquy.interop.keras_file import keras_file, keras_probabilities
from hoiquy.interop.parity import check_parity
from hoiquy.text import Vocabulary

VOCABULARY = Vocabulary(tuple(f"word{number}" for number in range(WORDS)), 30)


@pytest.mark.parametrize("name", NAMES)
def test_the_probabilities_are_those_of_hoiquy(name: str) -> None:
    recipe = small_recipe(name)
    model = small_model(recipe)
    content = keras_file(model, recipe, vocabulary_size=WORDS, classes=3)
    theirs = keras_probabilities(content)
    parity = check_parity(model, recipe, VOCABULARY, theirs, any_length=False)
    assert parity.outside is None, parity.largest
    assert {case.batch for case in parity.cases} >= {1, 64}


def test_a_wrong_weight_is_noticed() -> None:
    recipe = small_recipe("lstm/unmasked")
    model, other = small_model(recipe), small_model(recipe)
    other.parameters["lstm/kernel"][0, 5] += 0.01  # one number of the forget gate
    theirs = keras_probabilities(keras_file(other, recipe, vocabulary_size=WORDS, classes=3))
    parity = check_parity(model, recipe, VOCABULARY, theirs, any_length=False)
    assert parity.outside == parity.largest
