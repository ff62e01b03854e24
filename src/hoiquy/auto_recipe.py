"""The recipe `auto`: lengths, words, language and epochs fitted to a data set.

The built-in recipe of this name is the network; what is changed here depends on the training texts
alone, so the same data gives the same recipe. See docs/auto.md for how the numbers were chosen.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hoiquy.data import Dataset
from hoiquy.recipe import Recipe, load_recipe
from hoiquy.text import TextRules

NAME = "auto"
_SAMPLE = 2000  # training texts that are looked at
_MOST_TOKENS = 400  # of a document; longer ones keep their end
_DOCUMENTS_TO_READ = 80_000  # in all epochs together, about
_FEWEST_EPOCHS, _MOST_EPOCHS = 4, 20
_SMALL = 2000  # documents; with fewer, steps are more and smaller
_SHARE = 0.3  # of the texts that must show a language

# Vietnamese letters that its neighbours in the Latin script do not have: ơ, ư, and those with the
# dot below or the hook above, and the circumflex or breve with a tone.
_VIETNAMESE = frozenset("ơườớởỡợừứửữựạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộụủỳỵỷỹ")
# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF),
             (0x3400, 0x4DBF), (0x4E00, 0x9FFF))  # fmt: skip


@dataclass(frozen=True)
class TextFacts:
    """What was found out about the training texts from a sample."""

    documents: int
    vietnamese: bool
    unspaced: bool  # words are not apart, so characters are read
    typical_length: int  # median number of tokens
    long_length: int  # nineteen texts of twenty are not longer, in tokens


def auto_recipe(dataset: Dataset) -> Recipe:
    """Fit the recipe `auto` to the training documents of a data set."""
    facts = text_facts(dataset.train.texts)
    length = min(max(10, -(-facts.long_length // 10) * 10), _MOST_TOKENS)
    epochs = round(_DOCUMENTS_TO_READ / max(1, facts.documents))
    tokens = "Vietnamese words" if facts.vietnamese else "words"
    tokens = "characters" if facts.unspaced else tokens
    description = (
        f"Fitted to {facts.documents:,} documents of {facts.typical_length} {tokens} (median), "
        f"{len(dataset.classes)} classes"
    )
    settings = [
        f"data.max_length={length}",
        f"training.epochs={min(max(_FEWEST_EPOCHS, epochs), _MOST_EPOCHS)}",
        f"description={description!r}",
    ]
    if facts.vietnamese:
        settings.append("text.normalization=vietnamese")
    if facts.unspaced:
        settings.append("text.tokenizer=characters")
    if facts.documents < _SMALL:
        settings.append("training.batch_size=16")
    return load_recipe(NAME).with_settings(settings)


def smaller_recipes(recipe: Recipe) -> list[Recipe]:
    """The recipe, then ever faster ones, for a machine or a time that is too small for it."""
    recipes = [recipe]
    for units, tokens in ((64, 200), (32, 200), (32, 100), (16, 60)):
        length = min(tokens, recipe.data.max_length)
        sizes = [f"model.layers.{layer}.units={units}" for layer in (0, 2)]
        smaller = recipe.with_settings([*sizes, f"data.max_length={length}"])
        if smaller != recipes[-1]:
            recipes.append(smaller)
    return recipes


def text_facts(texts: Sequence[str]) -> TextFacts:
    """Look at texts that stand evenly among all of them."""
    rows = np.linspace(0, len(texts) - 1, min(_SAMPLE, len(texts))).astype(int).tolist()
    sample = [unicodedata.normalize("NFC", texts[row]) for row in rows]
    vietnamese = [not _VIETNAMESE.isdisjoint(text.lower()) for text in sample]
    unspaced = [_is_unspaced(text) for text in sample]
    is_unspaced = bool(sample) and float(np.mean(unspaced)) > _SHARE
    rules = TextRules(tokenizer="characters" if is_unspaced else "unicode")
    lengths = [len(rules.words(text)) for text in sample] or [1]
    return TextFacts(
        documents=len(texts),
        vietnamese=bool(sample) and float(np.mean(vietnamese)) > _SHARE,
        unspaced=is_unspaced,
        typical_length=int(np.median(lengths)),
        long_length=int(np.quantile(lengths, 0.95)),
    )


def _is_unspaced(text: str) -> bool:
    """Whether most letters are of a script that puts no spaces between words."""
    letters = [ord(character) for character in text if character.isalpha()]
    inside = sum(any(low <= code <= high for low, high in _UNSPACED) for code in letters)
    return inside > len(letters) / 2
