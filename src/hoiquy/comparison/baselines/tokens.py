"""The tokens that a baseline counts: those of the networks that it is compared with.

If a network reads characters, the baseline counts character n-grams up to three. With the lab's
tokenizer, which hardly differs from splitting at white space, each baseline splits texts as in its
original paper.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import numpy as np

from hoiquy.recipe.tokenizer import build_tokenizer
from hoiquy.runs.files import SUBWORDS
from hoiquy.runs.folder import Run
from hoiquy.system.checksummed_files import read_checksummed
from hoiquy.text import LAB, Subwords, Tokenizer

OWN_WORDS = "own words"  # in the settings of a baseline that splits as in its paper
_BETWEEN_SPACES = r"[^ ]+"
_CHARACTERS = 3  # longest character n-gram
_SAMPLED_TEXTS = 2000  # evenly spaced, to measure the share of known words


def tokens_of(runs: Sequence[Run]) -> "Tokens":
    """The tokens of the first run that reads characters, otherwise of the first run.

    Raises RunError if the subwords of a run are damaged.
    """
    run = next((run for run in runs if run.recipe.text.tokenizer == "characters"), runs[0])
    has_subwords = run.recipe.text.tokenizer == "subword"
    subwords = Subwords(read_checksummed(run.folder, SUBWORDS)) if has_subwords else None
    return Tokens(build_tokenizer(run.recipe.text, subwords))


class _Counter(Protocol):
    """A fitted vectorizer of scikit-learn."""

    vocabulary_: Mapping[str, int]

    def build_preprocessor(self) -> Any: ...
    def build_tokenizer(self) -> Any: ...


@dataclass(frozen=True)
class Tokens:
    """How texts are split into counted tokens. rules: the network's tokenizer."""

    rules: Tokenizer = LAB

    @property
    def as_authors_do(self) -> bool:
        """Whether each baseline uses its own token pattern."""
        return self.rules.tokenizer == "keras"

    def prepared(self, text: str) -> str:
        """The text in lower case; tokens of the network are separated by spaces.

        Always in NFC: scikit-learn's patterns do not match combining marks.
        """
        if self.as_authors_do:
            return unicodedata.normalize("NFC", self.rules.normalized(text)).lower()
        return self.rules.spaced(text).decode("utf-8", "surrogatepass")

    def counting(self, pattern: str, longest: int) -> dict[str, Any]:
        """Arguments of scikit-learn's vectorizers.

        pattern, longest: the baseline's own token pattern and longest n-gram.
        """
        return {
            "preprocessor": self.prepared,
            "token_pattern": pattern if self.as_authors_do else _BETWEEN_SPACES,
            "ngram_range": (1, self._longest(longest)),
        }

    def facts(self, longest: int) -> dict[str, str]:
        """The settings of a baseline that determine its tokens."""
        rules = self.rules
        longest_ngram = self._longest(longest)
        normalization = "nfc" if rules.normalization == "none" else rules.normalization
        facts = {
            "words": f"1-{longest_ngram}" if longest_ngram > 1 else "1",
            "tokens": OWN_WORDS if self.as_authors_do else rules.tokenizer,
            "normalization": normalization if self.as_authors_do else rules.normalization,
            "segmentation": rules.segmentation,
        }
        if rules.subwords is not None:
            facts["subwords"] = sha256(rules.subwords.model).hexdigest()
        return facts

    def _longest(self, longest: int) -> int:
        return _CHARACTERS if self.rules.tokenizer == "characters" else longest


def known_shares(counter: _Counter, texts: Sequence[str]) -> tuple[float, float]:
    """The share of words that the training documents have, and of texts with such a word.

    Punctuation is not counted. Both shares are 1 without texts.
    """
    if not len(texts):
        return 1.0, 1.0
    prepared, split, known = (
        counter.build_preprocessor(), counter.build_tokenizer(), counter.vocabulary_,
    )  # fmt: skip
    rows = np.linspace(0, len(texts) - 1, min(_SAMPLED_TEXTS, len(texts))).astype(int).tolist()
    words = [[word for word in split(prepared(texts[row])) if _is_word(word)] for row in rows]
    found = [sum(word in known for word in text_words) for text_words in words]
    return sum(found) / max(sum(map(len, words)), 1), sum(map(bool, found)) / len(rows)


def _is_word(token: str) -> bool:
    return not all(unicodedata.category(character).startswith("P") for character in token)
