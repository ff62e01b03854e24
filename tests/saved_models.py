"""Small models as `.keras` files, with the text description that goes beside them."""

from dataclasses import replace
from pathlib import Path

from hoiquy.interop.keras.writer import keras_file
from hoiquy.interop.text_description import dump_text_description
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.text import Vocabulary
from miniatures import miniature
from small_models import WORDS, small_recipe

CLASSES = ["neg", "so-so", "pos"]
VOCABULARY = Vocabulary(tuple(f"word{number}" for number in range(WORDS)), 30)


def recipe_called(name: str) -> Recipe:
    """A built-in recipe in miniature, or one of `small_models.NAMES`."""
    return small_recipe(name) if "/" in name else miniature(name)


def vocabulary_of(recipe: Recipe) -> Vocabulary:
    """The words of VOCABULARY under the recipe's own text rules."""
    return replace(VOCABULARY, rules=build_tokenizer(recipe.text))


def save(folder: Path, model: Model, recipe: Recipe) -> Path:
    """A .keras file with its text description beside it."""
    path = folder / "model.keras"
    path.write_bytes(keras_file(model, recipe, vocabulary_size=WORDS, classes=3))
    text = dump_text_description(vocabulary_of(recipe), recipe.text, recipe.data, CLASSES)
    path.with_suffix(".text.json").write_bytes(text)
    return path
