"""What `auto` makes of texts of several kinds."""

import unicodedata

import numpy as np
import pytest

from hoiquy.auto_recipe import auto_recipe, smaller_recipes, text_facts
from hoiquy.data import Dataset
from hoiquy.data.dataset import Documents

VIETNAMESE = "Phim này hay quá, tôi đã xem hai lần và vẫn muốn xem nữa"
FRENCH = "Un film très émouvant, même à la deuxième séance"
CHINESE = "这部电影非常好看我看了两遍"


def dataset_of(texts: list[str]) -> Dataset:
    documents = Documents(texts, np.arange(len(texts), dtype=np.int32) % 2)
    return Dataset("made", ("no", "yes"), documents, documents, "made", official_test=False)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_vietnamese_is_seen_however_it_is_composed(form: str) -> None:
    recipe = auto_recipe(dataset_of([unicodedata.normalize(form, VIETNAMESE)] * 20))
    assert recipe.text.normalization == "vietnamese"
    assert recipe.text.tokenizer == "unicode"


@pytest.mark.parametrize("text", [FRENCH, "A plain English sentence", "Ação e emoção, não há"])
def test_other_languages_are_not_taken_for_vietnamese(text: str) -> None:
    recipe = auto_recipe(dataset_of([text] * 20))
    assert recipe.text.normalization == "nfc"
    assert recipe.text.tokenizer == "unicode"


def test_some_vietnamese_among_english_does_not_count() -> None:
    assert not text_facts([VIETNAMESE] + ["plain English"] * 19).vietnamese


def test_scripts_without_spaces_are_read_by_character() -> None:
    recipe = auto_recipe(dataset_of([CHINESE] * 20))
    assert recipe.text.tokenizer == "characters"
    assert recipe.data.max_length >= len(CHINESE)


def test_length_holds_nineteen_texts_of_twenty_and_has_a_limit() -> None:
    lengths = [15] * 95 + [390] * 5
    assert auto_recipe(dataset_of(["word " * n for n in lengths])).data.max_length < 60
    assert auto_recipe(dataset_of(["word " * 5000] * 20)).data.max_length == 400
    assert auto_recipe(dataset_of(["word"] * 20)).data.max_length == 10


def test_fewer_documents_are_read_more_often() -> None:
    few, many = (auto_recipe(dataset_of(["a word"] * count)) for count in (30, 20_000))
    assert few.training.epochs > many.training.epochs
    assert few.training.batch_size < many.training.batch_size


def test_the_same_texts_give_the_same_recipe_which_is_valid_toml() -> None:
    first, second = (auto_recipe(dataset_of([VIETNAMESE, FRENCH] * 10)) for _ in range(2))
    assert first.to_toml() == second.to_toml()
    assert "20 documents" in first.description


def test_smaller_recipes_fall_in_size_and_none_comes_twice() -> None:
    recipes = smaller_recipes(auto_recipe(dataset_of(["word " * 30] * 20)))
    sizes = [(recipe.model.layers[0].units, recipe.data.max_length) for recipe in recipes]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes) > 1
