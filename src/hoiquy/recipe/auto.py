"""The recipe `auto`: lengths, words, language and epochs fitted to a data set.

The built-in recipe of this name is the network; what is changed here depends on the training texts
alone, so the same data gives the same recipe. See docs/auto.md for how the numbers were chosen.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from hoiquy.data import Dataset
from hoiquy.recipe.recipe import Recipe, load_recipe
from hoiquy.text import Tokenizer

NAME = "auto"
_SAMPLE = 2000  # training texts that are inspected
_FEWEST_TOKENS, _MOST_TOKENS = 20, 400  # of a document; longer ones keep their end
_DOCUMENTS_TO_READ = 80_000  # in all epochs together, at least
_FEWEST_STEPS = 2000  # in all epochs together: 77 classes are not learnt in fewer
_FEWEST_EPOCHS, _MOST_EPOCHS = 4, 200
_PATIENCE_STEPS = 200  # without a lower validation loss; with few documents, many epochs
_SMALL = 2000  # documents; with fewer, steps are more and smaller
_SHARE = 0.3  # of the texts that must show a language
_FEWEST_TO_COMPARE = 50  # texts; whether words recur cannot be seen in fewer
_LEAST_KNOWN = 0.3  # share of tokens that occur in other texts; fewer are no words
_LONGEST_WORD = 20  # characters on average; longer tokens are no words

# Vietnamese letters that its neighbours in the Latin script do not have: ơ, ư, and those with the
# dot below or the hook above, and the circumflex or breve with a tone.
_VIETNAMESE = frozenset("ơườớởỡợừứửữựạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộụủỳỵỷỹ")
# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF),
             (0x3400, 0x4DBF), (0x4E00, 0x9FFF))  # fmt: skip


@dataclass(frozen=True)
class TextFacts:
    """What a sample of the training texts shows.

    why_characters: why characters are read instead of words; "" where words are read.
    typical_length, long_length: median and 95th percentile of the tokens in a text.
    """

    documents: int
    vietnamese: bool
    why_characters: str
    typical_length: int
    long_length: int


def auto_recipe(dataset: Dataset) -> Recipe:
    """Fit the recipe `auto` to the training documents of a data set."""
    facts = text_facts(dataset.train.texts)
    settings = [
        f"data.max_length={min(max(_FEWEST_TOKENS, _in_tens(facts.long_length)), _MOST_TOKENS)}",
        f"description={_description(facts, len(dataset.classes))!r}",
    ]
    if facts.vietnamese:
        settings.append("text.normalization=vietnamese")
    if facts.why_characters:
        settings += ["text.tokenizer=characters", "text.ngrams=3"]
    batch_size = 16 if facts.documents < _SMALL else 64
    steps = math.ceil(facts.documents / batch_size)
    epochs = max(
        round(_DOCUMENTS_TO_READ / max(1, facts.documents)),
        math.ceil(_FEWEST_STEPS / max(1, steps)),
        _FEWEST_EPOCHS,
    )
    recipe = load_recipe(NAME)
    patience = max(recipe.training.early_stopping.patience or 0, _PATIENCE_STEPS // max(1, steps))
    settings += [
        f"training.batch_size={batch_size}",
        f"training.epochs={min(epochs, _MOST_EPOCHS)}",
        f"training.early_stopping.patience={patience}",
    ]
    return recipe.with_settings(settings)


def _in_tens(length: int) -> int:
    return -(-length // 10) * 10


def _description(facts: TextFacts, classes: int) -> str:
    tokens = "Vietnamese words" if facts.vietnamese else "words"
    read = ""
    if facts.why_characters:
        tokens, read = "characters", f"; characters are read: {facts.why_characters}"
    return (
        f"Fitted to {facts.documents:,} documents of {facts.typical_length} {tokens} (median), "
        f"{classes} classes{read}"
    )


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
    """Inspect up to 2,000 texts, evenly spaced among all."""
    rows = np.linspace(0, len(texts) - 1, min(_SAMPLE, len(texts))).astype(int).tolist()
    sample = [unicodedata.normalize("NFC", texts[row]) for row in rows]
    vietnamese = [not _VIETNAMESE.isdisjoint(text.lower()) for text in sample]
    tokens = list(map(Tokenizer(tokenizer="unicode").words, sample))
    why_characters = _why_characters(sample, tokens)
    if why_characters:
        tokens = list(map(Tokenizer(tokenizer="characters").words, sample))
    lengths = [len(words) for words in tokens] or [1]
    return TextFacts(
        documents=len(texts),
        vietnamese=bool(sample) and float(np.mean(vietnamese)) > _SHARE,
        why_characters=why_characters,
        typical_length=int(np.median(lengths)),
        long_length=int(np.quantile(lengths, 0.95)),
    )


def _why_characters(sample: Sequence[str], tokens: Sequence[Sequence[str]]) -> str:
    """Why words cannot be read from these texts; "" if they can. tokens: the words of each."""
    every = list(chain.from_iterable(tokens))
    if not every:
        return ""
    if float(np.mean([_is_unspaced(text) for text in sample])) > _SHARE:
        return "the script has no spaces between words"
    if float(np.mean([len(word) for word in every])) > _LONGEST_WORD:
        return f"tokens have more than {_LONGEST_WORD} characters on average"
    if len(sample) < _FEWEST_TO_COMPARE:
        return ""
    known = set(chain.from_iterable(tokens[::2]))
    others = list(chain.from_iterable(tokens[1::2]))
    share = float(np.mean([word in known for word in others])) if others else 1.0
    if share >= _LEAST_KNOWN:
        return ""
    one_each = float(np.median([len(words) for words in tokens])) <= 1
    what = "most texts are one word, and " if one_each else ""
    return f"{what}only {share:.0%} of the words occur in other texts"


def _is_unspaced(text: str) -> bool:
    """Whether most letters are of a script that puts no spaces between words."""
    letters = [ord(character) for character in text if character.isalpha()]
    inside = sum(any(low <= code <= high for low, high in _UNSPACED) for code in letters)
    return inside > len(letters) / 2
