"""The recipe `auto` on texts of several kinds."""

import math
import unicodedata

import numpy as np
import pytest

from hoiquy.data import Dataset
from hoiquy.data.dataset import Documents
from hoiquy.recipe.auto import auto_recipe, smaller_recipes, text_facts

VIETNAMESE = "Phim này hay quá, tôi đã xem hai lần và vẫn muốn xem nữa"
FRENCH = "Un film très émouvant, même à la deuxième séance"
CHINESE = "这部电影非常好看我看了两遍"


def dataset_of(texts: list[str]) -> Dataset:
    documents = Documents(texts, np.arange(len(texts), dtype=np.int32) % 2)
    return Dataset("made", ("no", "yes"), documents, documents, "made", official_test=False)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_vietnamese_is_detected_however_it_is_composed(form: str) -> None:
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
    assert auto_recipe(dataset_of(["word"] * 20)).data.max_length == 20


def synthetic_words(count: int, letters: str, length: int, seed: int = 1) -> list[str]:
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list(letters), length)) for _ in range(count)]


NAMES = synthetic_words(400, "abdeghiklmnorstuz", 7)
SURNAMES = synthetic_words(400, "abdeghiklmnorstuz", 9, seed=2)


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (NAMES, "most texts are one word"),
        ([f"{first} {last}" for first, last in zip(NAMES, SURNAMES, strict=True)], "only"),
        ([f"{'acgt' * 8}{name}" for name in NAMES], "more than 20 characters"),
        ([CHINESE] * 20, "no spaces"),
    ],
    ids=["names", "full-names", "sequences", "chinese"],
)
def test_texts_whose_words_do_not_recur_are_read_by_character(
    texts: list[str], reason: str
) -> None:
    recipe = auto_recipe(dataset_of(texts))
    assert recipe.text.tokenizer == "characters"
    assert recipe.text.ngrams == 3
    assert "split into characters" in recipe.description
    assert reason in recipe.description


@pytest.mark.parametrize(
    "texts",
    [["good", "bad", "fine", "poor", "spam"] * 40, NAMES[:40], ["!!!"] * 60, [""] * 60],
    ids=["words-that-recur", "too-few-to-tell", "marks", "empty"],
)
def test_words_are_read_where_they_recur_or_too_few_texts_can_tell(texts: list[str]) -> None:
    recipe = auto_recipe(dataset_of(texts))
    assert recipe.text.tokenizer == "unicode"
    assert "characters" not in recipe.description


@pytest.mark.parametrize("documents", [200, 1999, 2000, 10_000])
def test_many_classes_get_enough_steps(documents: int) -> None:
    recipe = auto_recipe(dataset_of(["a word"] * documents))
    steps_an_epoch = math.ceil(documents / recipe.training.batch_size)
    assert recipe.training.epochs * steps_an_epoch >= 2000
    patience = recipe.training.early_stopping.patience
    assert patience is not None and patience >= 3
    assert patience * steps_an_epoch >= 150


@pytest.mark.parametrize("documents", [5, 60, 199])
def test_few_documents_are_trained_to_the_end(documents: int) -> None:
    """Hardly any are left to choose an epoch by."""
    training = auto_recipe(dataset_of(["a word"] * documents)).training
    steps = training.epochs * math.ceil(documents / 16)
    assert steps >= (400 if documents > 16 else 200) and steps < 420
    assert training.early_stopping.patience is None and not training.early_stopping.restore_best


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
