"""Tokenizer: normalization, segmentation and splitting of a text into words.

The same tokenizer builds the vocabulary, encodes for training and serving, and is exported with the
model.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from hoiquy.text.segmentation import Segmentation, segmenter
from hoiquy.text.subwords import Subwords
from hoiquy.text.tokens import spaced
from hoiquy.text.unicode_words import unicode_words
from hoiquy.text.vietnamese import normalize_vietnamese
from hoiquy.text.whitespace import whitespace_words

Normalization = Literal["none", "nfc", "vietnamese"]
TokenizerKind = Literal[
    "keras", "unicode", "unicode+punctuation", "characters", "subword",
    "whitespace", "whitespace+lower", "whitespace+strip", "whitespace+lower+strip",
]  # fmt: skip

UNICODE = {"unicode": False, "unicode+punctuation": True}  # whether punctuation marks are words

_BLANK = "▁"  # white space, where characters are words


@dataclass(frozen=True)
class Tokenizer:
    """How a text is split into words.

    Attributes:
        normalization: "none"; "nfc" composes Unicode; "vietnamese" composes and unifies the
            spelling (`vietnamese.py`).
        tokenizer: "keras" splits as the lab (`tokens.py`), "unicode" for any language
            (`unicode_words.py`), "unicode+punctuation" also makes words of punctuation marks;
            "characters" and "subword" as named. All these lower-case the text. "whitespace" splits
            as Keras' TextVectorization (`whitespace.py`); "+lower" lower-cases, "+strip" removes
            punctuation.
        segmentation: Package that joins the syllables of Vietnamese words with "_".
        subwords: The trained pieces, for "subword" only.
    """

    normalization: Normalization = "none"
    tokenizer: TokenizerKind = "keras"
    segmentation: Segmentation = "none"
    subwords: Subwords | None = field(default=None, compare=False, repr=False)

    def normalized(self, text: str) -> str:
        """The text after normalisation and segmentation."""
        if self.normalization != "none":
            text = unicodedata.normalize("NFC", text)
        if self.segmentation != "none":
            text = segmenter(self.segmentation)(text)
        # last, since segmenters change the spelling
        return normalize_vietnamese(text) if self.normalization == "vietnamese" else text

    def spaced(self, text: str) -> bytes:
        """The words of a text in UTF-8, separated by one or more spaces.

        Raises MissingExtraError if the segmentation package is not installed.
        """
        return self._split()(self.normalized(text))

    def words(self, text: str) -> list[str]:
        """The words of a text, in order; none is empty."""
        return list(filter(None, self.spaced(text).decode("utf-8", "surrogatepass").split(" ")))

    def _split(self) -> Callable[[str], bytes]:
        if self.tokenizer in UNICODE:
            return partial(unicode_words, punctuation=UNICODE[self.tokenizer])
        if self.tokenizer == "characters":
            return _characters
        if self.tokenizer == "subword":
            assert self.subwords is not None, "subwords are trained before texts are split"
            return self.subwords.cut
        if self.tokenizer.startswith("whitespace"):
            options = self.tokenizer.split("+")
            return partial(whitespace_words, lower="lower" in options, strip="strip" in options)
        return spaced


def _characters(text: str) -> bytes:
    words = [" ".join(word) + f" {_BLANK}" for word in text.lower().split()]
    return " ".join(words).encode("utf-8", "surrogatepass")


LAB = Tokenizer()
