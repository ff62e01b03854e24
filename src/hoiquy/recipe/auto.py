"""Fits the recipe `auto` to a data set: length, splitting, language, batches and epochs.

The built-in recipe `auto` defines the network. The changes depend on the training texts only, so
the same data gives the same recipe. docs/auto.md explains the constants.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from hoiquy.data import Dataset
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.recipe.training import EarlyStopping
from hoiquy.text import Tokenizer

NAME = "auto"
_SAMPLE = 2000  # texts
_SHORTEST, LONGEST = 20, 400  # tokens that are read; longer documents keep their end
_MIN_DOCUMENTS = 80_000  # over all epochs
_MIN_STEPS = 2000  # over all epochs; 77 classes need that many
_MIN_EPOCHS, _MAX_EPOCHS = 4, 200
_PATIENCE_STEPS = 200  # without a lower validation loss; many epochs for few documents
_SMALL = 2000  # documents; smaller batches below
# Fewer documents have fewer than 20 for validation: the best epoch would be the best by chance.
_FEW = 200
_STEPS_OF_FEW = 400  # over all epochs; they are all trained
_MIN_LANGUAGE_SHARE = 0.3  # of the texts, to detect a language or script
_MIN_TEXTS = 50  # to judge whether words recur
_MIN_RECURRING = 0.3  # share of tokens that occur in other texts, if tokens are words
_MAX_WORD_LENGTH = 20  # characters on average, if tokens are words

# Letters that only Vietnamese has: ơ, ư, those with the dot below or the hook above, and the
# circumflex or breve with a tone.
_VIETNAMESE = frozenset("ơườớởỡợừứửữựạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộụủỳỵỷỹ")
# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF),
             (0x3400, 0x4DBF), (0x4E00, 0x9FFF))  # fmt: skip


@dataclass(frozen=True)
class TextFacts:
    """Properties of a sample of the training texts.

    characters_reason: why texts are split into characters; "" if into words.
    median_length, long_length: median and 95th percentile of the tokens in a text.
    """

    documents: int
    vietnamese: bool
    characters_reason: str
    median_length: int
    long_length: int


def auto_recipe(dataset: Dataset) -> Recipe:
    """Fit the recipe `auto` to the training documents of a data set."""
    facts = text_facts(dataset.train.texts)
    settings = [
        f"data.max_length={min(max(_SHORTEST, _round_up(facts.long_length)), LONGEST)}",
        f"description={_description(facts, dataset)!r}",
    ]
    if facts.vietnamese:
        settings.append("text.normalization=vietnamese")
    if facts.characters_reason:
        settings += ["text.tokenizer=characters", "text.ngrams=3"]
    batch_size = 16 if facts.documents < _SMALL else 64
    steps = math.ceil(facts.documents / batch_size)
    epochs = max(
        round(_MIN_DOCUMENTS / max(1, facts.documents)),
        math.ceil(_MIN_STEPS / max(1, steps)),
        _MIN_EPOCHS,
    )
    recipe = load_recipe(NAME)
    settings.append(f"training.batch_size={batch_size}")
    if facts.documents < _FEW:
        epochs = math.ceil(_STEPS_OF_FEW / max(1, steps))
        recipe = _without_early_stopping(recipe)
    else:
        patience = recipe.training.early_stopping.patience or 0
        patience = max(patience, _PATIENCE_STEPS // max(1, steps))
        settings.append(f"training.early_stopping.patience={patience}")
    settings.append(f"training.epochs={min(epochs, _MAX_EPOCHS)}")
    return recipe.with_settings(settings)


def _without_early_stopping(recipe: Recipe) -> Recipe:
    """The same, trained to its last epoch, whose weights count."""
    training = recipe.training.model_copy(update={"early_stopping": EarlyStopping()})
    return recipe.model_copy(update={"training": training})


def _round_up(length: int) -> int:
    """Round up to a multiple of ten."""
    return -(-length // 10) * 10


def _description(facts: TextFacts, dataset: Dataset) -> str:
    classes = len(dataset.classes)
    kind = "labels" if dataset.multilabel else "classes"
    tokens = "Vietnamese words" if facts.vietnamese else "words"
    reason = ""
    if facts.characters_reason:
        tokens, reason = "characters", f"; split into characters: {facts.characters_reason}"
    return (
        f"Fitted to {facts.documents:,} documents of {facts.median_length} {tokens} (median), "
        f"{classes} {kind}{reason}"
    )


def smaller_recipes(recipe: Recipe) -> list[Recipe]:
    """The recipe, then ever faster ones, for little memory or time."""
    recipes = [recipe]
    for units, tokens in ((64, 200), (32, 200), (32, 100), (16, 60)):
        length = min(tokens, recipe.data.max_length)
        sizes = [f"model.layers.{layer}.units={units}" for layer in (0, 2)]
        smaller = recipe.with_settings([*sizes, f"data.max_length={length}"])
        if smaller != recipes[-1]:
            recipes.append(smaller)
    return recipes


def text_facts(texts: Sequence[str]) -> TextFacts:
    """Inspect up to 2,000 texts, evenly spaced among all."""
    rows = np.linspace(0, len(texts) - 1, min(_SAMPLE, len(texts))).astype(int).tolist()
    sample = [unicodedata.normalize("NFC", texts[row]) for row in rows]
    vietnamese = [not _VIETNAMESE.isdisjoint(text.lower()) for text in sample]
    tokens = list(map(Tokenizer(tokenizer="unicode").words, sample))
    characters_reason = _characters_reason(sample, tokens)
    if characters_reason:
        tokens = list(map(Tokenizer(tokenizer="characters").words, sample))
    lengths = [len(words) for words in tokens] or [1]
    return TextFacts(
        documents=len(texts),
        vietnamese=bool(sample) and float(np.mean(vietnamese)) > _MIN_LANGUAGE_SHARE,
        characters_reason=characters_reason,
        median_length=int(np.median(lengths)),
        long_length=int(np.quantile(lengths, 0.95)),
    )


def _characters_reason(sample: Sequence[str], tokens: Sequence[Sequence[str]]) -> str:
    """Why to split into characters, not words; "" for words. tokens: the words of each text."""
    words = list(chain.from_iterable(tokens))
    if not words:
        return ""
    if float(np.mean([_is_unspaced(text) for text in sample])) > _MIN_LANGUAGE_SHARE:
        return "the script has no spaces between words"
    if float(np.mean([len(word) for word in words])) > _MAX_WORD_LENGTH:
        return f"tokens have more than {_MAX_WORD_LENGTH} characters on average"
    if len(sample) < _MIN_TEXTS:
        return ""
    known = set(chain.from_iterable(tokens[::2]))
    others = list(chain.from_iterable(tokens[1::2]))
    share = float(np.mean([word in known for word in others])) if others else 1.0
    if share >= _MIN_RECURRING:
        return ""
    single_words = float(np.median([len(words) for words in tokens])) <= 1
    prefix = "most texts are one word, and " if single_words else ""
    return f"{prefix}only {share:.0%} of the words occur in other texts"


def _is_unspaced(text: str) -> bool:
    """Whether most letters belong to a script without spaces between words."""
    letters = [ord(character) for character in text if character.isalpha()]
    inside = sum(any(low <= code <= high for low, high in _UNSPACED) for code in letters)
    return inside > len(letters) / 2
