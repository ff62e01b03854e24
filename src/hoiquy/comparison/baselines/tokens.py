"""What a baseline counts in a text: the tokens of the networks that it is compared with.

Where those read characters, so does the baseline, with runs of up to three of them. Only beside the
lab's tokenizer, which cannot be told from splitting at white space, each baseline splits as its
authors do.
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

OWN_WORDS = "own words"  # in the settings of a baseline that splits as its authors do
_BETWEEN_SPACES = r"[^ ]+"
_CHARACTERS = 3  # as many together are counted where characters are read
_LOOKED_AT = 2000  # texts, evenly spaced, to find out whether they could be read


def tokens_of(runs: Sequence[Run]) -> "Tokens":
    """What baselines beside these runs read: as the first that reads characters, else the first.

    Raises RunError for a damaged run of subwords.
    """
    run = next((run for run in runs if run.recipe.text.tokenizer == "characters"), runs[0])
    has_subwords = run.recipe.text.tokenizer == "subword"
    subwords = Subwords(read_checksummed(run.folder, SUBWORDS)) if has_subwords else None
    return Tokens(build_tokenizer(run.recipe.text, subwords))


class _Counter(Protocol):
    """A vectorizer of scikit-learn that has been fitted."""

    vocabulary_: Mapping[str, int]

    def build_preprocessor(self) -> Any: ...
    def build_tokenizer(self) -> Any: ...


@dataclass(frozen=True)
class Tokens:
    """How texts become what is counted. rules: of the network."""

    rules: Tokenizer = LAB

    @property
    def as_authors_do(self) -> bool:
        """Whether each baseline splits texts by its own pattern."""
        return self.rules.tokenizer == "keras"

    def prepared(self, text: str) -> str:
        """The text before it is split, in lower case; with a space between tokens that are given.

        NFC, whatever the network reads: combining marks are no letters to scikit-learn.
        """
        if self.as_authors_do:
            return unicodedata.normalize("NFC", self.rules.normalized(text)).lower()
        return self.rules.spaced(text).decode("utf-8", "surrogatepass")

    def counting(self, pattern: str, longest: int) -> dict[str, Any]:
        """Arguments of scikit-learn's vectorizers.

        pattern, longest: the baseline's own, what a word is and how many are counted together.
        """
        return {
            "preprocessor": self.prepared,
            "token_pattern": pattern if self.as_authors_do else _BETWEEN_SPACES,
            "ngram_range": (1, self._together(longest)),
        }

    def facts(self, longest: int) -> dict[str, str]:
        """What decides the tokens, for the settings of a baseline."""
        rules = self.rules
        together = self._together(longest)
        normalization = "nfc" if rules.normalization == "none" else rules.normalization
        facts = {
            "words": f"1-{together}" if together > 1 else "1",
            "tokens": OWN_WORDS if self.as_authors_do else rules.tokenizer,
            "normalization": normalization if self.as_authors_do else rules.normalization,
            "segmentation": rules.segmentation,
        }
        if rules.subwords is not None:
            facts["subwords"] = sha256(rules.subwords.model).hexdigest()
        return facts

    def _together(self, longest: int) -> int:
        return _CHARACTERS if self.rules.tokenizer == "characters" else longest


def known_shares(counter: _Counter, texts: Sequence[str]) -> tuple[float, float]:
    """Of the words of some texts, and of these texts: the share that training documents have.

    Of texts, those with at least one such word. Punctuation is no word here. Both are 1 where there
    are no texts.
    """
    if not len(texts):
        return 1.0, 1.0
    prepared, split, known = (
        counter.build_preprocessor(), counter.build_tokenizer(), counter.vocabulary_,
    )  # fmt: skip
    rows = np.linspace(0, len(texts) - 1, min(_LOOKED_AT, len(texts))).astype(int).tolist()
    words = [[word for word in split(prepared(texts[row])) if _is_word(word)] for row in rows]
    found = [sum(word in known for word in of_text) for of_text in words]
    return sum(found) / max(sum(map(len, words)), 1), sum(map(bool, found)) / len(rows)


def _is_word(token: str) -> bool:
    return not all(unicodedata.category(character).startswith("P") for character in token)
